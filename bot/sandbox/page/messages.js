// One message: its bubble, its picture, its buttons.

import { ICONS, clock, h, icon } from "./dom.js";
import { previewOf } from "./people.js";
import { richText, safeUrl, toBot } from "./richtext.js";

const STICKERS = { sticker: "👋", voice: "🎤 Voice message · 0:03", video: "🎬 Video · 0:05", video_note: "⏺ Video message", audio: "🎵 Song · 1:00", animation: "GIF", contact: "👤 Contact", poll: "📊 Shall we meet on Sunday?", dice: "🎲" };

/** The element of a message. `actions`: press, start, inline, command, reply, edit, jump, problem; `botUsername`. */
export function messageElement(message, chat, actions) {
  if (message.service) return h("li", { class: "message service", "data-message": message.id }, h("span", {}, message.service));
  const side = isMine(message, chat) ? "me" : "bot";
  const label = `${message.from_bot ? "Bot" : (message.name ?? chat.person.first_name)}, ${clock(message.date)}`;
  return h(
    "li",
    { class: `message ${side}`, "data-message": message.id, "aria-label": label },
    h("div", { class: "stack" }, bubble(message, chat, actions), inlineKeyboard(message, actions), reactions(message), tools(message, actions)),
  );
}

function isMine(message, chat) {
  return !message.from_bot && (!chat.group || message.sender === chat.person.id);
}

function bubble(message, chat, actions) {
  const isPicture = Boolean(message.photo);
  const isBare = message.kind === "sticker" || message.kind === "dice";
  const meta = h("span", { class: "meta" }, message.edited ? "edited " : "", h("time", {}, clock(message.date)), !isMine(message, chat) ? null : h("span", { class: "ticks", "aria-hidden": "true" }, "✓✓"));
  return h(
    "div",
    { class: `bubble${isPicture ? " with-picture" : ""}${isBare ? " bare" : ""}${isPicture && !message.text ? " only-picture" : ""}` },
    message.forwarded_from ? h("p", { class: "forwarded" }, `Forwarded from ${message.forwarded_from}`) : null,
    chat.group ? byline(message, chat, actions) : null,
    message.via ? h("p", { class: "forwarded" }, `via @${message.via}`) : null,
    quote(message, chat, actions),
    isPicture ? picture(message) : null,
    message.file ? file(message) : null,
    message.kind === "location" ? h("div", { class: "map", role: "img", "aria-label": "A place on a map" }, "📍") : null,
    STICKERS[message.kind] ? h("p", { class: `kind ${message.kind}` }, STICKERS[message.kind]) : null,
    message.text ? h("div", { class: "words", dir: "auto" }, richText(message.text, message.entities, actions), meta) : meta,
  );
}

/** Who writes in a group, and in which topic. */
function byline(message, chat, actions) {
  const name = message.from_bot ? actions.botName : message.sender === chat.person.id ? "" : message.name;
  const topic = message.topic ? `# ${message.topic}` : "";
  return name || topic ? h("p", { class: "byline" }, [name, topic].filter(Boolean).join(" · ")) : null;
}

function quote(message, chat, actions) {
  const replied = message.reply_to ? chat.messages.get(message.reply_to) : null;
  if (!message.reply_to) return null;
  const author = replied?.from_bot ? actions.botName : (replied?.name ?? chat.person.first_name);
  return h(
    "button",
    { class: "quote", type: "button", onclick: () => actions.jump(message.reply_to), "aria-label": "Show the message this one answers" },
    h("strong", {}, replied ? author : "Message"),
    h("span", {}, replied ? previewOf({ ...replied, from_bot: true }) : "deleted"),
  );
}

function picture(message) {
  const image = h("img", { class: "picture", src: message.photo, alt: message.text ? "" : "Photo", loading: "lazy", referrerPolicy: "no-referrer" });
  const [width, height] = message.size;
  image.style.aspectRatio = `${Math.max(0.6, Math.min(2.2, width / height))}`;
  image.addEventListener("error", () => image.replaceWith(h("div", { class: "picture broken" }, "This picture cannot be shown")));
  const zoom = h("button", { class: "zoom", type: "button", "aria-label": "Enlarge the photo" }, image);
  zoom.addEventListener("click", () => {
    const big = h("dialog", { class: "lightbox", "aria-label": "Photo" }, h("img", { src: message.photo, alt: "Photo" }));
    big.addEventListener("click", () => big.close());
    big.addEventListener("close", () => big.remove());
    document.body.append(big);
    big.showModal();
  });
  return zoom;
}

function file(message) {
  const size = message.file.size > 1e6 ? `${(message.file.size / 1e6).toFixed(1)} MB` : `${Math.ceil(message.file.size / 1e3)} kB`;
  return h("a", { class: "file", href: message.file.url, download: message.file.name }, h("span", { class: "file-mark" }, icon(ICONS.file)), h("span", {}, h("strong", {}, message.file.name), h("small", {}, size)));
}

function inlineKeyboard(message, actions) {
  const rows = message.markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return h("div", { class: "inline", role: "group", "aria-label": "Buttons" }, rows.map((row) => h("div", { class: "row" }, row.map((button) => inlineButton(message, button, actions)))));
}

function inlineButton(message, button, actions) {
  const look = `inline-button ${["primary", "success", "danger"].includes(button.style) ? button.style : ""}`;
  const url = safeUrl(button.url ?? button.web_app?.url ?? button.login_url?.url ?? "");
  if (url) {
    return h("a", { class: look, href: url.href, target: "_blank", rel: "noopener noreferrer", ...toBot(url, actions) }, button.text, h("span", { class: "corner", "aria-hidden": "true" }, "↗"));
  }
  const element = h("button", { class: look, type: "button" }, button.text);
  const shared = button.switch_inline_query ?? button.switch_inline_query_current_chat;
  if (button.copy_text) element.addEventListener("click", () => navigator.clipboard?.writeText(button.copy_text.text));
  else if (button.callback_data !== undefined) element.addEventListener("click", () => actions.press(message, button.callback_data, element));
  else if (shared !== undefined) element.addEventListener("click", () => actions.inline(shared));
  else element.disabled = true;
  return element;
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((emoji) => h("span", {}, emoji)));
}

function tools(message, actions) {
  const edit = h("button", { class: "tool", type: "button", "aria-label": "Edit", title: "Edit", onclick: () => actions.edit(message) }, icon(ICONS.edit, 15));
  return h(
    "div",
    { class: "tools" },
    h("button", { class: "tool", type: "button", "aria-label": "Reply", title: "Reply", onclick: () => actions.reply(message) }, icon(ICONS.reply, 15)),
    !message.from_bot && ["text", "photo"].includes(message.kind) ? edit : null,
  );
}
