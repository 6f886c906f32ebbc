// What is being written stays on this device until it has been sent: long fields (<textarea>, and fields with data-draft)
// of forms, by address, form and name, for the reader alone. A field that the server has filled is left as it is.
// data-no-draft on a form or field leaves it out (a chat has drafts of its own).

const KEPT_MS = 14 * 24 * 3600 * 1000;
const PREFIX = "draft:";
const FIELDS = "textarea:not([data-no-draft]), input[data-draft]";

const me = () => document.body.dataset.me ?? "";
const fieldsOf = (form) => (form.closest("[data-no-draft]") ? [] : [...form.querySelectorAll(FIELDS)]);

function keyOf(field) {
  const address = new URL(field.form.getAttribute("action") ?? location.pathname, location.href).pathname;
  return `${PREFIX}${me()}:${location.pathname}:${address}:${field.name}`;
}

function keep(field) {
  try {
    if (field.value && field.value !== field.defaultValue) localStorage.setItem(keyOf(field), JSON.stringify({ at: Date.now(), text: field.value }));
    else localStorage.removeItem(keyOf(field));
  } catch { /* no room, or no storage: the field still has it */ }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Puts drafts into the empty fields of a page that has just come. */
export function restoreDrafts(main) {
  for (const field of main.querySelectorAll(FIELDS)) {
    if (!field.form || field.value || field.closest("[data-no-draft]")) continue;
    const found = read(keyOf(field));
    if (!found) continue;
    field.value = found.text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }
}

/** Forgets the drafts of a form: what was in it has been sent. Their keys are taken before the page changes. */
export function draftsOf(form) {
  const keys = fieldsOf(form).filter((field) => field.form).map(keyOf);
  return () => { for (const key of keys) try { localStorage.removeItem(key); } catch { /* no storage */ } };
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.(FIELDS) && target.form && !target.closest("[data-no-draft]")) keep(target);
});

// Sent in another tab: it is no draft here any more.
addEventListener("storage", ({ key, oldValue, newValue }) => {
  if (!key?.startsWith(PREFIX) || newValue !== null) return;
  const sent = JSON.parse(oldValue)?.text;
  for (const field of document.querySelectorAll(FIELDS)) if (field.form && keyOf(field) === key && field.value === sent) field.value = field.defaultValue;
});

try {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && !(Date.now() - read(key)?.at < KEPT_MS)) localStorage.removeItem(key);
} catch { /* no storage */ }
