// The one live connection of a page: a small Socket.IO client (one websocket, one namespace) that all modules share.
//   connect()              opens it, once; it comes back by itself after every loss
//   const off = on("chat:receive", (message) => …)     any number of listeners; off() takes this one away again
//   await call("chat:read", { … })    the acknowledgement, {ok: true, …} or {ok: false, error}; rejects without one
//   tell("chat:typing", { … })        says something that nothing hangs on
//   emit("outbox", { … })             tells listeners of this page alone
// Beside the server's events there are "up" (connected: catch up now), "down" (lost) and "refused" (the session is over).
// Packets are digits in front of JSON: "0" open, "2" ping, "3" pong, "40" connect, "42" event, "43" acknowledgement,
// "44" refused.
import { account, token } from "./request.js";

const ACK_MS = 10000;
const SILENT_MS = 50000; // the server pings every 25 s: after a sleep a connection may be dead without knowing it
const LONGEST_WAIT_MS = 5000;

const listeners = new Map(); // event → functions
const waiting = new Map(); // number of a call → its packet and what to do with the answer
let socket = null, up = false, away = false, calls = 0, failures = 0, heardAt = 0, timer = 0; // away: known to be offline

export const isUp = () => up;

export function on(event, listener) {
  if (!listeners.has(event)) listeners.set(event, new Set());
  listeners.get(event).add(listener);
  return () => listeners.get(event).delete(listener);
}

export function connect() {
  if (socket || timer || away) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = socket = new WebSocket(`${scheme}//${location.host}/api/socket/?EIO=4&transport=websocket`);
  opened.onmessage = (frame) => { if (opened === socket) read(frame.data); };
  opened.onclose = () => { if (opened === socket) lost(); };
}

/** Resolves with the acknowledgement; rejects when none comes in time. What a lost connection has left unanswered is
    said again on the next one: repeated, it must mean the same (a message has its client_id). */
export function call(event, data) {
  const id = calls++, text = `42${id}${JSON.stringify([event, data])}`;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => { waiting.delete(id); reject(new Error("no answer")); }, ACK_MS);
    waiting.set(id, { text, done(answer) { clearTimeout(late); waiting.delete(id); resolve(answer); } });
    if (up) socket.send(text);
  });
}

export function tell(event, data) {
  if (up) socket.send(`42${JSON.stringify([event, data])}`);
}

export function emit(event, data) {
  for (const listener of [...(listeners.get(event) ?? [])]) listener(data);
}

function read(text) {
  heardAt = Date.now();
  const kind = text[0] === "4" ? text.slice(0, 2) : text[0];
  if (kind === "0") socket.send(`40${JSON.stringify({ account: account(), ...(token() && { token: token() }) })}`);
  else if (kind === "2") socket.send("3");
  else if (kind === "40") {
    failures = 0;
    up = true;
    for (const { text: unanswered } of waiting.values()) socket.send(unanswered);
    emit("up");
  } else if (kind === "42") emit(...JSON.parse(text.slice(2)));
  else if (kind === "43") {
    const [, id, answer] = /^43(\d+)(.*)$/s.exec(text);
    waiting.get(Number(id))?.done(JSON.parse(answer)[0]);
  } else if (kind === "44") refused(JSON.parse(text.slice(2)).data ?? {});
}

// A full or stopping server is asked again later; anything else is not going to change by asking.
function refused(problem) {
  if (!(problem.status < 500) || problem.status === 429) return lost();
  close();
  emit("refused", problem);
}

function close() {
  const closed = socket;
  socket = null;
  up = false;
  closed?.close();
}

function lost(wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures++) * (0.5 + Math.random() / 2)) {
  const was = up;
  close();
  clearTimeout(timer);
  timer = setTimeout(again, wait);
  if (was || failures === 1) emit("down");
}

function again() {
  clearTimeout(timer);
  timer = 0;
  connect();
}

// The network is there again, or the device has woken up: not a moment is waited.
function hurry() {
  if (socket && up && Date.now() - heardAt > SILENT_MS) close();
  if (!socket && timer) { failures = 0; again(); }
}

addEventListener("online", () => { away = false; hurry(); });
addEventListener("offline", () => { away = true; if (socket) lost(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") hurry(); });
setInterval(() => { if (up && Date.now() - heardAt > SILENT_MS) lost(0); }, SILENT_MS / 2);
