// "@bot words" in the input field: the results above it, and the one that is sent.

import { h } from "./dom.js";
import { act } from "./store.js";

const TYPING_PAUSE_MS = 200;
const NEAR_END = 60;

export class InlineResults {
  #id;
  #pattern;
  #actions;
  #timer = 0;
  #text = null;
  #next = "";

  /** `actions`: sent() after a result has gone out, start(payload), report(problem). */
  constructor(id, username, actions) {
    this.#id = id;
    this.#pattern = new RegExp(`^@${username}\\s+(.*)$`, "is");
    this.#actions = actions;
    this.element = h("div", { class: "commands results", role: "listbox", "aria-label": "Results", hidden: true });
    this.element.addEventListener("scroll", () => this.#atEnd() && this.#more(), { passive: true });
  }

  /** What stands in the input field now. */
  typed(value) {
    const found = this.#pattern.exec(value);
    const text = found ? found[1].trim() : null;
    if (text === this.#text) return;
    clearTimeout(this.#timer);
    this.#text = text;
    this.#next = "";
    if (text === null) this.hide();
    else this.#timer = setTimeout(() => this.#ask(""), TYPING_PAUSE_MS);
  }

  hide() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** The bot's answer; to what was typed before, it comes too late. */
  show({ text, offset, query, results, next_offset: next, button }) {
    if (text !== this.#text) return;
    this.#next = next;
    const lines = results.map((result) => this.#option(query, result));
    if (offset) return this.element.append(...lines);
    const above = button ? [h("button", { class: "command above", type: "button", onclick: () => this.#actions.start(button.start ?? "") }, h("strong", {}, button.text))] : [];
    const none = lines.length || above.length ? [] : [h("p", { class: "no-results" }, "No results")];
    this.element.replaceChildren(...above, ...lines, ...none);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #option(query, { id, title, description }) {
    const option = h("button", { class: "command", type: "button", role: "option", tabIndex: -1, "aria-selected": "false" }, h("strong", { dir: "auto" }, title), h("span", { dir: "auto" }, description));
    option.addEventListener("click", () => this.#try(async () => {
      await act(`/people/${this.#id}/choose`, { query, result: id });
      this.#actions.sent();
    }));
    return option;
  }

  #atEnd() {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < NEAR_END;
  }

  #more() {
    const offset = this.#next;
    this.#next = "";
    if (offset) this.#ask(offset);
  }

  #ask(offset) {
    this.#try(() => act(`/people/${this.#id}/inline`, { text: this.#text, offset }));
  }

  async #try(action) {
    try {
      await action();
    } catch (error) {
      this.#actions.report(error.message);
    }
  }
}
