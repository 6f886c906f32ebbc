// Conversations: the list is kept current, and one is written in, read, caught up with and scrolled back in.
import { ask } from "./ask.js";
import * as live from "./live.js";
import { pressOver, refresh } from "./navigate.js";
import * as outbox from "./outbox.js";
import { OTHER_ACCOUNT, request } from "./request.js";
import { Talk } from "./talk.js";
import { say } from "./texts.js";
import { later } from "./toasts.js";

const TYPING_MS = 3000; // a sign of writing goes out this often at most …
const TYPING_SHOWS_MS = 5000; // … and shows so long
const HEARTBEAT_MS = 12000;
const LIST_MS = 500; // several messages come at once
const PAGE = 50;
const NEAR_PX = 300;
const MAX_SIDE = 1600;

export function mount(main) {
  const ends = [keepList(main)];
  const pane = main.querySelector("#talk");
  if (pane) ends.push(openTalk(main, pane));
  return () => ends.forEach((end) => end());
}

// ---- the list ------------------------------------------------------------------------------------------------------

function keepList(main) {
  let timer = 0;
  const draw = async () => {
    const answer = await request("GET", "/chats").catch(() => null);
    await pressOver(main);
    if (!answer?.ok || answer.redirected || !main.isConnected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".chat-list .lines");
    const shown = main.querySelector(".chat-list .lines");
    if (!found || !shown) return;
    const focused = document.activeElement?.closest(".chat-list [data-chat]")?.dataset.chat;
    const open = main.querySelector("#talk")?.dataset.swap;
    if (open) found.querySelector(`[data-chat="${CSS.escape(open)}"]`)?.setAttribute("aria-current", "page");
    shown.replaceWith(document.adoptNode(found));
    if (focused) found.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(draw, LIST_MS); };
  const offs = ["chat:receive", "chat:edited", "chat:deleted", "chat:read", "resync_required"].map((event) => live.on(event, soon));
  return () => { clearTimeout(timer); offs.forEach((off) => off()); };
}

// ---- one conversation ----------------------------------------------------------------------------------------------

function openTalk(main, pane) {
  const me = document.body.dataset.me, listening = new AbortController(), { signal } = listening;
  const talk = new Talk(pane, me);
  const $ = (id) => pane.querySelector(`#${id}`);
  const words = $("words"), form = $("say"), draftKey = `chat-draft:${me}:${talk.swap}`;
  const about = {}; // { reply: seq } or { edit: seq } while one is answered or edited
  let isOld = false; // drawn anew once that is done: its words would go out as a message of their own
  const redraw = () => { if (about.reply || about.edit) isOld = true; else refresh(); };
  const hint = (text) => { $("hint").textContent = text; };
  const isWatching = () => document.visibilityState === "visible" && !signal.aborted;

  // Catching up: everything since the last sync. One at a time; asked for meanwhile, once more.
  let catching = false, isBehind = false;
  async function catchUp() {
    isBehind = true;
    while (isBehind && !catching && !signal.aborted) {
      isBehind = false;
      catching = true;
      await sync().catch(() => {}); // the next connection tries again
      catching = false;
    }
  }

  async function sync() {
    for (let more = true; more && !signal.aborted; ) {
      const answer = await live.call("chat:sync", { swap_id: talk.swap, after: talk.after, changes: talk.changes });
      if (!answer.ok) return hint(answer.error.detail);
      if (answer.resync_required) return redraw();
      talk.catchUp(answer);
      more = answer.has_more;
    }
    showPending();
    sayRead();
  }

  let reading = false;
  async function sayRead() {
    while (!reading && isWatching() && talk.newest > (talk.reads[me] ?? 0)) {
      reading = true;
      try {
        const answer = await live.call("chat:read", { swap_id: talk.swap, seq: talk.newest });
        if (!answer.ok || answer.seq <= (talk.reads[me] ?? 0)) return;
        talk.markRead(me, answer.seq);
      } catch { return; } finally { reading = false; } // said again after the next sync
    }
  }

  const heartbeat = () => { if (isWatching()) live.tell("chat:open", { swap_id: talk.swap }); };
  const showPending = async () => talk.showPending(await outbox.list(talk.swap));

  // What others are doing.
  let typingEnds = 0;
  function showTyping(person) {
    clearTimeout(typingEnds);
    $("typing").textContent = person ? say("is_typing", { name: talk.name(person) }) : "";
    if (person) typingEnds = setTimeout(showTyping, TYPING_SHOWS_MS);
  }

  const here = (act) => (said) => { if (said.swap_id === talk.swap) act(said); };
  const events = {
    up: () => { hint(""); heartbeat(); catchUp(); },
    down: () => hint(say("offline")),
    signed_out: () => hint(say("signed_out")),
    refused: ({ code, detail }) => hint(code === OTHER_ACCOUNT ? detail : say("signed_out")),
    "chat:receive": here((message) => {
      if (!talk.receive(message)) return catchUp();
      if (message.from_user_id !== me) showTyping();
      sayRead();
    }),
    "chat:edited": here((message) => { if (talk.messages.has(message.seq)) talk.keep(message); }),
    "chat:deleted": here((message) => { if (talk.messages.has(message.seq)) talk.keep(message); }),
    "chat:read": here((mark) => talk.markRead(mark.user_id, mark.seq)),
    "chat:typing": here((said) => showTyping(said.user_id)),
    resync_required: () => catchUp(),
    outbox: here(async ({ client_id, sent }) => {
      if (sent?.is_screened) return redraw();
      if (sent) { talk.arrived.add(client_id); if (!talk.receive(sent)) catchUp(); }
      showPending();
    }),
  };
  const offs = Object.entries(events).map(([event, listener]) => live.on(event, listener));
  const beat = setInterval(heartbeat, HEARTBEAT_MS);
  document.addEventListener("visibilitychange", () => {
    if (isWatching()) { heartbeat(); catchUp(); } else live.tell("chat:close", { swap_id: talk.swap });
  }, { signal });

  // ---- older and newer -----------------------------------------------------------------------------------------------

  let loading = false;
  async function load(query, act) {
    if (loading) return;
    loading = true;
    const answer = await ask("GET", `/api/chat/${talk.swap}?limit=${PAGE}&${query}`).catch(() => ({ ok: false }));
    if (answer.ok && !signal.aborted) act(answer.said);
    loading = false;
  }

  const older = () => load(`before=${talk.first}`, (found) => {
    talk.prepend(found);
    if (found.length < PAGE || talk.first === 1) $("earlier")?.remove();
    talk.onunseen();
  });
  const newer = () => load(`after=${talk.last}`, (found) => {
    talk.hasNewer = false;
    for (const message of found) talk.keep(message);
    talk.hasNewer = found.length === PAGE;
  });
  async function toEnd() {
    if (talk.hasNewer) await load("", (found) => talk.replace(found, false));
    talk.log.scrollTop = 0;
    seen();
  }
  function seen() { talk.unseen = 0; talk.onunseen(); }
  talk.onunseen = () => {
    const isShown = talk.unseen > 0 || talk.hasNewer;
    $("to-end").hidden = !isShown;
    $("to-end").querySelector("span").textContent = talk.unseen ? say("new", { n: talk.unseen }) : say("to_newest");
  };
  talk.log.addEventListener("scroll", () => {
    const { scrollTop, scrollHeight, clientHeight } = talk.log;
    if (scrollHeight + scrollTop - clientHeight < NEAR_PX && $("earlier") && talk.lines.size) older();
    if (talk.isAtEnd && talk.hasNewer) newer();
    else if (talk.isAtEnd) seen();
  }, { signal });
  $("to-end").addEventListener("click", toEnd, { signal });

  async function jump(seq) {
    if (!talk.lines.has(seq)) {
      await load(`before=${seq + PAGE / 2}`, (found) => talk.replace(found, true));
      talk.onunseen();
    }
    const line = talk.lines.get(seq);
    line?.scrollIntoView({ block: "center" });
    line?.classList.add("found");
    setTimeout(() => line?.classList.remove("found"), 1500);
  }

  // ---- writing -------------------------------------------------------------------------------------------------------

  function setAbout(kind, seq) {
    delete about.reply;
    delete about.edit;
    if (kind) about[kind] = seq;
    const text = talk.messages.get(seq)?.message ?? "";
    $("about").hidden = !kind;
    $("about-words").textContent = kind ? say(kind === "edit" ? "editing" : "replying", { text: text.slice(0, 80) || say("photo") }) : "";
    if (kind === "edit") words.value = text;
    if (kind) words.focus();
    else if (isOld) refresh();
  }

  function keepDraft() {
    try {
      if (words.value && !about.edit) localStorage.setItem(draftKey, words.value);
      else if (!about.edit) localStorage.removeItem(draftKey);
    } catch { /* no storage: it is in the field */ }
  }

  async function change(method, seq, body) {
    const answer = await ask(method, `/api/chat/${talk.swap}/${seq}`, body).catch(() => ({ ok: false, detail: say("not_done") }));
    hint(answer.ok ? (answer.said.is_screened ? say("screened_edit") : "") : answer.detail);
    if (answer.ok && !answer.said.is_screened) talk.keep(answer.said);
    return answer.ok;
  }

  function remove(seq) {
    const line = talk.lines.get(seq);
    line.hidden = true;
    words?.focus();
    later(say("will_be_deleted"), async () => { if (!(await change("DELETE", seq))) line.hidden = false; }, () => { line.hidden = false; });
  }

  async function write() {
    const message = words.value, { edit, reply } = about;
    if (!message.trim()) return;
    words.value = "";
    setAbout();
    keepDraft();
    if (edit) {
      if (!(await change("PUT", edit, { message }))) { setAbout("edit", edit); words.value = message; }
    } else {
      if (talk.hasNewer) await toEnd();
      talk.log.scrollTop = 0;
      await outbox.add({ swap_id: talk.swap, message, ...(reply && { reply_to: reply }) });
    }
  }

  if (words) {
    try { words.value ||= localStorage.getItem(draftKey) ?? ""; } catch { /* no storage */ }
    const edited = form.querySelector("[name=seq]"), answered = form.querySelector("[name=reply]");
    if (edited) about.edit = Number(edited.value);
    else if (answered) about.reply = Number(answered.value);
    form.addEventListener("submit", (event) => { event.preventDefault(); write(); }, { signal });
    let typedAt = 0;
    words.addEventListener("input", () => {
      keepDraft();
      if (about.edit || Date.now() - typedAt < TYPING_MS) return;
      typedAt = Date.now();
      live.tell("chat:typing", { swap_id: talk.swap });
    }, { signal });
    words.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey) return;
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); write(); }
      if (event.key === "Escape" && !$("about").hidden) stop();
      if (event.key === "ArrowUp" && !words.value) {
        const own = [...talk.messages.values()].filter((one) => one.from_user_id === me && !one.deleted_at).map((one) => one.seq);
        if (own.length) { event.preventDefault(); setAbout("edit", Math.max(...own)); }
      }
    }, { signal });
    $("photo").addEventListener("change", async () => {
      const [file] = $("photo").files;
      $("photo").value = "";
      if (file) await outbox.add({ swap_id: talk.swap, message: "", photo: await smaller(file) });
    }, { signal });
  }

  function stop() {
    if (about.edit) words.value = "";
    setAbout();
    words.focus();
  }

  pane.addEventListener("click", async (event) => {
    const pressed = event.target.closest("[data-tool], [data-jump], [data-refused], #about-cancel, #earlier a");
    if (!pressed) return;
    event.preventDefault();
    const { tool, jump: to, refused, id } = pressed.dataset, seq = Number(pressed.closest("[data-seq]")?.dataset.seq);
    if (tool) pressed.closest("details").open = false;
    if (to) jump(Number(to));
    else if (tool === "delete") remove(seq);
    else if (tool) setAbout(tool, seq);
    else if (refused) {
      if (refused === "edit") words.value = (await outbox.list(talk.swap)).find((one) => one.client_id === id)?.message ?? "";
      await outbox.drop(id);
      keepDraft();
      words.focus();
    } else if (pressed.id === "about-cancel") stop();
    else older();
  }, { signal });

  showPending();
  if (live.isUp()) events.up();
  live.connect();
  if (location.hash.startsWith("#m")) jump(Number(location.hash.slice(2)));
  return () => {
    listening.abort();
    clearInterval(beat);
    clearTimeout(typingEnds);
    offs.forEach((off) => off());
    live.tell("chat:close", { swap_id: talk.swap });
  };
}

// A photo at most MAX_SIDE wide and high, as JPEG; what this device cannot read goes as it is, and the server says why not.
async function smaller(file) {
  try {
    const image = await createImageBitmap(file), scale = MAX_SIDE / Math.max(image.width, image.height);
    if (scale >= 1) return file;
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85))) ?? file;
  } catch {
    return file;
  }
}
