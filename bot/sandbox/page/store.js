// What the server says, kept in step with it by server-sent events.

import { setAhead } from "./dom.js";

const API = "/sandbox/api";
const CHANGES = new Set(["person", "group", "message", "clock"]); // events that change what an answer says

async function ask(path, options) {
  const response = await fetch(`${API}${path}`, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The sandbox answered ${response.status}.`);
  return answer;
}

export function act(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(new Error("The file cannot be read."));
    reader.readAsDataURL(blob);
  });
}

/** The key of a group's chat on a member's phone, and the path of its routes under /people. */
export function placeOf(person, group) {
  return `${person}/groups/${group}`;
}

/** Emits "people", "live", "clock" and, per phone, "chat", "message", "action", "answer" and "inline" (detail: {person, …}).
    A phone's key is the id of a person, whose chat with the bot it shows, or `placeOf` a person in a group. */
export class Store extends EventTarget {
  bot = { name: "", username: "" };
  people = new Map();
  groups = new Map();
  chats = new Map();
  clock = { ahead: 0, is_movable: false };
  open = [];
  isLive = false;
  #isLoading = false;
  #isStale = false;
  #late = new Set(); // for each answer on its way, the events that have come since it was asked for
  #seen = JSON.parse(localStorage.getItem("sandbox.seen") ?? "{}");

  start() {
    const source = new EventSource(`${API}/events`);
    source.onmessage = (event) => this.#hear(JSON.parse(event.data));
    source.onerror = () => this.#setLive(false);
  }

  // What happens while an answer is on its way may be newer than it: then it is taken once more, upon the answer.
  async #askAndTake(path, take) {
    const late = [];
    this.#late.add(late);
    let answer;
    try {
      answer = await ask(path);
    } finally {
      this.#late.delete(late);
    }
    take(answer);
    late.forEach((event) => this.#take(event));
  }

  // A connection that is made anew while the state is on its way may have missed something.
  async #load() {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#loadOnce();
      }
    } finally {
      this.#isLoading = false;
    }
  }

  async #loadOnce() {
    await this.#askAndTake("/state", (state) => {
      this.bot = state.bot;
      this.people = new Map(state.people.map((person) => [person.id, person]));
      this.groups = new Map(state.groups.map((group) => [group.id, group]));
      this.open = this.open.filter((id) => this.#exists(id));
      this.#takeClock(state.clock);
      this.#emit("people");
    });
    await Promise.all(this.open.map((id) => this.loadChat(id)));
    this.#setLive(true);
  }

  async loadChat(id) {
    await this.#askAndTake(`/people/${id}/chat`, (chat) => {
      if (!this.open.includes(id)) return; // put away meanwhile
      this.people.set(chat.person.id, chat.person);
      this.chats.set(id, { ...chat, messages: new Map(chat.messages.map((message) => [message.id, message])) });
      this.see(id);
      this.#emit("chat", { person: id });
    });
  }

  async setOpen(ids) {
    this.open = ids;
    for (const id of [...this.chats.keys()]) if (!ids.includes(id)) this.chats.delete(id);
    this.#emit("open");
    await Promise.all(ids.filter((id) => !this.chats.has(id)).map((id) => this.loadChat(id)));
    this.#emit("people");
  }

  unread(person) {
    const seen = this.#seen[person.id] ?? 0;
    return person.recent.filter((id) => id > seen).length;
  }

  see(id) {
    const person = this.people.get(id);
    const newest = person?.recent.at(-1) ?? 0;
    if (document.hidden || newest <= (this.#seen[id] ?? 0)) return;
    this.#seen[id] = newest;
    localStorage.setItem("sandbox.seen", JSON.stringify(this.#seen));
  }

  #hear(event) {
    if (CHANGES.has(event.type)) for (const late of this.#late) late.push(event);
    this.#take(event);
  }

  #take(event) {
    const id = event.person?.id ?? event.person;
    if (event.type === "hello") this.#load().catch(() => this.#setLive(false));
    else if (event.type === "person") this.#takePerson(event.person);
    else if (event.type === "group") this.#takeGroup(event.group);
    else if (event.type === "message" && id < 0) this.#phonesIn(id).forEach((key) => this.#takeMessage(key, event.message));
    else if (event.type === "message") this.#takeMessage(id, event.message);
    else if (event.type === "answer" && event.chat < 0) this.#emit("answer", { ...event, person: placeOf(id, event.chat) });
    else if (event.type === "action" && id < 0) this.#phonesIn(id).forEach((key) => this.#emit("action", { person: key }));
    else if (event.type === "clock") this.#takeClock(event.clock);
    else if (event.type === "bot") this.open.forEach((open) => this.loadChat(open));
    else this.#emit(event.type, { ...event, person: id });
  }

  #exists(key) {
    const [person, group] = String(key).split("/groups/").map(Number);
    if (!group) return this.people.has(person);
    return this.groups.get(group)?.members.some((member) => member.id === person) ?? false;
  }

  #takeGroup(group) {
    if (group.is_gone) this.groups.delete(group.id);
    else this.groups.set(group.id, group);
    for (const key of this.#phonesIn(group.id)) {
      this.chats.get(key).group = group;
      this.#emit("chat", { person: key });
    }
    this.#emit("people");
  }

  #phonesIn(group) {
    return [...this.chats.keys()].filter((key) => String(key).endsWith(`/groups/${group}`));
  }

  #takeClock(clock) {
    this.clock = clock;
    setAhead(clock.ahead);
    this.#emit("clock");
  }

  #takePerson(person) {
    this.people.set(person.id, person);
    const chat = this.chats.get(person.id);
    if (chat) {
      chat.person = person;
      this.#emit("chat", { person: person.id });
    }
    for (const [key, other] of this.chats) if (String(key).startsWith(`${person.id}/`)) other.person = person;
    this.#emit("people");
  }

  #takeMessage(id, message) {
    const person = this.people.get(id);
    if (person && message.deleted) {
      person.recent = person.recent.filter((other) => other !== message.id);
    } else if (person && message.id >= (person.last?.id ?? 0)) {
      person.last = message;
      if (message.from_bot && !person.recent.includes(message.id)) person.recent.push(message.id);
    }
    const chat = this.chats.get(id);
    if (chat) {
      if (message.deleted) chat.messages.delete(message.id);
      else chat.messages.set(message.id, message);
      this.see(id);
      this.#emit("message", { person: id, message });
    }
    this.#emit("people");
  }

  #setLive(isLive) {
    this.isLive = isLive;
    this.#emit("live");
  }

  #emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
