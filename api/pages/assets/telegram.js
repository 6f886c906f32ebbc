// What Telegram and a Mini App tell each other: https://core.telegram.org/api/web-events
//   launch             what Telegram added to the address: data (signed), start (payload of a deep link), theme
//   post("web_app_expand")          tells Telegram something
//   on("back_button_pressed", fn)   hears Telegram
// The apps give a proxy to the page; Telegram Web shows it in a frame and speaks by messages, with named origins only.

const frames = document.getElementById("main")?.dataset.frames?.split(" ") ?? [];
const listeners = new Map();

function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  const data = given.get("tgWebAppData");
  if (data === null) return {};
  history.replaceState(history.state, "", location.pathname); // what signs in stays in no address
  return { data, start: given.get("tgWebAppStartParam") ?? new URLSearchParams(data).get("start_param"), theme: themeOf(given.get("tgWebAppThemeParams")) };
}

function themeOf(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

export const launch = read();

export function post(eventType, eventData = {}) {
  if (window.TelegramWebviewProxy) return window.TelegramWebviewProxy.postEvent(eventType, JSON.stringify(eventData));
  const text = JSON.stringify({ eventType, eventData });
  if (typeof window.external?.notify === "function") return window.external.notify(text);
  if (parent === window) return;
  const above = location.ancestorOrigins?.[0]; // not in every browser
  for (const origin of above ? frames.filter((known) => known === above) : frames) parent.postMessage(text, origin);
}

export const on = (eventType, listener) => listeners.set(eventType, listener);

function receiveEvent(eventType, eventData) {
  listeners.get(eventType)?.(eventData);
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !frames.includes(origin)) return;
  try {
    const { eventType, eventData } = JSON.parse(data);
    receiveEvent(eventType, eventData);
  } catch {
    // not Telegram's: something of the browser
  }
});
window.Telegram = { WebView: { receiveEvent } };
window.TelegramGameProxy = { receiveEvent }; // some apps call this one
