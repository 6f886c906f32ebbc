// What the page says, in its language. The server keeps the texts in `data-texts` of <main>: plain text with {names},
// or one such text for each plural form, picked by `n`.

const texts = JSON.parse(document.querySelector("main").dataset.texts);
const language = document.documentElement.lang;
const plurals = new Intl.PluralRules(language);

/** A text as a list of strings, with what `params` hold (strings or elements) in its places. */
export function parts(key, params = {}) {
  const text = typeof texts[key] === "string" ? texts[key] : texts[key][plurals.select(params.n)] ?? texts[key].other;
  return text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? params[part] : part));
}

export const say = (key, params) => parts(key, params).join("");

/** Words as a list in this language: "a and b". */
export const enumerate = (words) => new Intl.ListFormat(language).format(words);
