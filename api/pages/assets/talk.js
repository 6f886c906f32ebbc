// The messages of one conversation, as they are drawn. The server has drawn the newest; what comes, changes or is older is
// drawn here alike. Everything that people wrote enters the page as text, never as markup. Messages, edits and deletions may
// arrive twice and in any order: the higher change number is the newer one. At most MAX_KEPT stay in the page.
import { say } from "./texts.js";

export const MAX_KEPT = 200;
const AT_END_PX = 60;
const QUOTED = 80;
const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'»”])/;
const language = document.documentElement.lang;

export function element(tag, fields, ...children) {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...children);
  return made;
}

/** The text as nodes, with a link for each web address in it: the page of a link does not learn where it was. */
const linked = (text) => text.split(ADDRESS).map((part, number) =>
  number % 2 ? element("a", { href: part, textContent: part, target: "_blank", rel: "noopener noreferrer nofollow" }) : part);

export class Talk {
  constructor(pane, me) {
    const { swap, faces, changes, reads, zone, newest, open } = pane.dataset;
    Object.assign(this, { pane, me, swap, faces: JSON.parse(faces), reads: JSON.parse(reads), isOpen: open === "1" });
    this.zone = zone || undefined;
    this.log = pane.querySelector("#log");
    this.box = pane.querySelector("#messages");
    this.icon = (name) => pane.querySelector(`template[data-icon="${name}"]`).content.cloneNode(true);
    this.messages = new Map(); // by seq
    this.lines = new Map();
    this.hasNewer = newest !== "1"; // than the last line that is drawn
    this.changes = Number(changes); // as the last sync gave it; live events do not move it
    for (const line of this.box.querySelectorAll("article[data-seq]")) this.adopt(line);
    this.after = this.last; // the highest seq up to which none is missing
    this.unseen = 0;
    this.arrived = new Set(); // client_ids of what has come back from the server
  }

  get first() { return Math.min(...this.lines.keys()); }
  get last() { return Math.max(0, ...this.lines.keys()); }
  get isAtEnd() { return this.log.scrollTop > -AT_END_PX; } // the log counts from its end
  get newest() { return Math.max(this.after, this.last); }

  adopt(line) {
    const seq = Number(line.dataset.seq);
    const message = line.classList.contains("gone") ? "" : line.querySelector(".words")?.textContent ?? "";
    this.messages.set(seq, { seq, message, changed: Number(line.dataset.changed), from_user_id: line.dataset.from, deleted_at: line.classList.contains("gone") });
    this.lines.set(seq, line);
    const at = line.querySelector("time");
    if (!this.zone) at.textContent = this.time(at.dateTime);
  }

  time(at) {
    return new Date(at).toLocaleString(language, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: this.zone });
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

  /** A message as it reads now; an older state of it changes nothing. One outside of what is drawn is not drawn. */
  keep(message) {
    const known = this.messages.get(message.seq);
    if (known && known.changed >= message.changed) return;
    if (!known && message.seq < this.last && message.seq < this.first) return;
    if (!known && this.hasNewer && message.seq > this.last) return this.countUnseen(message);
    this.messages.set(message.seq, message);
    const line = this.draw(message);
    this.holding(() => {
      if (known) this.lines.get(message.seq).replaceWith(line);
      else this.box.insertBefore(line, this.following(message.seq));
      this.lines.set(message.seq, line);
      this.arrived.add(message.client_id);
      if (!known) this.removePending(message.client_id);
      if (!known) this.trimTop();
    });
    if (!known && !this.isAtEnd) this.countUnseen(message);
    this.pane.querySelector("#first-words")?.remove();
    this.showRead();
  }

  following(seq) {
    let next = null;
    for (let line = this.box.lastElementChild; line && !(Number(line.dataset.seq) < seq); line = line.previousElementSibling) next = line;
    return next;
  }

  /** Does something at the foot of the log: whoever has scrolled up keeps the line they read. */
  holding(act) {
    const isAtEnd = this.isAtEnd, last = this.box.lastElementChild;
    const bottom = () => (last?.isConnected ? this.box.getBoundingClientRect().bottom - last.getBoundingClientRect().bottom : 0);
    const before = bottom();
    act();
    if (!isAtEnd) this.log.scrollTop -= bottom() - before;
    else this.log.scrollTop = 0;
  }

  trimTop() {
    if (!this.isAtEnd) return;
    for (const seq of [...this.lines.keys()].sort((a, b) => a - b).slice(0, Math.max(0, this.lines.size - MAX_KEPT))) this.forget(seq);
  }

  forget(seq) {
    this.lines.get(seq).remove();
    this.lines.delete(seq);
    this.messages.delete(seq);
  }

  /** Older messages above. The log counts from its end: nothing moves. Too many below go, and are read again later. */
  prepend(messages) {
    const top = this.box.querySelector("article");
    for (const message of messages) {
      if (this.messages.has(message.seq)) continue;
      this.messages.set(message.seq, message);
      const line = this.draw(message);
      this.box.insertBefore(line, top);
      this.lines.set(message.seq, line);
    }
    const below = [...this.lines.keys()].sort((a, b) => a - b).slice(MAX_KEPT);
    if (below.length) {
      const before = this.box.offsetHeight;
      for (const seq of below) this.forget(seq);
      this.log.scrollTop += before - this.box.offsetHeight;
      this.hasNewer = true;
    }
    this.showRead();
  }

  /** Draws these alone: a place in the conversation, or its end. */
  replace(messages, hasNewer) {
    for (const seq of [...this.lines.keys()]) this.forget(seq);
    const pending = this.box.querySelector("article");
    for (const message of messages) {
      this.messages.set(message.seq, message);
      this.lines.set(message.seq, this.draw(message));
      this.box.insertBefore(this.lines.get(message.seq), pending);
    }
    this.hasNewer = hasNewer;
    this.showRead();
  }

  countUnseen(message) {
    if (message.from_user_id !== this.me) this.unseen++;
    this.onunseen?.();
  }

  markRead(person, seq) {
    this.reads[person] = Math.max(this.reads[person] ?? 0, seq);
    this.showRead();
  }

  /** "Read" stands under the last of one's own messages that all the others have read. */
  showRead() {
    const upTo = Math.min(...Object.keys(this.faces).map((person) => this.reads[person] ?? 0));
    let last = 0;
    for (const { seq, from_user_id } of this.messages.values()) if (from_user_id === this.me && seq <= upTo && seq > last) last = seq;
    for (const [seq, line] of this.lines) {
      if (line.classList.toggle("read", seq === last) === (line.querySelector(".seen") !== null)) continue;
      if (seq === last) line.querySelector(".foot-line").append(element("span", { className: "seen", textContent: ` · ${say("read")}` }));
      else line.querySelector(".seen").remove();
    }
  }

  name(person) { return person === this.me ? say("you") : this.faces[person]?.[0] ?? ""; }

  draw(message) {
    const { seq, from_user_id: from } = message, isMine = from === this.me, stripe = this.faces[from]?.[2] ?? 0;
    const line = element("article", { id: `m${seq}`, className: `message stripe-${stripe}` });
    Object.assign(line.dataset, { seq, changed: message.changed, from });
    line.classList.toggle("mine", isMine);
    line.append(element("span", { className: stripe ? "who" : "who unseen", dir: "auto", textContent: this.name(from) }));
    if (message.deleted_at) {
      line.classList.add("gone");
      line.append(element("p", { className: "words", textContent: say("deleted") }));
    } else {
      if (message.reply_to) line.append(this.quote(message.reply_to));
      if (message.photo_url) line.append(this.photo(message));
      if (message.message) line.append(element("p", { className: "words", dir: "auto" }, ...linked(message.message)));
    }
    const foot = element("p", { className: "foot-line" }, element("time", { dateTime: message.created_at, textContent: this.time(message.created_at) }));
    if (message.edited_at && !message.deleted_at) foot.append(` · ${say("edited")}`);
    line.append(foot);
    if (!message.deleted_at && this.isOpen) line.append(this.tools(seq, isMine));
    return line;
  }

  photo({ photo_url, photo_width, photo_height }) {
    const image = element("img", { alt: say("photo") });
    if (photo_width) Object.assign(image, { width: photo_width, height: photo_height });
    image.src = photo_url;
    return element("a", { className: "photo", href: photo_url, target: "_blank", rel: "noopener" }, image);
  }

  quote(seq) {
    const words = this.messages.get(seq)?.message;
    const quote = element("a", { href: `#m${seq}`, className: "quote", dir: "auto", textContent: words?.slice(0, QUOTED) || say("earlier_message") });
    quote.dataset.jump = seq;
    return quote;
  }

  tools(seq, isMine) {
    const summary = element("summary", { ariaLabel: say("more") }, this.icon("more"));
    const links = (isMine ? ["reply", "edit", "delete"] : ["reply"]).flatMap((tool) => {
      const link = element("a", { href: `?${tool}=${seq}#words`, textContent: say(tool) });
      link.dataset.tool = tool;
      return [link, " "];
    });
    return element("details", { className: "tools", name: "tools" }, summary, element("p", {}, ...links));
  }

  // ---- on their way ------------------------------------------------------------------------------------------------

  /** Draws what waits to be sent, below everything. */
  showPending(all) {
    const waiting = all.filter((one) => !this.arrived.has(one.client_id));
    const ids = new Set(waiting.map((one) => one.client_id));
    this.holding(() => {
      for (const line of this.box.querySelectorAll("article[data-pending]")) if (!ids.has(line.dataset.pending)) line.remove();
      for (const one of waiting) {
        const line = this.drawPending(one), known = this.pending(one.client_id);
        if (known && known.dataset.why === line.dataset.why) continue;
        if (known) known.replaceWith(line);
        else this.box.append(line);
      }
    });
    if (waiting.length) this.pane.querySelector("#first-words")?.remove();
  }

  pending(id) { return id && this.box.querySelector(`article[data-pending="${CSS.escape(id)}"]`); }
  removePending(id) { this.pending(id)?.remove(); }

  drawPending({ client_id, message, photo, refused }) {
    const line = element("article", { className: "message mine waits" });
    Object.assign(line.dataset, { pending: client_id, why: refused ?? "" });
    line.append(element("span", { className: "who unseen", textContent: say("you") }));
    line.append(element("p", { className: "words", dir: "auto", textContent: message || (photo ? say("photo") : "") }));
    const foot = element("p", { className: "foot-line" }, this.icon(refused ? "alert" : "clock"), ` ${refused ? say("refused", { why: refused }) : say("sending")}`);
    line.append(foot);
    if (refused) {
      line.classList.add("refused");
      const buttons = (message ? ["edit", "drop"] : ["drop"]).map((name) => {
        const button = element("button", { type: "button", textContent: say(name) });
        Object.assign(button.dataset, { refused: name, id: client_id });
        return button;
      });
      line.append(element("p", { className: "after" }, ...buttons));
    }
    return line;
  }
}
