// The home page: answer requests, and talk in running swaps and circles.
import { allAnswered, ask } from "./ask.js";
import "./circles.js";
import { Conversation } from "./conversation.js";
import * as live from "./live.js";
import { say } from "./texts.js";

const TYPING_MS = 3000; // a sign of writing goes out this often at most …
const TYPING_SHOWS_MS = 5000; // … and shows so long
const TRIES = 3;

const me = document.querySelector("main").dataset.me;
const $ = (id) => document.getElementById(id);
let chat = null; // the conversation that is open
let draft = {}; // {reply_to: seq} or {edit: seq} while one is answered or edited
let unread = {};

const hint = (text) => { $("hint").textContent = text; };
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// ---- catching up -------------------------------------------------------------------------------------------------

// Everything since the last sync: what was said, edited, deleted and read. One at a time; asked for meanwhile, once more.
let catching = false, isBehind = false;
async function catchUp() {
  isBehind = true;
  while (isBehind && !catching) {
    isBehind = false;
    catching = true;
    await sync().catch(() => {}); // the next connection tries again
    catching = false;
  }
}

async function sync() {
  for (let more = chat !== null; more; ) {
    const asked = chat;
    const place = asked.changes === null ? {} : { after: asked.after, changes: asked.changes };
    const answer = await live.call("chat:sync", { swap_id: asked.swap, ...place });
    if (!answer.ok) return hint(answer.error.detail);
    if (asked !== chat) { more = chat !== null; continue; } // another one was opened meanwhile
    if (answer.resync_required) { chat = new Conversation(chat.swap, chat.name, me, $("log"), chat.people); continue; }
    chat.catchUp(answer);
    more = answer.has_more;
  }
  sayRead();
}

// ---- presence, reading, writing ------------------------------------------------------------------------------------

const isWatching = () => chat !== null && document.visibilityState === "visible";

function heartbeat() {
  if (isWatching()) live.tell("chat:open", { swap_id: chat.swap });
}

document.addEventListener("visibilitychange", () => {
  if (isWatching()) { heartbeat(); catchUp(); } else if (chat) live.tell("chat:close", { swap_id: chat.swap });
});

let reading = false;
async function sayRead() {
  while (!reading && isWatching() && chat.newest > (chat.reads[me] ?? 0)) {
    reading = true;
    const asked = chat, seq = chat.newest;
    try {
      const answer = await live.call("chat:read", { swap_id: asked.swap, seq });
      if (!answer.ok) return;
      asked.markRead(me, answer.seq);
    } catch { return; } finally { reading = false; } // said again after the next sync
  }
  if (chat && isWatching()) showUnread(chat.swap, 0);
}

let typedAt = 0;
$("words").addEventListener("input", () => {
  if (chat && !draft.edit && Date.now() - typedAt > TYPING_MS) {
    typedAt = Date.now();
    live.tell("chat:typing", { swap_id: chat.swap });
  }
});

let typingEnds = 0;
function showTyping(on, who = "") {
  clearTimeout(typingEnds);
  $("typing").textContent = on ? say("is_typing", { name: chat.people[who] ?? chat.name }) : "";
  if (on) typingEnds = setTimeout(() => showTyping(false), TYPING_SHOWS_MS);
}

// ---- unread ------------------------------------------------------------------------------------------------------

function showUnread(swap, count) {
  unread[swap] = count;
  const link = document.querySelector(`[data-chat="${CSS.escape(swap)}"]`);
  if (link) link.textContent = count ? say("chat_unread", { n: count }) : say("chat");
}

async function loadUnread() {
  const answer = await ask("GET", "/api/chat").catch(() => ({ ok: false }));
  if (answer.ok) for (const one of answer.said) if (one.swap_id !== chat?.swap) showUnread(one.swap_id, one.unread);
}

// ---- saying ------------------------------------------------------------------------------------------------------

function setDraft(kind, seq) {
  draft = kind ? { [kind]: seq } : {};
  const words = kind ? chat.messages.get(seq)?.message ?? "" : "";
  $("about").hidden = !kind;
  const about = { text: words.slice(0, 80) || say("a_photo") };
  $("about-words").textContent = kind ? say(kind === "edit" ? "editing" : "replying", about) : "";
  if (kind === "edit") $("words").value = words;
  if (kind) $("words").focus();
}

async function send(content) {
  const message = { swap_id: chat.swap, client_id: newId(), ...content };
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const answer = await live.call("chat:new", message);
      hint(answer.ok ? "" : answer.error.detail);
      return answer.ok;
    } catch { hint(say("still_sending")); }
  }
  hint(say("not_sent"));
  return false;
}

async function change(method, seq, body) {
  const asked = chat;
  const answer = await ask(method, `/api/chat/${asked.swap}/${seq}`, body).catch(() => ({ ok: false, detail: say("not_done") }));
  hint(answer.ok ? "" : answer.detail);
  if (answer.ok) asked.keep(answer.said);
  return answer.ok;
}

$("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = $("words").value;
  if (!words.trim()) return;
  const { edit, reply_to } = draft;
  $("words").value = "";
  setDraft();
  if (!(edit ? await change("PUT", edit, { message: words }) : await send({ message: words, ...(reply_to && { reply_to }) }))) {
    $("words").value ||= words;
  }
});

$("about-cancel").addEventListener("click", () => {
  if (draft.edit) $("words").value = "";
  setDraft();
});

$("photo").addEventListener("change", async () => {
  const form = new FormData();
  form.append("file", $("photo").files[0]);
  $("photo").value = "";
  hint(say("sending_photo"));
  const answer = await fetch("/api/upload?purpose=chat", { method: "POST", body: form });
  const said = await answer.json();
  if (answer.ok) await send({ photo_url: said.secure_url });
  else hint(said.detail);
});

// ---- pressing ----------------------------------------------------------------------------------------------------

async function openChat(swap, name, people, pair) {
  if (chat && chat.swap !== swap) live.tell("chat:close", { swap_id: chat.swap });
  chat = new Conversation(swap, name, me, $("log"), people);
  setDraft();
  showTyping(false);
  $("with").textContent = `${say("chat_with", { name })} · ${pair}`; // two conversations with one person differ
  $("chat").hidden = false;
  $("words").focus();
  $("chat").scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", `#${swap}`); // drawing the page again comes back to this chat
  heartbeat();
  await catchUp();
}

document.addEventListener("click", async (event) => {
  const { chat: swap, name, people, pair, swap: answered, status, version, tool, of, jump } = event.target.dataset ?? {};
  if (swap) event.preventDefault();
  if (swap) return openChat(swap, name, people ? JSON.parse(people) : {}, pair);
  if (jump) return chat.jump(Number(jump));
  if (tool === "reply") return setDraft("reply_to", Number(of));
  if (tool === "edit") return setDraft("edit", Number(of));
  if (tool === "delete") return confirm(say("delete_for_all")) && change("DELETE", Number(of));
  if (!answered) return;
  const answer = await ask("PUT", `/api/swap/${answered}`, { status, version: Number(version) });
  if (!answer.ok) alert(answer.detail);
  location.reload();
});

// The list of swaps is drawn by the server; neither a half-written message nor an answer on its way is worth losing for
// it.
async function reloadList() {
  await allAnswered();
  if (!$("words").value) location.reload();
}

const here = (act) => (said) => { if (said.swap_id === chat?.swap) act(said); };

const listeners = {
  up: () => { hint(""); heartbeat(); catchUp(); loadUnread(); },
  down: () => hint(say("reconnecting")),
  refused: () => location.reload(),
  "chat:receive": (message) => {
    if (message.swap_id !== chat?.swap) {
      if (message.from_user_id !== me) showUnread(message.swap_id, (unread[message.swap_id] ?? 0) + 1);
    } else if (chat.receive(message)) {
      if (message.from_user_id !== me) showTyping(false);
      sayRead();
    } else catchUp();
  },
  "chat:edited": here((message) => { if (message.seq <= chat.after) chat.keep(message); }),
  "chat:deleted": here((message) => { if (message.seq <= chat.after) chat.keep(message); }),
  "chat:read": (mark) => {
    if (mark.user_id === me && mark.swap_id !== chat?.swap) showUnread(mark.swap_id, 0);
    else here((said) => chat.markRead(said.user_id, said.seq))(mark);
  },
  "chat:typing": here((said) => showTyping(true, said.user_id)),
  resync_required: () => catchUp(),
  "swap:updated": reloadList,
  "circle:updated": reloadList,
};
for (const [event, listener] of Object.entries(listeners)) live.on(event, listener);
live.connect();
setInterval(heartbeat, 12000);

document.querySelector(`[data-chat="${CSS.escape(location.hash.slice(1))}"]`)?.click();
