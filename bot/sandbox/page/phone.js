// One person's phone with the bot's chat on it.

import { Composer } from "./composer.js";
import { ICONS, dayName, drawAfterPress, focusHere, h, icon, languageName, popover } from "./dom.js";
import { messageElement } from "./messages.js";
import { MiniApp } from "./mini_app.js";
import { avatar } from "./people.js";
import { portrait, toBlob } from "./pictures.js";
import { appPayload, startPayload } from "./richtext.js";
import { act, toBase64 } from "./store.js";

const TYPING_MS = 5000;
const TOAST_MS = 3500;
const NEAR_END = 120;
const GROUP_SECONDS = 300;

export class Phone {
  #store;
  #id;
  #composer;
  #nodes = new Map();
  #presses = new Map();
  #held = []; // messages that are drawn after the press
  #typing = 0;
  #listeners = [];
  #isAtEnd = true;
  #app = null; // the Mini App, while it is open
  #sizes = new ResizeObserver(() => this.#isAtEnd && this.#jumpToEnd());

  constructor(store, id, onClose) {
    this.#store = store;
    this.#id = id;
    this.#composer = new Composer(id, (problem) => this.#toast(problem, "problem"), store.bot.username, () => this.#openApp());
    this.list = h("ol", { class: "messages", role: "log", "aria-live": "polite", "aria-label": "Messages" });
    this.intro = h("div", { class: "intro", hidden: true });
    this.wall = h("div", { class: "wall", tabIndex: 0, "aria-label": "Chat" }, this.intro, this.list);
    this.wall.addEventListener("scroll", () => (this.#isAtEnd = this.#distanceToEnd() < NEAR_END), { passive: true });
    this.#sizes.observe(this.wall);
    this.#sizes.observe(this.list);
    this.status = h("span", { class: "status" }, "bot");
    this.toasts = h("div", { class: "toasts", role: "status" });
    this.owner = h("div", { class: "owner" });
    this.more = h("button", { class: "icon-button", type: "button", "aria-label": "More", "aria-haspopup": "menu", onclick: () => this.#openMore() }, icon(ICONS.dots));
    const close = h("button", { class: "icon-button small", type: "button", "aria-label": "Put this phone away", title: "Put away", onclick: onClose }, icon(ICONS.close, 16));
    this.topics = h("select", { class: "topics", "aria-label": "Topic to write in", hidden: true, onchange: () => (this.#composer.thread = Number(this.topics.value) || null) });
    this.title = h("strong", {}, store.bot.name);
    this.header = h(
      "header",
      { class: "top" },
      h("img", { class: "bot-face", src: "/sandbox/static/icon.svg", alt: "", width: 38, height: 38 }),
      h("div", { class: "top-words" }, this.title, this.status),
      this.topics,
      this.more,
    );
    const glass = h("div", { class: "glass" }, this.header, this.wall, this.toasts, this.#composer.element);
    this.glass = glass;
    this.element = h("section", { class: "slot" }, h("div", { class: "slot-head" }, this.owner, close), h("div", { class: "phone" }, glass));
    this.#listen("chat", () => this.#drawAll());
    this.#listen("message", ({ message }) => this.#drawMessage(message));
    this.#listen("clock", () => this.#chat && this.#arrange());
    this.#listen("action", () => this.#showTyping());
    this.#listen("answer", (event) => this.#answer(event));
    this.#listen("inline", (event) => this.#composer.showResults(event));
    if (store.chats.has(id)) this.#drawAll();
  }

  focus() {
    this.element.scrollIntoView({ behavior: "smooth", inline: "nearest", block: "nearest" });
    this.#composer.focus();
  }

  close() {
    clearTimeout(this.#typing);
    this.#app?.close();
    this.#sizes.disconnect();
    for (const [type, listener] of this.#listeners) this.#store.removeEventListener(type, listener);
    this.element.remove();
  }

  #listen(type, action) {
    const listener = (event) => event.detail.person === this.#id && action(event.detail);
    this.#store.addEventListener(type, listener);
    this.#listeners.push([type, listener]);
  }

  get #chat() {
    return this.#store.chats.get(this.#id);
  }

  get #actions() {
    const { bot } = this.#store;
    return {
      botUsername: bot.username,
      botName: bot.name,
      press: (message, data, element) => this.#press(message, data, element),
      openApp: (payload) => this.#openApp(payload),
      start: (payload) => this.#composer.text(payload ? `/start ${payload}` : "/start"),
      inline: (query) => this.#composer.inline(query),
      command: (text) => this.#composer.text(text),
      reply: (message) => this.#composer.reply(message),
      edit: (message) => this.#composer.edit(message),
      jump: (id) => this.#jump(id),
    };
  }

  #openApp(start = "") {
    this.#app?.close();
    this.#app = new MiniApp(this.#chat.person.id, this.#store.bot.name, {
      onClose: () => { this.#app = null; this.#composer.focus(); },
      openLink: (url) => this.#follow(url),
      report: (problem) => this.#toast(problem, "problem"),
    });
    this.glass.append(this.#app.element);
    return this.#app.open(start);
  }

  /** A t.me link that the Mini App opens: to this bot, or to the web. */
  #follow(url) {
    const { username } = this.#store.bot;
    const app = appPayload(url, username), start = startPayload(url, username);
    if (app !== null) this.#openApp(app);
    else if (start === null) open(url, "_blank", "noopener");
    else {
      this.#app?.close();
      this.#composer.text(start ? `/start ${start}` : "/start");
    }
  }

  #drawAll() {
    const chat = this.#chat;
    const { person, group } = chat;
    this.element.setAttribute("aria-label", group ? `${person.name}'s phone in ${group.title}` : `${person.name}'s phone`);
    if (group) this.#drawGroup(group);
    this.owner.replaceChildren(avatar(person, 28), h("strong", {}, person.name), h("span", { class: "tag" }, languageName(person.language_code)));
    this.#composer.show(chat);
    this.#drawIntro(chat);
    const isSame = this.#nodes.size === chat.messages.size && [...chat.messages.keys()].every((id) => this.#nodes.has(id));
    if (isSame && this.#nodes.size) return;
    this.#nodes.clear();
    this.#held.length = 0;
    this.list.replaceChildren();
    for (const message of chat.messages.values()) this.#place(message);
    this.#arrange();
    this.#jumpToEnd();
  }

  #drawGroup(group) {
    this.title.textContent = group.title;
    this.status.textContent = `${group.members.length === 1 ? "1 person" : `${group.members.length} people`}${{ administrator: ", bot as admin", member: ", bot" }[group.bot] ?? ""}`;
    this.topics.hidden = !group.is_forum;
    const options = [h("option", { value: "" }, "General"), ...group.topics.map(({ id, name }) => h("option", { value: String(id) }, `# ${name}`))];
    const chosen = this.topics.value;
    this.topics.replaceChildren(...options);
    this.topics.value = group.topics.some(({ id }) => String(id) === chosen) ? chosen : "";
  }

  #drawIntro(chat) {
    this.intro.hidden = chat.messages.size > 0 || Boolean(chat.group);
    if (this.intro.hidden) return;
    this.intro.replaceChildren(
      h("img", { src: "/sandbox/static/icon.svg", alt: "", width: 64, height: 64 }),
      h("strong", {}, "What can this bot do?"),
      h("p", { dir: "auto" }, chat.description || chat.about || "Press START to find out."),
    );
  }

  #drawMessage(message) {
    this.#held.push(message);
    if (this.#held.length > 1) return;
    drawAfterPress(this.list, () => {
      for (const held of this.#held.splice(0)) this.#drawNow(held);
    });
  }

  #drawNow(message) {
    if (message.from_bot) this.#hideTyping();
    const isNew = !this.#nodes.has(message.id);
    if (message.deleted) {
      this.#nodes.get(message.id)?.remove();
      this.#nodes.delete(message.id);
    } else {
      this.#place(message, isNew);
    }
    this.#arrange();
    this.#drawIntro(this.#chat);
    if (isNew && !message.from_bot) this.#isAtEnd = true;
    if (this.#isAtEnd) this.#jumpToEnd();
    const isForMe = !this.#chat.group || !message.markup?.selective || this.#isAsked(message);
    if (isNew && message.markup?.force_reply && isForMe) this.#composer.ask(message);
  }

  /** A selective question in a group is for those whom its text mentions. */
  #isAsked(message) {
    return message.entities.some((entity) => entity.user?.id === this.#chat.person.id || entity.url === `tg://user?id=${this.#chat.person.id}`);
  }

  #place(message, isFresh = false) {
    const element = messageElement(message, this.#chat, this.#actions);
    if (isFresh) element.classList.add("fresh");
    const old = this.#nodes.get(message.id);
    if (old) old.replaceWith(element);
    else this.list.append(element);
    this.#nodes.set(message.id, element);
  }

  /** Dates between days, and messages that belong together close to each other. */
  #arrange() {
    for (const line of this.list.querySelectorAll(".day")) line.remove();
    let before = null;
    for (const message of this.#chat.messages.values()) {
      const element = this.#nodes.get(message.id);
      if (!element) continue;
      const isNewDay = !before || new Date(before.date * 1000).toDateString() !== new Date(message.date * 1000).toDateString();
      if (isNewDay) element.before(h("li", { class: "day" }, h("span", {}, dayName(message.date))));
      const isGrouped = !isNewDay && before.from_bot === message.from_bot && before.sender === message.sender && message.date - before.date < GROUP_SECONDS;
      element.classList.toggle("grouped", isGrouped);
      before = message;
    }
  }

  #distanceToEnd() {
    return this.wall.scrollHeight - this.wall.scrollTop - this.wall.clientHeight;
  }

  #jumpToEnd() {
    this.wall.scrollTop = this.wall.scrollHeight;
    this.#isAtEnd = true;
  }

  #jump(id) {
    const element = this.#nodes.get(id);
    element?.scrollIntoView({ behavior: "smooth", block: "center" });
    element?.classList.add("flash");
    setTimeout(() => element?.classList.remove("flash"), 1200);
  }

  async #press(message, data, element) {
    element.classList.add("waiting");
    setTimeout(() => element.classList.remove("waiting"), 10_000);
    try {
      const { query } = await act(`/people/${this.#id}/press`, { message_id: message.id, button: data });
      this.#presses.set(query, element);
    } catch (error) {
      element.classList.remove("waiting");
      this.#toast(error.message, "problem");
    }
  }

  #answer({ query, message, answer }) {
    this.#presses.get(query)?.classList.remove("waiting");
    this.#presses.delete(query);
    for (const button of this.#nodes.get(message)?.querySelectorAll(".waiting") ?? []) button.classList.remove("waiting");
    if (!answer.text) return;
    if (answer.is_alert) this.#alert(answer.text);
    else this.#toast(answer.text, "toast");
  }

  #toast(text, look) {
    const toast = h("div", { class: `toast ${look}` }, text);
    this.toasts.replaceChildren(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }

  #alert(text) {
    const done = h("button", { type: "button", class: "plain" }, "OK");
    const box = h("div", { class: "alert", role: "alertdialog", "aria-label": text }, h("div", { class: "alert-box" }, h("p", {}, text), done));
    const close = () => {
      box.remove();
      this.#composer.focus();
    };
    done.addEventListener("click", close);
    box.addEventListener("keydown", (event) => event.key === "Escape" && close());
    this.toasts.after(box);
    focusHere(done);
  }

  #showTyping() {
    this.status.textContent = "typing";
    this.status.classList.add("typing");
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#hideTyping(), TYPING_MS);
  }

  #hideTyping() {
    clearTimeout(this.#typing);
    this.status.classList.remove("typing");
    if (this.#chat?.group) this.#drawGroup(this.#chat.group);
    else this.status.textContent = "bot";
  }

  #openMore() {
    if (this.more.ariaExpanded === "true") return;
    const { person, group } = this.#chat;
    const path = `/people/${this.#id}`;
    const item = (name, action) =>
      h("button", { type: "button", role: "menuitem", onclick: () => (box.close(), action().catch((error) => this.#toast(error.message, "problem"))) }, name);
    const mayLead = ["creator", "administrator"].includes(group?.members.find(({ id }) => id === person.id)?.status);
    const member = (name, user, action) => item(name, () => act(`${path}/member`, { user, action }));
    const isAdmin = group?.bot === "administrator";
    const isIn = isAdmin || group?.bot === "member";
    const others = group ? [...this.#store.people.values()].filter(({ id }) => !group.members.some((known) => known.id === id)) : [];
    const choices = group && [
      isAdmin ? member("Make the bot a plain member", "bot", "demote") : null,
      isIn && !isAdmin ? member("Make the bot an administrator", "bot", "promote") : null,
      isIn ? member("Remove the bot", "bot", "remove") : member("Add the bot", "bot", "add"),
      ...others.map((other) => member(`Add ${other.name}`, other.id, "add")),
      group.is_forum ? item("Open a topic", () => act(`${path}/topic`, { name: `Topic ${group.topics.length + 1}` })) : null,
    ].filter(Boolean);
    const box = popover(
      this.more,
      group ? (mayLead ? choices : [h("p", { class: "note" }, "Only an administrator of the group can change it.")]) : [
        person.has_blocked ? item("Unblock the bot", () => act(`${path}/block`, { blocked: false })) : item("Block the bot", () => act(`${path}/block`, { blocked: true })),
        item("Use a drawn profile photo", async () => act(`${path}/profile-photo`, { data: await toBase64(await toBlob(portrait(`${person.first_name} ${Date.now()}`))) })),
        item("Send a contact", () => act(`${path}/other`, { kind: "contact" })),
        item("Send a poll", () => act(`${path}/other`, { kind: "poll" })),
        item("Send a video", () => act(`${path}/other`, { kind: "video" })),
      ],
      "More",
    );
    this.header.append(box.box);
    box.box.querySelector("button")?.focus();
  }
}
