// Messages on their way: each is on this device (IndexedDB) before it is sent, and until the server has stored it. They go
// one after the other, over the live connection or REST, with the client_id by which the server stores each once. Of several
// tabs one sends (Web Locks). What the server refuses stays, with the reason, until it is changed or dropped.
//   add({ swap_id, message, reply_to, photo })    photo is a Blob
//   await all(), list(swap_id) what waits, in all or there, oldest first; `refused` has the reason
//   drop(client_id)
//   on("outbox", …) of live.js tells of every change: { swap_id, client_id, sent }
import { ask } from "./ask.js";
import { call, connect, emit, isUp, on } from "./live.js";
import { OTHER_ACCOUNT, request } from "./request.js";

const STORE = "messages";
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 20000;
const me = document.body.dataset.me;
const FLAG = `outbox:${me}`; // in localStorage while something waits: any page of the site then has this module (waiting.js)
const tabs = new BroadcastChannel(`outbox ${me}`);

let isGone = false, failures = 0, timer = 0, sending = null;

// ---- the store -----------------------------------------------------------------------------------------------------

const wait = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const opened = (async () => {
  const asked = indexedDB.open(`outbox ${me}`, 1); // of this reader alone: others may use the device, too
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
  const database = await wait(asked);
  database.onversionchange = () => { database.close(); isGone = true; }; // forgotten: the account has signed out
  return database;
})().catch(() => null);

const kept = []; // where there is no storage: as long as the page is open
let numbers = 0;

async function run(mode, act, without) {
  const database = await opened;
  if (!database || isGone) return without();
  const transaction = database.transaction(STORE, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => { transaction.oncomplete = resolve; transaction.onabort = () => reject(transaction.error); });
  const result = await wait(act(transaction.objectStore(STORE)));
  await done;
  return result;
}

export const all = () => run("readonly", (store) => store.getAll(), () => [...kept]);
const put = (one) => run("readwrite", (store) => store.put(one), () => {
  one.number ??= ++numbers;
  if (!kept.includes(one)) kept.push(one);
});
const remove = (one) => run("readwrite", (store) => store.delete(one.number), () => kept.splice(kept.indexOf(one), 1));

export const list = async (swap) => (await all()).filter((one) => one.swap_id === swap);
const find = async (id) => (await all()).find((one) => one.client_id === id);

function changed(news) {
  emit("outbox", news);
  tabs.postMessage(news);
}
tabs.onmessage = ({ data }) => {
  emit("outbox", data);
  if (!data.sent) flush(); // the tab that wrote it may be closed before it is sent
};

// ---- what pages do -------------------------------------------------------------------------------------------------

export async function add(message) {
  const one = { client_id: crypto.randomUUID?.() ?? String(Date.now()) + Math.random().toString(16).slice(2), ...message };
  await put(one);
  flag(true);
  changed({ swap_id: one.swap_id, client_id: one.client_id });
  flush();
}

function flag(isUp) {
  try {
    if (isUp) localStorage.setItem(FLAG, "1");
    else localStorage.removeItem(FLAG);
  } catch { /* no storage: it goes from this page */ }
}

export async function drop(id) {
  const one = await find(id);
  if (one) await remove(one);
  if (one) changed({ swap_id: one.swap_id, client_id: id });
}

// ---- sending -------------------------------------------------------------------------------------------------------

/** Sends what waits, unless this tab does already or another one does: then it is asked for again when that one is done. */
export function flush() {
  clearTimeout(timer);
  sending ??= (navigator.locks ? navigator.locks.request(`outbox ${me}`, sendAll) : sendAll())
    .catch(() => false)
    .then((isDone) => {
      sending = null;
      if (isDone === true) failures = 0;
      else timer = setTimeout(flush, typeof isDone === "number" ? isDone : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++));
    });
}

// The oldest that can be sent: what was refused waits for its writer.
const next = async () => (await all()).find(({ refused }) => !refused);

// True when nothing waits; false, or milliseconds, when it is to be tried again.
async function sendAll() {
  for (;;) {
    const one = await next();
    if (!one) {
      flag(false);
      if (!(await next())) return true;
      flag(true); // written in another tab meanwhile
      continue;
    }
    if (!navigator.onLine) return false;
    const answer = await send(one);
    if (answer.ok) {
      await remove(one);
      changed({ swap_id: one.swap_id, client_id: one.client_id, sent: answer.message });
    } else if (answer.code === OTHER_ACCOUNT || [401, 403, 429].includes(answer.status) || answer.status >= 500) {
      if (answer.status === 401) emit("signed_out");
      if (answer.code === OTHER_ACCOUNT) emit("refused", answer);
      if (answer.status !== 403) return answer.wait ? answer.wait * 1000 : false;
      await refuse(one, answer.detail);
    } else await refuse(one, answer.detail);
  }
}

async function refuse(one, why) {
  await put({ ...one, refused: why });
  changed({ swap_id: one.swap_id, client_id: one.client_id });
}

async function send(one) {
  const { swap_id, client_id, message, reply_to } = one;
  const body = { swap_id, client_id, message, ...(reply_to && { reply_to }) };
  if (one.photo && !one.photo_url) {
    const uploaded = await upload(one);
    if (!uploaded.ok) return uploaded;
    one.photo_url = uploaded.url;
    await put(one);
  }
  if (one.photo_url) body.photo_url = one.photo_url;
  if (isUp()) {
    const answer = await call("chat:new", body);
    return answer.ok ? answer : { ...answer.error, ok: false, wait: answer.error.retry_after };
  }
  const answer = await ask("POST", "/api/chat", body);
  return answer.ok ? { ok: true, message: answer.said } : answer;
}

async function upload({ photo, client_id }) {
  const form = new FormData();
  form.append("file", photo, "photo.jpg");
  const answer = await request("POST", "/api/upload?purpose=chat", form, { headers: { "Idempotency-Key": client_id } });
  const said = await answer.json();
  if (answer.ok) return { ok: true, url: said.secure_url };
  return { ok: false, status: answer.status, code: said.code, detail: said.detail, wait: Number(answer.headers.get("Retry-After")) };
}

on("up", () => { failures = 0; flush(); });
addEventListener("online", () => { failures = 0; flush(); });
connect();
flush();
