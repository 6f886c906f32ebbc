// Keys: "/" to the search; "g" and then d, s, c, m to Discover, Swaps, Chats, Me; j and k down and up a list (links with
// the class "line", or elements with data-row); Enter opens, as on any link; Escape follows the link with data-back, or closes what is
// open. Never inside fields. A checkbox with data-keys-switch turns the single keys off on this device. Alt with the arrows goes to
// the conversation above and below: always, and from fields, too.
import { go } from "./navigate.js";

const PLACES = { d: "discover", s: "swaps", c: "chats", m: "me" };
const ARROWS = { ArrowUp: -1, ArrowDown: 1 };
const OFF = "keys-off";
const AFTER_G_MS = 1500;
let gAt = 0;

const isOff = () => { try { return localStorage.getItem(OFF) !== null; } catch { return false; } };
const isTyping = (element) => element?.matches?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]") ?? false;

function step(by) {
  const rows = [...document.querySelectorAll("#main a.line, #main [data-row]")].filter((row) => row.checkVisibility?.() ?? true);
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const here = at < 0 ? rows.findIndex((row) => row.hasAttribute("aria-current")) : at;
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  (next?.matches("a, button, [tabindex]") ? next : next?.querySelector("a, button"))?.focus();
  return next !== undefined;
}

function escape() {
  const open = document.activeElement?.closest("details[open]");
  if (open && open.closest("#main")) {
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  }
  const back = [...document.querySelectorAll("#main [data-back]")].find((link) => link.checkVisibility?.() ?? true);
  back?.click();
  return Boolean(back);
}

function pressAlt(key) {
  if (!ARROWS[key]) return false;
  const links = [...document.querySelectorAll("#main .chat-list [data-chat]")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[at < 0 ? 0 : at + ARROWS[key]];
  if (next) go(next.href);
  return next !== undefined;
}

function press(key) {
  if (Date.now() - gAt < AFTER_G_MS && PLACES[key]) {
    gAt = 0;
    const link = document.querySelector(`[data-place="${PLACES[key]}"]`);
    if (link) go(link.href);
    return Boolean(link);
  }
  gAt = key === "g" ? Date.now() : 0;
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key !== "/") return false;
  const field = document.querySelector("#main :is(search, [role=search]) input:not([type=hidden]), #main input[type=search]");
  if (field) field.focus();
  else document.querySelector('[data-place="discover"]')?.click();
  return true;
}

function act({ altKey, key, target }) {
  if (altKey) return pressAlt(key);
  if (isTyping(target)) return false;
  if (key === "Escape") return escape();
  return !isOff() && press(key);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (act(event)) event.preventDefault();
});

// The switch in the settings.
const showSwitch = () => { for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = !isOff(); };
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-keys-switch]")) return;
  try {
    if (target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch { showSwitch(); }
});
document.addEventListener("page", showSwitch);
