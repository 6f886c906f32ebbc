// The home page: answer requests, and talk in running swaps.
import { Live } from "/page/live.js";

const me = document.querySelector("main").dataset.me;
const $ = (id) => document.getElementById(id);
const chat = { swap: null, seen: 0, known: new Set() };

const hint = (text) => { $("hint").textContent = text; };
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// Everything that people wrote enters the page as text, never as markup.
function show(message) {
  if (message.swap_id !== chat.swap || chat.known.has(message._id)) return;
  chat.known.add(message._id);
  const line = document.createElement("li");
  if (message.from_user_id === me) line.className = "mine";
  if (message.photo_url) {
    const photo = document.createElement("img");
    photo.src = message.photo_url;
    photo.alt = "Photo";
    line.append(photo);
  }
  const at = document.createElement("time");
  at.dateTime = message.created_at;
  at.textContent = new Date(message.created_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  line.append(message.message, at);
  $("log").append(line);
  $("log").scrollTop = $("log").scrollHeight;
}

// A number that jumps says that something was missed: ask for it before showing what came.
async function receive(message) {
  if (message.swap_id !== chat.swap) return;
  if (message.seq > chat.seen + 1) return catchUp();
  chat.seen = Math.max(chat.seen, message.seq);
  show(message);
}

async function catchUp() {
  const swap = chat.swap;
  for (let more = swap !== null; more; ) {
    const answer = await live.call("chat:sync", { swap_id: swap, after: chat.seen });
    if (!answer.ok || swap !== chat.swap) return;
    for (const message of answer.messages) { chat.seen = Math.max(chat.seen, message.seq); show(message); }
    more = answer.has_more;
  }
}

async function openChat(swap, name) {
  Object.assign(chat, { swap, seen: 0, known: new Set() });
  $("log").replaceChildren();
  $("with").textContent = `Chat with ${name}`;
  $("chat").hidden = false;
  const answer = await fetch(`/api/chat/${swap}?limit=100`);
  if (!answer.ok) return hint((await answer.json()).detail);
  for (const message of await answer.json()) { chat.seen = Math.max(chat.seen, message.seq); show(message); }
  hint("");
  $("words").focus();
  $("chat").scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", `#${swap}`); // drawing the page again comes back to this chat
}

async function send(content) {
  const message = { swap_id: chat.swap, client_id: newId(), ...content };
  for (let tries = 0; tries < 3; tries++) {
    try {
      const answer = await live.call("chat:new", message);
      hint(answer.ok ? "" : answer.error.detail);
      return answer.ok;
    } catch { hint("Still trying to send …"); }
  }
  hint("Not sent. Try again.");
  return false;
}

$("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = $("words").value;
  if (!words.trim()) return;
  $("words").value = "";
  if (!(await send({ message: words }))) $("words").value ||= words;
});

$("photo").addEventListener("change", async () => {
  const form = new FormData();
  form.append("file", $("photo").files[0]);
  $("photo").value = "";
  hint("Sending the photo …");
  const answer = await fetch("/api/upload?purpose=chat", { method: "POST", body: form });
  const said = await answer.json();
  if (answer.ok) await send({ photo_url: said.secure_url });
  else hint(said.detail);
});

document.addEventListener("click", async (event) => {
  const { chat: swap, name, swap: answered, status, version } = event.target.dataset ?? {};
  if (swap) return openChat(swap, name);
  if (!answered) return;
  const answer = await fetch(`/api/swap/${answered}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ status, version: Number(version) }),
  });
  if (!answer.ok) alert((await answer.json()).detail);
  location.reload();
});

const live = new Live({
  up: () => { hint(""); catchUp(); },
  down: () => hint("The connection is lost; reconnecting …"),
  refused: () => location.reload(),
  "chat:receive": receive,
  resync_required: () => catchUp(),
  // The list of swaps is drawn by the server; a half-written message is not worth losing for it.
  "swap:updated": () => { if (!$("words").value) location.reload(); },
});

document.querySelector(`[data-chat="${CSS.escape(location.hash.slice(1))}"]`)?.click();
