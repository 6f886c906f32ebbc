// Going from page to page without loading a new one. Links and forms of this site are fetched, and what the answer holds
// as <main>, the top and the notices takes their place; without this module the same links and forms work as ever.
//
// A page with a script of its own: <main id="main" data-module="chats.js">, and in the block `head` of its template
// modules("chats.js") of modules.html. The module exports mount(main), which may return a function that takes it down again:
//   export function mount(main) { …; return () => listening.abort(); }
// It is mounted on the first load and after each change of page, and taken down before the next.
//   go("/swaps")       goes to a page; resolves when it is there
//   refresh()          draws the present page anew (something has changed); what is typed, what has the focus and how far it is scrolled stay
// data-plain on a link or a form leaves it to the browser. Addresses under /api/ are left to it always.
import { isLost } from "./connection.js";
import { restoreDrafts } from "./drafts.js";
import { request, retryAfter, token } from "./request.js";
import { say } from "./texts.js";
import { toast } from "./toasts.js";

const PRESS_MS = 50; // between two looks whether a press is over
const SLOW_MS = 300; // after which a line at the top says that something is under way
const KEPT = ["top", "notices"]; // what changes with the page, beside <main>
const DRAWN = [...KEPT, "main"];
const CHANGING = ["once", "client_id"]; // hidden fields of forms, different in each drawing; another "version" is another state
const CONTROLS = "a, button, input, select, textarea, summary, [tabindex]";

let unmount = null; // of the module of the present page
let visit = 0; // the number of the newest visit: an older one that comes later changes nothing
let redraw = 0; // the same of the present page drawn anew, which is no visit: it ends none that is on its way
let arrived = 0; // visits that have been drawn

const page = () => document.getElementById("main");
export const isPlain = (element) => element.closest("[data-plain]") !== null;
export const isOurs = (url) => url.origin === location.origin && !url.pathname.startsWith("/api/");

export async function go(address, { push = true, focus = true } = {}) {
  const url = new URL(address, location.href), number = focus ? ++visit : ++redraw, place = arrived;
  const isOld = () => (focus ? number !== visit : number !== redraw || place !== arrived);
  const answer = await whileShown(request("GET", url)).catch(() => null);
  if (isOld()) return;
  if (answer === null && (await isLost())) return toast(say("offline_page")); // the page that is there stays
  if (answer && !isDrawn(answer)) return toast(`${say("not_done")} ${say("seconds", { n: retryAfter(answer) })}`, { label: say("again"), act: () => go(url, { push, focus }) });
  if (!(answer && (await show(answer, { push, focus, hash: url.hash, isOld })))) load(url);
}

// Whether an answer can be shown, as all are but those of a server too busy to draw a page.
const isDrawn = (answer) => retryAfter(answer) === null || answer.headers.get("Content-Type")?.startsWith("text/html");

/** Leaves an address to the browser; not in the Mini App, which would lose its session. */
export const load = (url) => (token() ? toast(say("not_done")) : location.assign(url));

export const refresh = () => go(location.href, { push: false, focus: false });

/** Resolves when nothing in a part of the page is being pressed: drawn anew before, the press would end beside it. */
export async function pressOver(part) {
  while (part.matches(":active")) await new Promise((done) => setTimeout(done, PRESS_MS));
}

// A page was drawn: document gets the event "page", also for the first one.

/** Draws an answer as the page, unless another page has come meanwhile. False when it is none of these pages, or one
    that has to be loaded anew. */
export async function show(answer, { push = true, focus = true, hash = "", isOld = isLeft(arrived) } = {}) {
  const url = new URL(answer.url), onward = answer.ok && answer.headers.get("Location"); // to a part of a page
  if (onward) return await go(onward, { focus }), true;
  if (!isOurs(url) || !answer.headers.get("Content-Type")?.startsWith("text/html")) return false;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!isSameFrame(found)) {
    if (!token() || !found.getElementById("main")) return false;
    adopt(found); // in the Mini App a page that is loaded from the start would have lost the session
  }
  await loadStyles(found);
  if (!focus) await pressOver(document.body);
  if (isOld()) return true;
  if (focus) arrived += 1;
  if (push && url.href + hash !== location.href) {
    history.replaceState({ scroll: scrollY }, "");
    history.pushState({}, "", url.href + hash);
  }
  const places = new Map(kept().map((box) => [box.id, box.scrollTop])), focused = findFocused();
  useStyles(found);
  put(found);
  for (const box of kept()) box.scrollTop = places.get(box.id) ?? 0;
  if (focus) arrive(hash); // before the module is there: the reader may go on at once
  else if (focused) focusAgain(focused);
  await mountPage();
  return true;
}

// Whether another page has come since this one was there.
const isLeft = (place) => () => place !== arrived;

// Another version of the files, language or reader: the browser loads the page from the start.
function isSameFrame(found) {
  const sheet = (from) => from.querySelector("link[rel=stylesheet]")?.getAttribute("href");
  return found.getElementById("main") !== null && sheet(found) === sheet(document)
    && found.documentElement.lang === document.documentElement.lang && found.body.dataset.me === document.body.dataset.me;
}

function adopt(found) {
  const root = document.documentElement;
  root.lang = found.documentElement.lang;
  root.dir = found.documentElement.dir;
  for (const name of ["texts", "me"]) document.body.dataset[name] = found.body.dataset[name] ?? "";
}

async function loadStyles(found) {
  const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href));
  const missing = [...found.querySelectorAll("link[rel=stylesheet]")].filter((link) => !known.has(new URL(link.getAttribute("href"), location.href).href));
  await Promise.all(missing.map((link) => new Promise((done) => {
    const added = document.importNode(link);
    added.onload = added.onerror = done;
    document.head.append(added);
  })));
}

// The style sheets of a page apply to it alone, as after a load; data-stays on a link keeps one for all (the Mini App's).
function useStyles(found) {
  const named = new Set([...found.querySelectorAll("link[rel=stylesheet]")].map((link) => new URL(link.getAttribute("href"), location.href).href));
  for (const link of document.querySelectorAll("link[rel=stylesheet]:not([data-stays])")) if (link.sheet) link.sheet.disabled = !named.has(link.href);
}

// Boxes that scroll by themselves, as a list beside what was chosen in it, and stay where they were: data-keep and an id.
const kept = () => [...document.querySelectorAll("#main [data-keep][id]")];

function put(found) {
  unmount?.();
  unmount = null;
  document.title = found.title;
  document.body.className = found.body.className;
  for (const id of KEPT) document.getElementById(id).replaceWith(document.adoptNode(found.getElementById(id)));
  page().replaceWith(document.adoptNode(found.getElementById("main")));
}

// How a control is known again after its part of the page has been drawn anew: a link by its address, for a count in it
// may have changed; a button by what it says and by what its form is about; all else by its id or name.
function keyOf(element) {
  const { tagName, id, form } = element, href = element.getAttribute("href");
  if (href) return `${tagName} ${href}`;
  if (tagName !== "BUTTON" && tagName !== "SUMMARY" && id) return `#${id}`;
  const about = [...(form?.querySelectorAll("input[type=hidden]") ?? [])].filter(({ name }) => !CHANGING.includes(name)).map(({ name, value }) => `${name}=${value}`);
  const said = ["name", "value", "aria-label"].map((name) => element.getAttribute(name));
  return [tagName, id, ...said, tagName === "TEXTAREA" ? "" : element.textContent, form?.getAttribute("action"), ...about].join("|");
}

/** What has the focus in a part of the page that is drawn anew, for `focusAgain`. Nothing in a frame beside which
    somebody is at work: a focus that is set takes the keys. */
function findFocused() {
  const focused = document.activeElement, part = DRAWN.find((id) => document.getElementById(id).contains(focused));
  return part && (parent === window || document.hasFocus()) ? { part, key: keyOf(focused) } : null;
}

// The same control of the new page, at once: no key goes to nowhere. Where it is gone, hidden, or one of several that
// look alike, the heading: a key must not act on another one.
function focusAgain({ part, key }) {
  const drawn = document.getElementById(part), heading = page().querySelector("h1") ?? page();
  const same = [drawn, ...drawn.querySelectorAll(CONTROLS)].filter((one) => keyOf(one) === key);
  const target = same.length === 1 || same[0]?.matches("a") ? same[0] : heading;
  focusOn(target, { preventScroll: true });
  if (document.activeElement !== target) focusOn(heading, { preventScroll: true });
}

function focusOn(target, options) {
  if (!target.matches(CONTROLS)) target.tabIndex = -1;
  target.focus(options);
}

async function mountPage() {
  const main = page(), name = main?.dataset.module;
  document.dispatchEvent(new CustomEvent("page", { detail: main }));
  restoreDrafts(main);
  if (!name) return;
  const { mount } = await import(`./${name}`);
  if (main === page()) unmount = mount(main) ?? null;
}

// Where the reader is after a page has come: the part that the address names, what was refused, or its heading.
function arrive(hash) {
  const named = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  const target = named || page().querySelector("[role=alert]") || page().querySelector("[autofocus]") || page().querySelector("h1") || page();
  if (!named) scrollTo(0, 0);
  focusOn(target, { preventScroll: !named && target.matches("h1, main") });
  if (named) named.scrollIntoView();
}

export async function whileShown(answer) {
  const timer = setTimeout(() => document.documentElement.classList.add("busy"), SLOW_MS);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    document.documentElement.classList.remove("busy");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href, location.href);
  const isHere = url.pathname === location.pathname && url.search === location.search && link.getAttribute("href").includes("#");
  if (!isOurs(url) || isHere || isPlain(link) || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  go(url);
});

addEventListener("popstate", async ({ state }) => {
  if (!state) return; // a fragment of the same page
  await go(location.href, { push: false });
  scrollTo(0, state.scroll ?? 0);
});

history.replaceState(history.state ?? {}, "");
// Calendars and mails that went out earlier name a swap as a fragment of `/`; a redirect keeps it.
const former = /^#(?:swap-)?([0-9a-f]{24})$/.exec(location.hash);
if (former && !document.getElementById(location.hash.slice(1))) location.replace(`/swaps/${former[1]}`);
queueMicrotask(mountPage); // after the modules of the frame
