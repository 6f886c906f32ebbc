// The list on the left, the suggestions, and the form for somebody new.

import { clock, drawAfterPress, h, languageName } from "./dom.js";
import { groundOf, portrait, toBlob } from "./pictures.js";
import { act, toBase64 } from "./store.js";

export const LANGUAGES = ["en", "es", "de", "fr", "it", "pt", "pl", "uk", "ru", "tr", "ar", "hi", "zh", "ja"];
export const IDEAS = [
  { first_name: "Ana", language_code: "es", about: "repairs bicycles", look: { skin: "#d99e75", hair: "#2b2320", style: "long", shirt: "#c9643f", ground: ["#cfe6dd", "#9fcdbf"] } },
  { first_name: "Li", language_code: "en", about: "plays the guitar", look: { skin: "#f6d3bd", hair: "#2b2320", style: "bob", shirt: "#3f6aa8", ground: ["#f8eac3", "#eccf86"], glasses: true } },
  { first_name: "Tomás", language_code: "es", about: "bakes bread", look: { skin: "#eebf9c", hair: "#4a3226", style: "short", shirt: "#2f7d72", ground: ["#f7dcc6", "#efb893"] } },
  { first_name: "Maya", language_code: "en", about: "writes Python", look: { skin: "#8d5a3a", hair: "#2b2320", style: "curly", shirt: "#d0972f", ground: ["#ecdcf0", "#cfaedb"] } },
  { first_name: "Noah", language_code: "en", about: "grows vegetables", look: { skin: "#f6d3bd", hair: "#a33f2b", style: "cap", shirt: "#4b5a66", ground: ["#d9e8c9", "#b1cf95"] } },
  { first_name: "Priya", language_code: "en", about: "speaks five languages", look: { skin: "#b97a50", hair: "#2b2320", style: "bun", shirt: "#b3486a", ground: ["#d5e1f3", "#a9c3e6"] } },
];

const portraits = new Map();

function portraitOf(idea) {
  if (!portraits.has(idea.first_name)) portraits.set(idea.first_name, portrait(idea.first_name, idea.look).toDataURL("image/jpeg", 0.85));
  return portraits.get(idea.first_name);
}

export function avatar(person, size) {
  const box = h("span", { class: "avatar", "aria-hidden": "true" });
  box.style.setProperty("--size", `${size}px`);
  if (person.photo) {
    box.append(h("img", { src: person.photo, alt: "", width: size, height: size }));
  } else {
    const [light, deep] = groundOf(person.first_name);
    box.style.background = `linear-gradient(${light}, ${deep})`;
    box.append([...person.first_name][0].toUpperCase());
  }
  return box;
}

export async function addPerson({ first_name, language_code, look, hasPhoto = true }) {
  const photo = hasPhoto ? await toBase64(await toBlob(portrait(first_name, look))) : null;
  return act("/people", { first_name, language_code, photo });
}

export function previewOf(message) {
  if (!message) return "Has not pressed START yet";
  const names = { photo: "📷 Photo", document: "📎 File", sticker: "Sticker", voice: "🎤 Voice message", location: "📍 Location" };
  const what = message.kind === "text" ? "" : `${names[message.kind] ?? message.kind} `;
  return `${message.from_bot ? "" : "You: "}${what}${message.text}`.replace(/\s+/g, " ").slice(0, 90);
}

export class PeopleList {
  #store;
  #choose;
  #list = document.getElementById("people");
  #ideas = document.getElementById("ideas");
  #drawn = false;

  constructor(store, choose) {
    this.#store = store;
    this.#choose = choose;
    for (const type of ["people", "open"]) store.addEventListener(type, () => this.#drawSoon());
    store.addEventListener("live", () => this.#drawLive());
    new AddForm(choose);
  }

  #drawSoon() {
    if (this.#drawn) return;
    this.#drawn = true;
    requestAnimationFrame(() => drawAfterPress(this.#list.closest("aside"), () => {
      this.#drawn = false;
      this.#draw();
    }));
  }

  #drawLive() {
    const light = document.getElementById("live");
    light.classList.toggle("on", this.#store.isLive);
    light.setAttribute("aria-label", this.#store.isLive ? "connected" : "connecting");
    document.getElementById("bot-name").textContent = this.#store.bot.username ? `@${this.#store.bot.username}` : "";
  }

  #draw() {
    const focused = document.activeElement?.closest?.("[data-person]")?.dataset.person;
    const people = [...this.#store.people.values()].sort((a, b) => (b.last?.id ?? 0) - (a.last?.id ?? 0) || a.id - b.id);
    this.#list.replaceChildren(...people.map((person) => this.#row(person)));
    if (focused) this.#list.querySelector(`[data-person="${focused}"]`)?.focus();
    this.#drawIdeas(people);
  }

  #row(person) {
    const isOpen = this.#store.open.includes(person.id);
    const unread = isOpen && !document.hidden ? 0 : this.#store.unread(person);
    const label = `${person.name}, ${languageName(person.language_code)}${unread ? `, ${unread} unread` : ""}`;
    const row = h(
      "button",
      { class: isOpen ? "person open" : "person", type: "button", "data-person": person.id, "aria-label": label, "aria-pressed": String(isOpen), onclick: () => this.#choose(person.id) },
      avatar(person, 44),
      h(
        "span",
        { class: "person-words" },
        h("span", { class: "person-top" }, h("strong", {}, person.name), h("span", { class: "tag" }, person.language_code), h("time", {}, person.last ? clock(person.last.date) : "")),
        h("span", { class: "person-last" }, h("span", {}, person.has_blocked ? "Has blocked the bot" : previewOf(person.last)), unread ? h("span", { class: "badge" }, unread > 98 ? "99+" : String(unread)) : null),
      ),
    );
    return h("li", {}, row);
  }

  #drawIdeas(people) {
    const names = new Set(people.map((person) => person.first_name));
    const left = IDEAS.filter((idea) => !names.has(idea.first_name));
    this.#ideas.hidden = people.length === 0 || left.length === 0;
    const chips = left.slice(0, 4).map((idea) => ideaButton(idea, this.#choose, "chip", 24));
    this.#ideas.replaceChildren(h("h2", {}, "Add somebody"), h("div", { class: "chips" }, chips));
  }
}

export function ideaButton(idea, choose, look, size) {
  const words = look === "chip" ? [idea.first_name] : [h("strong", {}, idea.first_name), h("span", {}, idea.about), h("span", { class: "tag" }, languageName(idea.language_code))];
  const button = h("button", { class: look, type: "button", "aria-label": `Add ${idea.first_name}, ${languageName(idea.language_code)}` }, avatar({ ...idea, photo: portraitOf(idea) }, size), words);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      choose((await addPerson(idea)).id);
    } catch {
      button.disabled = false;
    }
  });
  return button;
}

class AddForm {
  constructor(choose) {
    const dialog = document.getElementById("add-dialog");
    const form = document.getElementById("add-form");
    const fields = form.elements;
    const problem = document.getElementById("add-problem");
    const preview = () => {
      const name = fields.first_name.value.trim() || "?";
      document.getElementById("add-portrait").src = portrait(name).toDataURL("image/jpeg", 0.85);
      document.getElementById("add-portrait").classList.toggle("off", !fields.has_photo.checked);
    };
    fields.language_code.append(...LANGUAGES.map((code) => h("option", { value: code }, languageName(code))));
    form.addEventListener("input", preview);
    form.querySelector("[value=cancel]").addEventListener("click", () => dialog.close());
    document.getElementById("add").addEventListener("click", () => {
      form.reset();
      problem.textContent = "";
      preview();
      dialog.showModal();
      fields.first_name.focus();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const person = await addPerson({ first_name: fields.first_name.value, language_code: fields.language_code.value, hasPhoto: fields.has_photo.checked });
        dialog.close();
        choose(person.id);
      } catch (error) {
        problem.textContent = error.message;
      }
    });
  }
}
