// Short words at the bottom of the page, and the time in which something may be undone before it is done.
//   toast(say("saved"))
//   later(text, act, taken)   calls act() after ten seconds, or when the page is left; "Undo" calls taken() instead
// Toasts stay over a change of page. They wait while the pointer or the focus is in them.
import { say } from "./texts.js";

const SHOWN_MS = 6000;
const UNDO_MS = 10000;

export function toast(text, { label, act, ended, ms = SHOWN_MS } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(Object.assign(document.createElement("p"), { textContent: text, dir: "auto" }));
  let timer = 0, isOver = false;
  const close = (call) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    box.remove();
    call?.();
  };
  const run = () => { timer = setTimeout(close, ms, ended); };
  if (label) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.addEventListener("click", () => close(act));
    box.append(button);
  }
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) box.addEventListener(event, () => { clearTimeout(timer); if (!isOver) run(); });
  document.getElementById("toasts").append(box);
  run();
  return { close, end: () => close(ended) };
}

const waiting = new Set();

export function later(text, act, taken) {
  const end = (call) => () => { waiting.delete(shown); call?.(); };
  const shown = toast(text, { label: say("undo"), act: end(taken), ended: end(act), ms: UNDO_MS });
  waiting.add(shown);
}

// Whoever closes the page has not undone it.
addEventListener("pagehide", () => { for (const shown of [...waiting]) shown.end(); });
