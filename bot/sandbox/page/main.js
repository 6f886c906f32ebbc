// The page: people on the left, up to three phones side by side. Which phones are open stands in the address.

import { ClockPanel } from "./clock.js";
import { drawAfterPress, h } from "./dom.js";
import { GroupList } from "./groups.js";
import { IDEAS, PeopleList, ideaButton } from "./people.js";
import { Phone } from "./phone.js";
import { Store } from "./store.js";

const PHONE_WIDTH = 322;
const MAX_PHONES = 3;

const store = new Store();
const stage = document.getElementById("stage");
const phones = new Map();

function room() {
  return Math.max(1, Math.min(MAX_PHONES, Math.floor(stage.clientWidth / PHONE_WIDTH)));
}

function choose(id) {
  if (store.open.includes(id)) {
    phones.get(id)?.focus();
    return;
  }
  setOpen([...store.open, id].slice(-room())).then(() => phones.get(id)?.focus());
}

function setOpen(ids) {
  history.replaceState(null, "", ids.length ? `#${ids.join(",")}` : location.pathname);
  return store.setOpen(ids);
}

function draw() {
  for (const [id, phone] of phones) {
    if (!store.open.includes(id)) {
      phone.close();
      phones.delete(id);
    }
  }
  for (const id of store.open) {
    if (!phones.has(id)) phones.set(id, new Phone(store, id, () => setOpen(store.open.filter((other) => other !== id))));
  }
  const shown = store.open.map((id) => phones.get(id).element);
  if (!shown.length) return stage.replaceChildren(welcome());
  for (const other of [...stage.children]) if (!shown.includes(other)) other.remove();
  // What is there stays in its place: a frame that is moved loads anew, and its Mini App would have lost the session.
  shown.forEach((phone, at) => stage.children[at] === phone || stage.insertBefore(phone, stage.children[at] ?? null));
}

function welcome() {
  if (store.people.size) {
    return h("div", { class: "welcome" }, h("h2", {}, "Pick somebody on the left"), h("p", {}, "Up to three phones stand side by side, so you can watch two people talk."));
  }
  return h(
    "div",
    { class: "welcome" },
    h("img", { class: "welcome-mark", src: "/sandbox/static/icon.svg", alt: "", width: 72, height: 72 }),
    h("h2", {}, "Nobody is here yet"),
    h("p", {}, "Add a made-up person, press START on their phone and talk to the bot. Add a second one to see both sides of a conversation."),
    h("div", { class: "cards" }, IDEAS.map((idea) => ideaButton(idea, choose, "card", 76))),
  );
}

new PeopleList(store, choose);
new GroupList(store, choose);
new ClockPanel(store);
store.open = location.hash.slice(1).split(",").map((key) => (key.includes("/") ? key : Number(key))).filter(Boolean).slice(0, MAX_PHONES);
store.addEventListener("open", draw);
store.addEventListener("people", () => {
  if (!store.open.length || phones.size !== store.open.length) drawAfterPress(stage, draw);
});
addEventListener("resize", () => {
  if (store.open.length > room()) setOpen(store.open.slice(-room()));
});
document.addEventListener("visibilitychange", () => store.open.forEach((id) => store.see(id)));
store.start();
