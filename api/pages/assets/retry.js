// A page that cannot be shown right now: it counts down until it may be asked for again, as forms do.
import { say } from "./texts.js";

export function mount(main) {
  const [link, left] = [main.querySelector("[data-again]"), main.querySelector("[data-left]")];
  let seconds = Number(main.dataset.seconds);
  function count() {
    link.ariaDisabled = seconds > 0 ? "true" : null;
    left.textContent = seconds > 0 ? say("seconds", { n: seconds }) : say("works_again");
    if (seconds-- <= 0) clearInterval(timer);
  }
  const timer = setInterval(count, 1000);
  const wait = (event) => { if (link.ariaDisabled) event.preventDefault(); };
  link.addEventListener("click", wait);
  count();
  return () => clearInterval(timer);
}
