// Messages on their way: each is on this device (IndexedDB) before it is sent, and until the server has stored it. They go
// one after the other, over the live connection or REST, with the client_id by which the server stores each once. Of several
// tabs one sends (Web Locks). What the server refuses stays, with the reason, until it is changed or dropped.
//   add({ swap_id, message, reply_to, photo })    photo is a Blob
//   await list(swap_id)        what waits there, oldest first; `refused` has the reason
//   drop(client_id), retry(client_id)
//   on("outbox", …) of live.js tells of every change: { swap_id, client_id, sent }
import { ask } from "./ask.js";
import { call, connect, emit, isUp, on } from "./live.js";
import { request } from "./request.js";

const STORE = "messages";
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 20000;
const me = document.body.dataset.me;
const tabs = new BroadcastChannel(`outbox ${me}`);

let failures = 0, timer = 0, sending = null;

// ---- the store -----------------------------------------------------------------------------------------------------

const wait = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const opened = (async () => {
  const asked = indexedDB.open(`outbox ${me}`, 1); // of this reader alone: others may use the device, too
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
  return wait(asked);
})().catch(() => null);

const kept = []; // where there is no storage: as long as the page is open
let numbers = 0;

async function run(mode, act, without) {
  const database = await opened;
  if (!database) return without();
  const transaction = database.transaction(STORE, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => { transaction.oncomplete = resolve; transaction.onabort = () => reject(transaction.error); });
  const result = await wait(act(transaction.objectStore(STORE)));
  await done;
  return result;
}

const all = () => run("readonly", (store) => store.getAll(), () => [...kept]);
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
  try { localStorage.setItem("outbox", me); } catch { /* no storage: it goes from this page */ }
  changed({ swap_id: one.swap_id, client_id: one.client_id });
  flush();
}

export async function drop(id) {
  const one = await find(id);
  if (one) await remove(one);
  if (one) changed({ swap_id: one.swap_id, client_id: id });
}

export async function retry(id) {
  const one = await find(id);
  if (one) await put({ ...one, refused: undefined });
  flush();
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

// True when nothing waits; false, or milliseconds, when it is to be tried again.
async function sendAll() {
  for (;;) {
    const one = (await all()).find(({ refused }) => !refused);
    if (!one) {
      if (!(await all()).length) try { localStorage.removeItem("outbox"); } catch { /* no storage */ }
      return true;
    }
    if (!navigator.onLine) return false;
    const answer = await send(one);
    if (answer.ok) {
      await remove(one);
      changed({ swap_id: one.swap_id, client_id: one.client_id, sent: answer.message });
    } else if ([401, 403, 429].includes(answer.status) || answer.status >= 500) {
      if (answer.status === 401) emit("signed_out");
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
    return answer.ok ? answer : { ok: false, status: answer.error.status, detail: answer.error.detail };
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
  return { ok: false, status: answer.status, detail: said.detail, wait: Number(answer.headers.get("Retry-After")) };
}

on("up", () => { failures = 0; flush(); });
addEventListener("online", () => { failures = 0; flush(); });
connect();
flush();
