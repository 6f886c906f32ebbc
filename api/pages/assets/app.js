// The Mini App: Telegram's signed data is exchanged once for a token, which stays in memory; then the pages are fetched
// into this one. Telegram's back button goes back through them, its main button is the first action of the page.
import { go } from "./navigate.js";
import { token, useBearer } from "./request.js";
import { launch, on, post } from "./telegram.js";
import { useTheme } from "./theme.js";

const ROOT = document.documentElement;
const ACTIONS = "button.primary:not([disabled]), a.button:not(.plain)";

let entry = null; // the page that Telegram opened, with what it may have to say
let trail = []; // addresses on the way here, the present one last
let colours = null, action = null;

export function mount(main) {
  entry ??= main;
  if (token()) go("/"); // came back to the entry by a link
  else if (launch.data || history.state?.token) start();
  else tell("outside");
}

function tell(state, detail = "") {
  if (!entry.isConnected) document.getElementById("main").replaceWith(entry);
  for (const part of entry.querySelectorAll("[data-state]")) {
    part.hidden = part.dataset.state !== state;
    part.classList.toggle("shown", !part.hidden);
  }
  entry.querySelector("[data-detail]").textContent = detail;
}

async function start() {
  ROOT.classList.add("telegram");
  tell("opening");
  listen();
  colours = useTheme(launch.theme ?? {});
  post("iframe_ready", { reload_supported: true });
  post("web_app_ready");
  post("web_app_expand");
  for (const asked of ["web_app_request_theme", "web_app_request_safe_area", "web_app_request_content_safe_area"]) post(asked);
  await signIn();
}

async function signIn() {
  const kept = history.state?.token; // this page was loaded anew, see "reload_iframe"
  if (kept) history.replaceState({}, "");
  const session = kept ? { token: kept } : await exchange();
  if (!session) return;
  useBearer(session.token, () => (tell("left"), new Promise(() => {}))); // nothing else can be said until it is opened again
  document.addEventListener("page", arrive);
  await go(launch.start ? `/app/${encodeURIComponent(launch.start)}` : "/");
}

async function exchange() {
  const sent = { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ init_data: launch.data }) };
  try {
    const answer = await fetch("/api/auth/mini-app", sent);
    if (answer.ok) return await answer.json();
    if (answer.status !== 429 && answer.status < 500) tell("refused", (await answer.json()).detail);
    else tell("offline");
  } catch {
    tell("offline");
  }
  return null;
}

function listen() {
  on("theme_changed", ({ theme_params: theme }) => { colours = useTheme(theme ?? {}); showAction(); });
  on("back_button_pressed", goBack);
  on("main_button_pressed", () => action?.click());
  on("safe_area_changed", (area) => setArea("--tg-bottom", area?.bottom));
  on("content_safe_area_changed", (area) => setArea("--tg-top", area?.top));
  on("reload_iframe", () => {
    post("iframe_will_reload");
    history.replaceState({ token: token() }, "", "/app"); // outlives the reload in this frame, and nowhere else
    location.reload();
  });
  entry.querySelector("[data-again]").addEventListener("click", () => { tell("opening"); signIn(); });
  for (const button of entry.querySelectorAll("[data-close]")) button.addEventListener("click", () => post("web_app_close"));
  document.addEventListener("click", leave, true);
  new MutationObserver(() => requestAnimationFrame(showAction)).observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled", "hidden", "open"] });
}

const setArea = (name, pixels) => ROOT.style.setProperty(name, `${Number(pixels) || 0}px`);

// ---- from page to page ---------------------------------------------------------------------------------------------

const here = () => location.pathname + location.search;

function arrive() {
  if (trail.at(-1) !== here()) trail.at(-2) === here() ? trail.pop() : trail.push(here());
  const isPlace = [...document.querySelectorAll(".places a")].some((link) => link.getAttribute("href") === location.pathname);
  if (isPlace) trail = [here()];
  post("web_app_setup_back_button", { is_visible: !isPlace });
  showAction();
}

// Not history.back(): a frame shares the history of the page around it.
function goBack() {
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return dialog.dispatchEvent(new Event("cancel", { cancelable: true })) && dialog.close();
  go(trail.at(-2) ?? document.querySelector(".places a[aria-current]")?.getAttribute("href") ?? "/");
}

function showAction() {
  const isTalk = document.body.classList.contains("talk");
  action = isTalk ? null : [...document.querySelectorAll(`#main :is(${ACTIONS})`)].find((button) => button.checkVisibility()) ?? null;
  const text = action?.textContent.replace(/\s+/g, " ").trim();
  const look = colours && { color: colours.brand, text_color: colours["on-brand"] };
  post("web_app_setup_main_button", { is_visible: Boolean(text), is_active: true, is_progress_visible: false, text: text || " ", ...look });
}

// What is no page of ours opens outside: this frame has no session there, and Telegram no way back.
function leave(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented) return;
  const url = new URL(link.href, location.href);
  if (url.origin === location.origin && !url.pathname.startsWith("/api/auth/")) return takeFile(event, link, url);
  event.preventDefault();
  if (url.hostname === "t.me") post("web_app_open_tg_link", { path_full: url.pathname + url.search });
  else if (url.protocol === "https:" || url.protocol === "http:") post("web_app_open_link", { url: url.href });
}

// A file for signed-in readers, as a meeting for the calendar: fetched with the token, then saved.
async function takeFile(event, link, url) {
  if (!url.pathname.startsWith("/api/")) return;
  event.preventDefault();
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token()}` }, credentials: "omit" });
  if (!answer.ok) return;
  const saved = document.createElement("a");
  saved.href = URL.createObjectURL(await answer.blob());
  saved.download = url.pathname.split("/").at(-1);
  saved.click();
  setTimeout(() => URL.revokeObjectURL(saved.href), 60000);
}
