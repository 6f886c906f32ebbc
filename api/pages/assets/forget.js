// Texts that this device keeps for one account: drafts (drafts.js, chats.js) and messages that wait (outbox.js).
// It is forgotten when that account signs out or leaves: <main data-module="forget.js" data-account="…"> on the page after it.

const keysOf = (account) => {
  try {
    return Object.keys(localStorage).filter((key) => [`draft:${account}:`, `chat-draft:${account}:`, `outbox:${account}`].some((start) => key.startsWith(start)));
  } catch {
    return []; // no storage
  }
};

/** How many texts are kept that were not sent. */
export const draftsKept = (account) => keysOf(account).filter((key) => !key.startsWith("outbox:")).length;

export async function forget(account) {
  for (const key of keysOf(account)) localStorage.removeItem(key);
  const asked = indexedDB.deleteDatabase(`outbox ${account}`);
  await new Promise((done) => { asked.onsuccess = asked.onerror = asked.onblocked = done; });
}

export function mount(main) {
  forget(main.dataset.account).catch(() => {}); // no storage: nothing was kept
}
