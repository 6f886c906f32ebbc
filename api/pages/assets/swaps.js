// Swaps that change while they are looked at are drawn anew, unless something is being filled in: then the server says
// what has changed when the form is sent.
import { connect, on } from "./live.js";
import { pressOver, show } from "./navigate.js";
import { request } from "./request.js";

const EVENTS = ["swap:updated", "session:updated", "circle:updated", "review:revealed", "resync_required", "up"];
const TOGETHER_MS = 300; // several events of one change

export function mount(main) {
  const drawn = asSent(main);
  let timer = 0, isTouched = false;
  const isBusy = () => isTouched || !main.isConnected || main.querySelector("[aria-busy], [inert], details[open] form") !== null;

  async function look() {
    const answer = await request("GET", location.href).catch(() => null);
    await pressOver(document.body);
    if (!answer?.ok || isBusy()) return;
    const found = new DOMParser().parseFromString(await answer.clone().text(), "text/html").getElementById("main");
    if (!found || asSent(found) === drawn || isBusy()) return;
    await show(answer, { push: false, focus: false });
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, TOGETHER_MS);
  };
  const touch = () => { isTouched = true; };
  main.addEventListener("input", touch);
  const offs = EVENTS.map((event) => on(event, soon));
  connect();
  return () => {
    clearTimeout(timer);
    for (const off of offs) off();
    main.removeEventListener("input", touch);
  };
}

// The page as the server has sent it, but for the numbers of its forms, which are new each time.
const asSent = (main) => main.innerHTML.replace(/name="once" value="[^"]*"/g, "");
