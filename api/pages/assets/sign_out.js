// The question before signing out: it says what waits on this device, sends what can be sent meanwhile, and forgets the rest.
import { draftsKept, forget } from "./forget.js";
import { on } from "./live.js";
import * as outbox from "./outbox.js";
import { account } from "./request.js";
import { say } from "./texts.js";

export function mount(main) {
  const me = account(), kept = main.querySelector("#kept"), form = main.querySelector("form");
  if (!me) return;
  async function show() {
    const messages = (await outbox.all()).length, drafts = draftsKept(me);
    const parts = [messages && say("messages_wait", { n: messages }), drafts && say("drafts_wait", { n: drafts })].filter(Boolean);
    kept.textContent = [...parts, parts.length && say("gone_with_it")].filter(Boolean).join(" ");
    kept.hidden = !parts.length;
  }
  async function leave(event) {
    event.preventDefault();
    await forget(me).catch(() => {}); // no storage: nothing was kept
    form.submit();
  }
  form.addEventListener("submit", leave);
  const off = on("outbox", show);
  show();
  return () => { off(); form.removeEventListener("submit", leave); };
}
