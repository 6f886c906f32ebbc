// Elements are built node by node: text from outside is only ever text.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-") && name !== "role") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(path, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  const line = document.createElementNS(SVG, "path");
  const look = { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [name, value] of Object.entries(look)) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

export const ICONS = {
  send: "M4 12 20 4l-5 16-4-6.5L4 12Zm7 1.5L20 4",
  clip: "M20 11.5 12.2 19a5 5 0 0 1-7-7l8.3-8a3.3 3.3 0 0 1 4.7 4.7l-8.3 8a1.7 1.7 0 0 1-2.4-2.3l7.5-7.3",
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M9 7 4 12l5 5M4.5 12H14a6 6 0 0 1 6 6",
  edit: "M4 20h4L19 9l-4-4L4 16v4Z",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  keys: "M4 7h16v10H4zM8 11h.01M12 11h.01M16 11h.01M8.5 14h7",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
  pin: "M12 21s-6.5-5.6-6.5-11a6.5 6.5 0 0 1 13 0c0 5.4-6.5 11-6.5 11ZM12 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z",
  sticker: "M5 4h14v9l-6 7H5zM13 20v-7h6M9 9h.01M14.5 9h.01",
  mic: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4ZM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
};

/** Focuses an element, unless somebody has meanwhile gone on to another phone or into a Mini App: their keys stay there. */
export function focusHere(element) {
  const focused = document.activeElement, phone = focused?.closest(".slot");
  if (phone && (!phone.contains(element) || (focused.matches("iframe") && focused !== element))) return;
  element.focus({ preventScroll: true });
}

const PRESS_MS = 50; // between two looks whether a press is over

/** Draws a part of the page, but nothing while a button in it is being pressed: the press would end beside it. */
export function drawAfterPress(part, draw) {
  if (part.matches(":active")) setTimeout(() => drawAfterPress(part, draw), PRESS_MS);
  else draw();
}

/** A list of choices near a button; closes on choice, Escape, or a click elsewhere. */
export function popover(anchor, content, label) {
  const box = h("div", { class: "popover", role: "menu", "aria-label": label }, content);
  const close = () => {
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
  };
  const outside = (event) => {
    if (!box.contains(event.target) && !anchor.contains(event.target)) close();
  };
  box.addEventListener("keydown", (event) => {
    const choices = [...box.querySelectorAll("button")];
    const at = choices.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      anchor.focus();
    } else if (step) {
      event.preventDefault();
      choices.at((at + step + choices.length) % choices.length)?.focus();
    }
  });
  document.addEventListener("pointerdown", outside, true);
  anchor.setAttribute("aria-expanded", "true");
  return { box, close };
}

let ahead = 0;

/** The sandbox's clock may be ahead of this machine's by some seconds. */
export function setAhead(seconds) {
  ahead = seconds;
}

export function now() {
  return new Date(Date.now() + ahead * 1000);
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function dayName(seconds) {
  const day = new Date(seconds * 1000);
  const today = now();
  if (day.toDateString() === today.toDateString()) return "Today";
  return day.toLocaleDateString([], { day: "numeric", month: "long" });
}

export function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
