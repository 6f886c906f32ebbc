// Under the chat: what to write, what to attach, the bot's menu, its keyboard.

import { ICONS, focusHere, h, icon, popover } from "./dom.js";
import { InlineResults } from "./inline.js";
import { previewOf } from "./people.js";
import { SAMPLES, toBlob } from "./pictures.js";
import { act, toBase64 } from "./store.js";

const MAX_PHOTO_BYTES = 10 * 1024 * 1024;

export class Composer {
  #id;
  #report;
  #chat = null;
  #replyTo = null;
  #editing = null;
  #commands;
  #inline;
  #username;
  #isKeyboardHidden = false;
  thread = null; // the topic of a group that is written in

  constructor(id, report, username, openApp) {
    this.#id = id;
    this.#report = report;
    this.#username = username;
    this.#inline = new InlineResults(id, username, {
      sent: () => this.#clear(),
      start: (payload) => (this.#clear(), this.text(payload ? `/start ${payload}` : "/start")),
      report,
    });
    this.input = h("textarea", { class: "input", rows: 1, placeholder: "Message", "aria-label": "Message to the bot", maxLength: 4096 });
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("paste", (event) => this.#paste(event));
    this.#commands = h("div", { class: "commands", role: "listbox", "aria-label": "Commands", hidden: true });
    this.menu = h("button", { class: "menu-button", type: "button", "aria-label": "Commands of the bot", onclick: () => this.#toggleMenu() }, icon(ICONS.menu, 17), h("span", {}, "Menu"));
    this.app = h("button", { class: "app-button", type: "button", hidden: true, onclick: () => openApp() });
    this.attach = h("button", { class: "icon-button", type: "button", "aria-label": "Attach", title: "Attach", "aria-haspopup": "menu", onclick: () => this.#openAttach() }, icon(ICONS.clip));
    this.keys = h("button", { class: "icon-button", type: "button", "aria-label": "Show or hide the keyboard", hidden: true, onclick: () => this.#toggleKeyboard() }, icon(ICONS.keys));
    this.send = h("button", { class: "send", type: "submit", "aria-label": "Send", title: "Send" }, icon(ICONS.send, 19));
    this.context = h("div", { class: "context", hidden: true });
    this.keyboard = h("div", { class: "reply-keyboard", role: "group", "aria-label": "Keyboard of the bot", hidden: true });
    this.file = h("input", { type: "file", accept: "image/*", hidden: true, tabIndex: -1, "aria-hidden": "true" });
    this.file.addEventListener("change", () => this.#chosen());
    this.form = h("form", { class: "line" }, this.app, this.menu, this.attach, this.input, this.keys, this.send);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.start = h("button", { class: "start", type: "button" }, "START");
    this.start.addEventListener("click", () => this.#start());
    this.element = h("footer", { class: "composer" }, this.#inline.element, this.#commands, this.context, this.start, this.form, this.keyboard, this.file);
  }

  show(chat) {
    this.#chat = chat;
    const { has_started: hasStarted, has_blocked: hasBlocked, reply_keyboard: keyboard } = chat.person;
    const isWaiting = !chat.group && (!hasStarted || hasBlocked);
    this.attach.hidden = Boolean(chat.group); // in groups the sandbox carries texts
    this.input.setAttribute("aria-label", chat.group ? `Message to ${chat.group.title}` : "Message to the bot");
    this.start.hidden = !isWaiting;
    this.start.textContent = hasBlocked ? "RESTART BOT" : "START";
    this.form.hidden = isWaiting;
    this.menu.hidden = chat.commands.length === 0;
    this.app.hidden = !chat.mini_app; // in a group there is none
    this.form.classList.toggle("has-app", Boolean(chat.mini_app)); // the commands have a sign beside it then
    if (chat.mini_app) {
      this.app.setAttribute("aria-label", `Open the Mini App: ${chat.mini_app.text}`);
      this.app.replaceChildren(h("span", {}, chat.mini_app.text));
    }
    this.#showKeyboard(isWaiting || chat.group ? null : keyboard);
  }

  reply(message) {
    this.#replyTo = message;
    this.#editing = null;
    this.#showContext("Reply to", message);
  }

  edit(message) {
    this.#editing = message;
    this.#replyTo = null;
    this.input.value = message.text ?? message.caption ?? "";
    this.#showContext("Edit", message);
    this.#fit();
  }

  /** The bot has asked for an answer to this message (ForceReply). */
  ask(message) {
    this.reply(message);
    this.input.placeholder = message.markup.input_field_placeholder || "Message";
  }

  /** Type "@bot query", as a button that shares does. */
  inline(query) {
    this.input.value = `@${this.#username} ${query}`;
    this.#typed();
    this.input.focus();
  }

  showResults(answer) {
    this.#inline.show(answer);
  }

  #clear() {
    this.input.value = "";
    this.#typed();
    focusHere(this.input);
  }

  async text(text) {
    await this.#try(() => act(`/people/${this.#id}/text`, { text, thread_id: this.thread }));
  }

  focus() {
    focusHere(this.start.hidden ? this.input : this.start);
  }

  async #start() {
    await this.#try(async () => {
      if (this.#chat.person.has_blocked) await act(`/people/${this.#id}/block`, { blocked: false });
      await act(`/people/${this.#id}/text`, { text: "/start" });
    });
    this.focus();
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const editing = this.#editing;
    const replyTo = this.#replyTo?.id;
    this.input.value = "";
    this.#clearContext();
    this.#typed();
    const done = await this.#try(() =>
      editing ? act(`/people/${this.#id}/edit`, { message_id: editing.id, text }) : act(`/people/${this.#id}/text`, { text, reply_to: replyTo, thread_id: this.thread }),
    );
    if (!done && !this.input.value) this.input.value = text;
  }

  #key(event) {
    const list = this.#inline.element.hidden ? this.#commands : this.#inline.element;
    const options = list.hidden ? [] : [...list.querySelectorAll("[role=option]")];
    const at = options.findIndex((option) => option.ariaSelected === "true");
    if (event.key === "Escape") {
      this.#commands.hidden = true;
      this.#inline.hide();
      this.#clearContext();
    } else if (options.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((option, index) => (option.ariaSelected = String(index === next)));
      options[next].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (at >= 0) options[at].click();
      else if (this.#inline.element.hidden) this.#submit();
    }
  }

  #typed() {
    this.#fit();
    this.#inline.typed(this.input.value);
    const typed = /^\/(\w*)$/.exec(this.input.value);
    this.#listCommands(typed ? (this.#chat?.commands ?? []).filter(({ command }) => command.startsWith(typed[1])) : [], false);
  }

  #fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(112, this.input.scrollHeight)}px`;
  }

  #toggleMenu() {
    this.#listCommands(this.#commands.hidden ? this.#chat.commands : [], true);
    this.input.focus();
  }

  #listCommands(commands, isFirstChosen) {
    this.#commands.hidden = commands.length === 0;
    this.menu.setAttribute("aria-expanded", String(commands.length > 0));
    this.#commands.replaceChildren(
      ...commands.map(({ command, description }, index) => {
        const option = h("button", { class: "command", type: "button", role: "option", tabIndex: -1, "aria-selected": String(isFirstChosen && index === 0) }, h("strong", {}, `/${command}`), h("span", {}, description));
        option.addEventListener("click", () => {
          this.input.value = "";
          this.#typed();
          this.input.focus();
          this.text(`/${command}`);
        });
        return option;
      }),
    );
  }

  #openAttach() {
    if (this.attach.ariaExpanded === "true") return;
    const choice = (name, symbol, action) => h("button", { type: "button", role: "menuitem", onclick: () => (box.close(), action()) }, symbol, name);
    const samples = SAMPLES.map((sample) => {
      const canvas = sample.canvas();
      const button = h("button", { class: "sample", type: "button", role: "menuitem", "aria-label": `Send the picture: ${sample.name}`, title: sample.name }, h("img", { src: canvas.toDataURL("image/jpeg", 0.6), alt: "" }));
      button.addEventListener("click", async () => {
        box.close();
        this.#photo(await toBlob(canvas), `${sample.name}.jpg`);
      });
      return button;
    });
    const pick = (asDocument) => {
      this.file.accept = asDocument ? "" : "image/*";
      this.file.dataset.asDocument = asDocument ? "yes" : "";
      this.file.click();
    };
    const box = popover(
      this.attach,
      [
        h("div", { class: "samples" }, samples),
        choice("Photo from this computer", icon(ICONS.image), () => pick(false)),
        choice("Send as a file", icon(ICONS.file), () => pick(true)),
        choice("Location", icon(ICONS.pin), () => this.#other("location")),
        choice("Sticker", icon(ICONS.sticker), () => this.#other("sticker")),
        choice("Voice message", icon(ICONS.mic), () => this.#other("voice")),
      ],
      "Attach",
    );
    this.element.append(box.box);
    box.box.querySelector("button").focus();
  }

  #chosen() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file) this.#photo(file, file.name, Boolean(this.file.dataset.asDocument));
  }

  #paste(event) {
    const [file] = [...event.clipboardData.files].filter((item) => item.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    this.#photo(file, file.name);
  }

  async #photo(blob, name, asDocument = false) {
    if (blob.size > MAX_PHOTO_BYTES && !asDocument) {
      this.#report("A photo has at most 10 MB. Send it as a file instead.");
      return;
    }
    const caption = this.input.value.trim();
    const body = { name, caption, as_document: asDocument, reply_to: this.#replyTo?.id };
    this.input.value = "";
    this.#clearContext();
    this.#typed();
    await this.#try(async () => act(`/people/${this.#id}/photo`, { ...body, data: await toBase64(blob) }));
  }

  async #other(kind) {
    await this.#try(() => act(`/people/${this.#id}/other`, { kind }));
  }

  #showContext(what, message) {
    const cancel = h("button", { class: "icon-button small", type: "button", "aria-label": "Cancel", onclick: () => this.#clearContext(true) }, icon(ICONS.close, 16));
    this.context.replaceChildren(h("span", { class: "context-words" }, h("strong", {}, what), h("span", {}, previewOf({ ...message, from_bot: true }))), cancel);
    this.context.hidden = false;
    focusHere(this.input); // it may be the bot that asks
  }

  #clearContext(isCancel = false) {
    if (isCancel && this.#editing) this.input.value = "";
    this.#replyTo = this.#editing = null;
    this.input.placeholder = "Message";
    this.context.hidden = true;
  }

  #showKeyboard(keyboard) {
    this.keys.hidden = !keyboard;
    this.keyboard.hidden = !keyboard || this.#isKeyboardHidden;
    this.keyboard.replaceChildren(
      ...(keyboard?.keyboard ?? []).map((row) =>
        h("div", { class: "row" }, row.map((button) => h("button", { type: "button", class: `key ${button.style ?? ""}`, onclick: () => this.#pressKey(keyboard, button) }, button.text))),
      ),
    );
    if (keyboard?.input_field_placeholder && !this.#replyTo) this.input.placeholder = keyboard.input_field_placeholder;
  }

  #pressKey(keyboard, button) {
    this.#try(() => act(`/people/${this.#id}/press`, { message_id: keyboard.message_id, button: button.text }));
  }

  #toggleKeyboard() {
    this.#isKeyboardHidden = !this.#isKeyboardHidden;
    this.keyboard.hidden = this.#isKeyboardHidden;
  }

  async #try(action) {
    try {
      await action();
      return true;
    } catch (error) {
      this.#report(error.message);
      return false;
    }
  }
}
