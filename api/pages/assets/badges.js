// The numbers of the navigation and of the title, kept current while the page is open: the server draws them, and what
// comes over the live connection has them counted anew.
import { ask } from "./ask.js";
import { connect, on } from "./live.js";
import { say } from "./texts.js";

const EVENTS = ["up", "swap:updated", "session:updated", "circle:updated", "review:revealed", "chat:receive", "chat:read", "chat:deleted"];
const WORDS = { swaps: "count_swaps", chats: "count_chats" };
const SETTLE_MS = 400; // several events come at once

let timer = 0;

const numberOf = (place) => Number(document.querySelector(`[data-place="${place}"] .count [aria-hidden]`)?.textContent ?? 0);

function show(place, n) {
  const box = document.querySelector(`[data-place="${place}"] .count`);
  if (!box) return;
  box.hidden = !n;
  box.querySelector("[aria-hidden]").textContent = n;
  box.querySelector(".unseen").textContent = n ? say(WORDS[place], { n }) : "";
}

function showInTitle() {
  const n = numberOf("swaps") + numberOf("chats");
  document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

async function count() {
  if (!document.querySelector('[data-place="swaps"]')) return; // a visitor, or somebody whose account rests
  const answer = await ask("GET", "/api/badges").catch(() => ({ ok: false }));
  if (!answer.ok) return;
  show("swaps", answer.said.waiting);
  show("chats", answer.said.unread);
  showInTitle();
}

document.addEventListener("page", () => { showInTitle(); start(); });

// With the first page of a reader: in the Mini App that is not the first one of all.
let isStarted = false;
function start() {
  if (isStarted || !document.body.dataset.me) return;
  isStarted = true;
  let isFirst = true;
  for (const event of EVENTS) {
    on(event, () => {
      if (event === "up" && isFirst) return void (isFirst = false); // the page is as new as the connection
      clearTimeout(timer);
      timer = setTimeout(count, SETTLE_MS);
    });
  }
  connect();
}
