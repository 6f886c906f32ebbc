// The hours of a week as a grid, in the place of the six boxes: days across, hours down. One stop of the Tab key; arrows
// move, Space toggles, Shift and arrows fill; a header toggles its row or column; dragging is an extra. What is chosen
// stands in the field "hours": numbers from 0 (Monday at midnight) to 167, with commas between them.
import { say } from "./texts.js";

const DAYS = 7, HOURS = 24, FIRST_SHOWN = 6;
const EVENINGS = [18, 19, 20, 21], DAYTIME = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
const MONDAY = Date.UTC(2024, 0, 1);

export function week(fieldset) {
  const field = fieldset.querySelector("[name=hours]"), boxes = fieldset.querySelector(".boxes");
  const language = document.documentElement.lang;
  const dayName = (style) => (day) => new Intl.DateTimeFormat(language, { weekday: style, timeZone: "UTC" }).format(MONDAY + day * 864e5);
  const [short, long] = [dayName("short"), dayName("long")];
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", timeZone: "UTC" });
  const time = (hour) => clock.format(MONDAY + hour * 36e5);
  const chosen = new Set(field.value.split(",").filter(Boolean).map(Number));
  let isWhole = [...chosen].some((hour) => hour % HOURS < FIRST_SHOWN);
  let at = [-1, 0]; // row (-1: the names of the days) and column (-1: the hours) of the one stop of the Tab key

  const make = (tag, values = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...children);
    return made;
  };
  const table = make("table", { role: "grid", ariaLabel: say("grid"), ariaMultiSelectable: "true" });
  const total = make("output");
  const night = make("button", { type: "button", textContent: say("night") });
  const preset = (label, hours) => {
    const button = make("button", { type: "button", textContent: label });
    button.addEventListener("click", () => { set(hours(), !hours().every((hour) => chosen.has(hour))); });
    return button;
  };
  const span = (days, hours) => days.flatMap((day) => hours.map((hour) => day * HOURS + hour));
  const clear = make("button", { type: "button", textContent: say("clear") });
  clear.addEventListener("click", () => set([...chosen], false));
  night.addEventListener("click", () => { isWhole = true; draw(); table.querySelector("td")?.focus(); });
  const box = make("div", { className: "week" },
    make("div", { className: "buttons" }, preset(say("weekday_evenings"), () => span([0, 1, 2, 3, 4], EVENINGS)), preset(say("weekends"), () => span([5, 6], DAYTIME)), clear, total),
    make("div", { className: "scroll" }, table), night);

  const first = () => (isWhole ? 0 : FIRST_SHOWN);
  const cellAt = ([row, column]) => table.querySelector(`[data-row="${row}"][data-column="${column}"]`);
  const hoursOf = ([row, column]) => (row < 0 ? span([column], shownHours()) : column < 0 ? span([0, 1, 2, 3, 4, 5, 6], [row]) : [column * HOURS + row]);
  const shownHours = () => Array.from({ length: HOURS - first() }, (_, number) => number + first());

  function place(cell, row, column) {
    Object.assign(cell.dataset, { row, column });
    cell.tabIndex = row === at[0] && column === at[1] ? 0 : -1;
    return cell;
  }

  function draw() {
    if (at[0] >= 0 && at[0] < first()) at = [first(), Math.max(0, at[1])];
    const head = make("tr");
    const corner = make("th", { scope: "col" }, make("span", { className: "unseen", textContent: say("hour") }));
    head.replaceChildren(corner, ...Array.from({ length: DAYS }, (_, day) => place(make("th", { scope: "col", title: long(day), ariaLabel: long(day), textContent: short(day) }), -1, day)));
    const rows = shownHours().map((hour) => make("tr", {},
      place(make("th", { scope: "row", textContent: time(hour) }), hour, -1),
      ...Array.from({ length: DAYS }, (_, day) => place(make("td", { role: "gridcell", ariaLabel: `${long(day)} ${time(hour)}` }), hour, day))));
    table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
    night.hidden = isWhole;
    show();
  }

  function show() {
    for (const cell of table.querySelectorAll("td[data-row]")) cell.ariaSelected = String(chosen.has(cell.dataset.column * HOURS + Number(cell.dataset.row)));
    field.value = [...chosen].sort((one, other) => one - other).join(",");
    total.textContent = say("total", { n: chosen.size });
  }

  function set(hours, isOn) {
    for (const hour of hours) isOn ? chosen.add(hour) : chosen.delete(hour);
    show();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const toggle = (spot) => { const hours = hoursOf(spot); set(hours, !hours.every((hour) => chosen.has(hour))); };

  function move(spot) {
    const next = cellAt(spot);
    if (!next) return false;
    cellAt(at)?.setAttribute("tabindex", "-1");
    at = spot;
    next.tabIndex = 0;
    next.focus();
    return true;
  }

  const spotOf = (element) => {
    const cell = element?.closest?.("[data-row]");
    return cell && table.contains(cell) ? [Number(cell.dataset.row), Number(cell.dataset.column)] : null;
  };
  const rtl = () => (getComputedStyle(table).direction === "rtl" ? -1 : 1);

  table.addEventListener("keydown", (event) => {
    const [row, column] = at;
    const below = row < 0 ? first() : row + 1, above = row === first() ? -1 : row - 1;
    const next = {
      ArrowDown: [below, column], ArrowUp: [above, column],
      ArrowRight: [row, column + rtl()], ArrowLeft: [row, column - rtl()],
      Home: [row, row < 0 ? 0 : -1], End: [row, DAYS - 1],
    }[event.key];
    if (next) {
      const isOn = row >= 0 && column >= 0 && chosen.has(column * HOURS + row);
      if (move(next) && event.shiftKey && next[0] >= 0 && next[1] >= 0) set(hoursOf(next), isOn);
    } else if (event.key === " " || event.key === "Enter") toggle(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  let dragged = null; // whether the hours that a pointer goes over become free; null while none is down
  table.addEventListener("pointerdown", (event) => {
    const spot = spotOf(event.target);
    if (!spot || event.button) return;
    cellAt(at)?.setAttribute("tabindex", "-1");
    at = spot;
    cellAt(spot).tabIndex = 0;
    if (event.pointerType !== "mouse") return; // a finger may be scrolling: it toggles when it has let go
    toggle(spot);
    if (spot[0] >= 0 && spot[1] >= 0) dragged = chosen.has(spot[1] * HOURS + spot[0]);
  });
  table.addEventListener("click", (event) => {
    const spot = event.pointerType === "mouse" ? null : spotOf(event.target);
    if (spot) toggle(spot);
  });
  table.addEventListener("pointerover", (event) => {
    const spot = dragged === null ? null : spotOf(event.target);
    if (spot && spot[0] >= 0 && spot[1] >= 0) set(hoursOf(spot), dragged);
  });
  const listening = new AbortController();
  addEventListener("pointerup", () => { dragged = null; }, { signal: listening.signal });

  boxes.hidden = true;
  for (const input of boxes.querySelectorAll("input")) input.disabled = true;
  field.disabled = false;
  draw();
  boxes.after(box);
  return () => listening.abort();
}
