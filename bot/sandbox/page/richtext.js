// Message entities (UTF-16 offsets, as JavaScript counts) to elements. A link is only ever http, https, tg or mailto.

import { h } from "./dom.js";

const PLAIN = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  custom_emoji: "span",
};

const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];

/** `actions`: start(payload) for a link to the bot itself, command(text) for a tap on a command. */
export function richText(text, entities, actions) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fragment.append(...build(text, sorted, 0, text.length, actions));
  return fragment;
}

function build(text, entities, from, to, actions) {
  const nodes = [];
  let at = from;
  let rest = entities.filter((entity) => entity.offset < to && entity.offset + entity.length > from);
  while (rest.length) {
    const [entity, ...others] = rest;
    const begin = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    rest = others;
    if (end <= begin) continue;
    if (begin > at) nodes.push(text.slice(at, begin));
    nodes.push(wrap(entity, text.slice(begin, end), build(text, others, begin, end, actions), actions));
    at = end;
    if (BLOCKS.includes(entity.type) && text[at] === "\n" && at < to) at += 1; // the block ends the line already
    rest = others.filter((other) => other.offset + other.length > at);
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, raw, children, actions) {
  if (PLAIN[entity.type]) return h(PLAIN[entity.type], {}, children);
  switch (entity.type) {
    case "pre":
      return h("pre", {}, h("code", {}, children));
    case "spoiler":
      return spoiler(children);
    case "blockquote":
      return h("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "text_link":
      return link(entity.url, children, actions);
    case "url":
      return link(raw.includes("://") ? raw : `http://${raw}`, children, actions);
    case "email":
      return link(`mailto:${raw}`, children, actions);
    case "bot_command":
      return h("button", { class: "link", type: "button", onclick: () => actions.command(raw) }, children);
    case "date_time":
      return h("time", { title: new Date(entity.unix_time * 1000).toLocaleString() }, children);
    case "mention":
    case "text_mention":
    case "hashtag":
      return h("span", { class: "tint" }, children);
    default:
      return h("span", {}, children);
  }
}

function spoiler(children) {
  const element = h("span", { class: "spoiler", role: "button", tabIndex: 0, "aria-label": "Hidden text, press to show" }, children);
  const show = () => {
    element.classList.add("shown");
    element.removeAttribute("aria-label");
  };
  element.addEventListener("click", show);
  element.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return element;
}

function expandable(children) {
  const quote = h("blockquote", { class: "folded", tabIndex: 0 }, children);
  quote.addEventListener("click", () => quote.classList.toggle("folded"));
  quote.addEventListener("keydown", (event) => event.key === "Enter" && quote.classList.toggle("folded"));
  return quote;
}

function link(address, children, actions) {
  const url = safeUrl(address);
  if (!url) return h("span", {}, children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", ...toBot(url, actions) }, children);
}

/** What happens on a press of a link to this bot: it is started, or its Mini App opens. */
export function toBot(url, actions) {
  const start = startPayload(url, actions.botUsername), app = appPayload(url, actions.botUsername);
  if (start === null) return {};
  return { onclick: (event) => (event.preventDefault(), app === null ? actions.start(start) : actions.openApp(app)) };
}

export function safeUrl(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "tg:", "mailto:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** What a t.me link to this bot hands to /start; null for any other link. */
export function startPayload(url, username) {
  const name = username.toLowerCase();
  const isWeb = /^(?:t|telegram)\.me$/.test(url.hostname) && url.pathname.slice(1).toLowerCase() === name;
  const isApp = url.protocol === "tg:" && url.searchParams.get("domain")?.toLowerCase() === name;
  return isWeb || isApp ? url.searchParams.get("start") ?? "" : null;
}

/** What a t.me link to the Mini App of this bot hands to it; null for any other link. */
export function appPayload(url, username) {
  return startPayload(url, username) !== null ? url.searchParams.get("startapp") : null;
}
