// Completion of a skill in its field: a list below that the keyboard goes through. What nobody has written yet is asked
// about ("did you mean"), never replaced. Fields are made by templates/skill_field.html; without this module they take
// plain words. A choice fires "skill" on the field, with {skill, key}.
import { ask } from "./ask.js";

const WAIT_MS = 150; // between the last key and the request
const MAX_SHOWN = 8;
let fields = 0;

export function mount(main) {
  const ends = [...main.querySelectorAll("input[data-skills]")].map(complete);
  return () => ends.forEach((end) => end());
}

function make(tag, values, ...children) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...children);
  return made;
}

// Completes one field; returns what ends it.
export function complete(field) {
  const texts = JSON.parse(field.dataset.skills);
  const name = `skills-${++fields}`;
  const plurals = new Intl.PluralRules(document.documentElement.lang);
  const fill = (key, params) => (typeof texts[key] === "string" ? texts[key] : texts[key][plurals.select(params.n)] ?? texts[key].other)
    .replace(/\{(\w+)\}/g, (_, param) => params[param]);
  const list = make("ul", { id: name, hidden: true, role: "listbox", ariaLabel: texts.list });
  const status = make("span", { className: "unseen", role: "status" });
  const known = new Map(); // what was answered, by what was typed
  const listening = new AbortController(), signal = listening.signal;
  let found = [], active = -1, timer = 0, chosen = null;

  function close() {
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function point(place) {
    active = place;
    [...list.children].forEach((line, number) => line.setAttribute("aria-selected", String(number === place)));
    if (place < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", list.children[place].id);
    list.children[place].scrollIntoView({ block: "nearest" });
  }

  function choose(place) {
    const { skill, key } = found[place];
    chosen = field.value = skill;
    close();
    status.textContent = "";
    field.dispatchEvent(new CustomEvent("skill", { bubbles: true, detail: { skill, key } }));
    if ("send" in field.dataset) field.form.requestSubmit();
  }

  function show(skills) {
    found = skills.slice(0, MAX_SHOWN);
    list.replaceChildren(...found.map((one, number) => {
      const note = one.is_guess ? texts.guess : one.teachers ? fill("taught", { n: one.teachers }) : "";
      return make("li", { id: `${name}-${number}`, role: "option" },
        make("span", { dir: "auto", textContent: one.skill }), ...(note ? [" ", make("span", { className: "quiet", textContent: note })] : []));
    }));
    point(-1);
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = found.length ? fill(found[0].is_guess ? "guesses" : "found", { n: found.length }) : "";
  }

  async function look() {
    const typed = field.value.trim();
    if (!typed || typed === chosen) return close();
    if (!known.has(typed)) {
      const answer = await ask("GET", `/api/skills?${new URLSearchParams({ q: typed, limit: MAX_SHOWN })}`).catch(() => null);
      if (!answer?.ok) return; // without the list the field takes plain words
      known.set(typed, answer.said);
    }
    if (typed === field.value.trim() && document.activeElement === field) show(known.get(typed));
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  }, { signal });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && list.hidden) { chosen = null; look(); event.preventDefault(); }
    else if (move) {
      event.preventDefault();
      const places = found.length + 1; // one of them is the field itself
      point((active + 1 + move + places) % places - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }, { signal });
  field.addEventListener("blur", close, { signal });
  list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal }); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const line = event.target.closest("li");
    if (line) choose([...list.children].indexOf(line));
  }, { signal });

  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name, autocomplete: "off" };
  for (const [key, value] of Object.entries(attributes)) field.setAttribute(key, value);
  field.after(list, status);
  return () => {
    close();
    listening.abort();
    for (const key of ["role", "aria-autocomplete", "aria-expanded", "aria-controls"]) field.removeAttribute(key);
    list.remove();
    status.remove();
  };
}
