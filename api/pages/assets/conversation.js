// What is known of one conversation, and how it is drawn. Everything that people wrote enters the page as text, never as
// markup. Messages, edits and deletions may arrive twice and in any order: the higher change number is the newer one.

import { say } from "./texts.js";

const time = (at) => new Date(at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });

export function element(tag, fields, ...children) {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...children);
  return made;
}

const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'»”])/;

/** The text as nodes, with a link for each web address in it: the page of a link does not learn where it was. */
function linked(text) {
  return text
    .split(ADDRESS)
    .map((part, number) =>
      number % 2 ? element("a", { href: part, textContent: part, target: "_blank", rel: "noopener noreferrer nofollow" }) : part,
    );
}

export class Conversation {
  // `people`: the names of the others by id, where there are several.
  constructor(swap, name, me, log, people = {}) {
    Object.assign(this, { swap, name, me, log, people });
    this.after = 0; // the highest seq up to which none is missing
    this.changes = null; // as the last sync gave it; live events do not move it
    this.messages = new Map(); // by seq
    this.lines = new Map();
    this.reads = {};
    this.isAtEnd = true; // until the reader scrolls up; a photo that loads later does not change it
    log.replaceChildren();
    log.onscroll = () => {
      this.isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    };
  }

  /** The newest message of the other side. */
  get newest() {
    return Math.max(0, ...[...this.messages.values()].filter((one) => one.from_user_id !== this.me).map((one) => one.seq));
  }

  /** What came in answer to a sync. */
  catchUp(missed) {
    for (const message of [...missed.messages, ...missed.changed]) this.keep(message);
    const last = missed.messages.at(-1);
    if (last) this.after = Math.max(this.after, last.seq);
    this.changes = missed.changes;
    for (const [person, seq] of Object.entries(missed.reads)) this.markRead(person, seq);
  }

  /** A message that has come live. False when one before it is missing. */
  receive(message) {
    if (message.seq > this.after + 1) return false;
    this.after = Math.max(this.after, message.seq);
    this.keep(message);
    return true;
  }

  /** A message as it reads now; an older state of it changes nothing. */
  keep(message) {
    const known = this.messages.get(message.seq);
    if (known && known.changed >= message.changed) return;
    this.messages.set(message.seq, message);
    const line = this.draw(message);
    if (known) this.lines.get(message.seq).replaceWith(line);
    else this.log.insertBefore(line, [...this.log.children].find((one) => Number(one.dataset.seq) > message.seq) ?? null);
    this.lines.set(message.seq, line);
    this.followEnd();
    this.showRead();
  }

  /** Stay at the newest message, unless the reader has scrolled up. */
  followEnd() {
    if (this.isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  markRead(person, seq) {
    this.reads[person] = Math.max(this.reads[person] ?? 0, seq);
    this.showRead();
  }

  /** "Read" stands under the last of one's own messages that the others have read. */
  showRead() {
    const others = Object.entries(this.reads).filter(([person]) => person !== this.me).map(([, seq]) => seq);
    const upTo = others.length ? Math.min(...others) : 0;
    const mine = [...this.messages.values()].filter((one) => one.from_user_id === this.me && one.seq <= upTo);
    const last = Math.max(0, ...mine.map((one) => one.seq));
    for (const [seq, line] of this.lines) {
      line.classList.toggle("read", seq === last);
      line.dataset.read = say("read");
    }
  }

  draw(message) {
    const line = element("li", {});
    line.dataset.seq = message.seq;
    if (message.from_user_id === this.me) line.classList.add("mine");
    const who = this.people[message.from_user_id];
    if (who) line.append(element("b", { className: "who", textContent: who }));
    if (message.deleted_at) {
      line.classList.add("gone");
      line.append(say("deleted"));
    } else {
      if (message.reply_to) line.append(this.quote(message.reply_to));
      if (message.photo_url) line.append(element("img", { src: message.photo_url, alt: say("photo"), onload: () => this.followEnd() }));
      line.append(...linked(message.message), this.tools(message));
    }
    const at = element("time", { dateTime: message.created_at, textContent: time(message.created_at) });
    if (message.edited_at && !message.deleted_at) at.textContent += ` · ${say("edited")}`;
    line.append(at);
    return line;
  }

  quote(seq) {
    const words = this.messages.get(seq)?.message;
    const quote = element("button", { type: "button", className: "quote", textContent: words?.slice(0, 80) || say("earlier_message") });
    quote.dataset.jump = seq;
    return quote;
  }

  tools(message) {
    const tools = element("span", { className: "tools" });
    const all = message.from_user_id === this.me ? ["reply", "edit", "delete"] : ["reply"];
    for (const name of all) {
      const tool = element("button", { type: "button", textContent: say(name) });
      tool.dataset.tool = name;
      tool.dataset.of = message.seq;
      tools.append(tool);
    }
    return tools;
  }

  jump(seq) {
    const line = this.lines.get(seq);
    line?.scrollIntoView({ block: "center" });
    line?.classList.add("found");
    setTimeout(() => line?.classList.remove("found"), 1500);
  }
}
