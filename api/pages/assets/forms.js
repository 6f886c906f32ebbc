// Forms that post to pages: sent without loading a new page, and nothing that was typed is lost when something comes in
// between. They need no change for it; without this module the browser sends them.
//   under way     the button is off; a second press does nothing
//   no network    said beside the button, the same button tries again
//   signed out    a dialog over the page; after signing in the form is sent
//   409 and the like   the page that was answered, with a word on top; what was typed stays (drafts.js)
//   429, 503      counted down beside the button, which then works again
// data-undo="Declined." on a form: the words stand in a toast with "Undo" for ten seconds before the form is sent.
// data-plain leaves a form to the browser; not in the Mini App, whose token the browser would not send.
import { isLost } from "./connection.js";
import { draftsOf } from "./drafts.js";
import { go, isOurs, load, isPlain, refresh, show, whileShown } from "./navigate.js";
import { isSignedOut, request, retryAfter, token } from "./request.js";
import { say } from "./texts.js";
import { later, toast } from "./toasts.js";

const underWay = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  const method = (button?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toLowerCase();
  const action = new URL(button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href);
  if (event.defaultPrevented || form.hasAttribute("target") || !["get", "post"].includes(method) || !isOurs(action) || (isPlain(form) && !token())) return;
  event.preventDefault();
  const fields = new FormData(form, button);
  if (method === "get") {
    action.search = new URLSearchParams(fields);
    go(action);
    return;
  }
  if (underWay.has(form)) return;
  const isPhoto = form.getAttribute("enctype") === "multipart/form-data";
  const sent = { form, button, action, body: isPhoto ? fields : new URLSearchParams(fields), forget: draftsOf(form) };
  if (form.dataset.undo) holdBack(sent);
  else send(sent);
});

function holdBack(sent) {
  const { form, button } = sent;
  underWay.add(form);
  form.inert = true;
  later(form.dataset.undo, () => { release(sent); send(sent); }, () => { release(sent); button?.focus(); });
}

function release({ form }) {
  underWay.delete(form);
  form.inert = false;
}

async function send(sent) {
  const { form, button, action, body, forget } = sent;
  underWay.add(form);
  form.ariaBusy = "true";
  if (button) button.disabled = true;
  unsay(form);
  try {
    const answer = await whileShown(request("POST", action, body));
    if (isSignedOut(answer)) return await signInAndSend(sent);
    const seconds = retryAfter(answer);
    if (seconds !== null) return await countDown(sent, await wordsOf(answer), seconds);
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
    if (!isPage || (!answer.ok && (await isProblem(answer)))) return sayIn(sent, await wordsOf(answer));
    if (answer.ok) forget();
    if (!form.isConnected) return answer.ok ? await refresh() : toast(await wordsOf(answer)); // the reader has gone on meanwhile
    if (!(await show(answer, { push: answer.redirected }))) load(answer.url);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    sayIn(sent, say((await isLost()) ? "offline_form" : "not_done"));
  } finally {
    underWay.delete(form);
    form.ariaBusy = null;
    if (button && button.dataset.until === undefined) button.disabled = false;
  }
}

// A page that only says what went wrong would take the form away: its words are said beside the form.
const isProblem = async (answer) => (await read(answer)).querySelector("main[data-problem]") !== null;

async function read(answer) {
  return new DOMParser().parseFromString(await answer.clone().text(), "text/html");
}

async function wordsOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  let words = say("not_done");
  if (type.startsWith("text/html")) words = (await read(answer)).querySelector("main [role=alert]")?.textContent ?? words;
  else if (type.includes("json")) words = (await answer.clone().json()).detail ?? words;
  return answer.status >= 500 && answer.status !== 503 ? `${words} (${answer.headers.get("X-Request-Id")})` : words;
}

// ---- beside the button ---------------------------------------------------------------------------------------------

const unsay = (form) => form.querySelector(".in-form")?.remove();

function sayIn({ form, button }, words) {
  if (!form.isConnected) return toast(words);
  unsay(form);
  const said = document.createElement("p");
  said.className = "notice in-form";
  said.setAttribute("role", "alert");
  said.textContent = words;
  (button?.closest(".buttons") ?? button ?? form.lastElementChild).after(said);
  queueMicrotask(() => button?.focus());
  return said;
}

async function countDown(sent, words, seconds) {
  const { form, button } = sent;
  const said = sayIn(sent, `${words} `);
  if (button) button.dataset.until = String(seconds);
  if (said instanceof Element) {
    const number = Object.assign(document.createElement("span"), { ariaHidden: "true", className: "seconds" });
    said.append(number);
    for (let left = seconds; left > 0 && form.isConnected; left--) {
      number.textContent = say("seconds", { n: left });
      await new Promise((done) => setTimeout(done, 1000));
    }
    said.textContent = say("works_again");
  }
  if (button) delete button.dataset.until;
}

async function signInAndSend(sent) {
  const { signInAgain } = await import("./sign_in_again.js");
  if (await signInAgain()) {
    underWay.delete(sent.form);
    await send(sent);
  } else sayIn(sent, say("signed_out_kept"));
}
