// The groups on the left, each with the phones of its members, and the form for a new one.

import { drawAfterPress, h } from "./dom.js";
import { avatar } from "./people.js";
import { act, placeOf } from "./store.js";

export class GroupList {
  #store;
  #choose;
  #section = document.getElementById("groups");

  constructor(store, choose) {
    this.#store = store;
    this.#choose = choose;
    for (const type of ["people", "open"]) store.addEventListener(type, () => drawAfterPress(this.#section, () => this.#draw()));
    this.form = new GroupForm(store, choose);
  }

  #draw() {
    const { groups, people } = this.#store;
    this.#section.hidden = people.size < 2;
    const add = h("button", { class: "plain small", type: "button", onclick: () => this.form.open() }, "New group");
    const rows = [...groups.values()].map((group) => this.#row(group));
    this.#section.replaceChildren(h("div", { class: "groups-head" }, h("h2", {}, "Groups"), add), h("ul", {}, rows));
  }

  #row(group) {
    const phones = group.members.map((member) => {
      const key = placeOf(member.id, group.id);
      const isOpen = this.#store.open.includes(key);
      const label = `Open ${group.title} as ${member.first_name}`;
      const person = this.#store.people.get(member.id) ?? member;
      return h("button", { class: isOpen ? "as open" : "as", type: "button", title: label, "aria-label": label, "aria-pressed": String(isOpen), onclick: () => this.#choose(key) }, avatar(person, 28));
    });
    return h("li", { class: "group-row" }, h("strong", {}, group.title), h("div", { class: "as-row" }, phones));
  }
}

class GroupForm {
  #store;
  #dialog = document.getElementById("group-dialog");
  #form = document.getElementById("group-form");
  #people = document.getElementById("group-people");
  #problem = document.getElementById("group-problem");

  constructor(store, choose) {
    this.#store = store;
    this.#form.querySelector("[value=cancel]").addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const members = [...this.#people.querySelectorAll(":checked")].map((box) => Number(box.value));
      try {
        const group = await act("/groups", { title: this.#form.elements.title.value, members, is_forum: this.#form.elements.is_forum.checked });
        this.#dialog.close();
        choose(placeOf(members[0], group.id));
      } catch (error) {
        this.#problem.textContent = error.message;
      }
    });
  }

  open() {
    this.#form.reset();
    this.#problem.textContent = "";
    const boxes = [...this.#store.people.values()].map((person) => h("label", { class: "check" }, h("input", { type: "checkbox", value: String(person.id), checked: true }), person.name));
    this.#people.replaceChildren(this.#people.firstElementChild, ...boxes);
    this.#dialog.showModal();
    this.#form.elements.title.focus();
  }
}
