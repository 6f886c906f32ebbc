// The clock of the service under test, and the buttons that move it ahead.

import { h, now } from "./dom.js";
import { act } from "./store.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const STEPS = [
  ["+1 h", "Move the clock ahead by an hour", HOUR],
  ["+1 day", "Move the clock ahead by a day", DAY],
  ["+1 week", "Move the clock ahead by a week", 7 * DAY],
];
const TICK_MS = 1000;

export class ClockPanel {
  #store;
  #panel = document.getElementById("clock");
  #time = h("time", {});
  #ahead = h("p", { role: "status" });
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #buttons = STEPS.map(([label, title, seconds]) => h("button", { class: "chip", type: "button", title, onclick: () => this.#move(seconds) }, label));

  constructor(store) {
    this.#store = store;
    this.#panel.append(this.#time, this.#ahead, h("div", {}, this.#buttons), this.#problem);
    store.addEventListener("clock", () => this.#draw());
    setInterval(() => this.#draw(), TICK_MS);
  }

  #draw() {
    const { ahead, is_movable } = this.#store.clock;
    this.#panel.hidden = !is_movable;
    const shown = now();
    const words = shown.toLocaleString([], { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const behind = ahead < TICK_MS / 1000 ? "The real time" : `${spanOf(ahead)} ahead of the real time`;
    if (this.#time.textContent !== words) this.#time.textContent = words;
    if (this.#ahead.textContent !== behind) this.#ahead.textContent = behind;
    this.#time.dateTime = shown.toISOString();
  }

  async #move(seconds) {
    for (const button of this.#buttons) button.disabled = true;
    this.#problem.hidden = true;
    try {
      await act("/clock", { seconds });
    } catch (error) {
      this.#problem.textContent = error.message;
      this.#problem.hidden = false;
    } finally {
      for (const button of this.#buttons) button.disabled = false;
    }
  }
}

function spanOf(seconds) {
  const hours = Math.round(seconds / HOUR);
  const days = Math.floor(hours / 24);
  const parts = [days ? `${days} ${days === 1 ? "day" : "days"}` : "", hours % 24 ? `${hours % 24} h` : ""];
  return parts.filter(Boolean).join(" ") || `${Math.round(seconds)} s`;
}
