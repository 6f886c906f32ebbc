// What pages say in scripts, in the reader's language. Texts that all scripts share stand in `data-texts` of <body>
// (catalogue: page.live.*), those of one page in `data-texts` of its <main>: plain text with {names}, or one such text
// for each plural form, picked by `n`.
//   say("not_sent")   say("unread", { n: 3 })

const read = (element) => JSON.parse(element?.dataset.texts ?? "{}");
let language = "", plurals = null, shared = {}; // in the Mini App the language may change with the page
let page = null, own = {};

function textOf(key) {
  if (language !== document.documentElement.lang) {
    language = document.documentElement.lang;
    [plurals, shared] = [new Intl.PluralRules(language), read(document.body)];
  }
  const main = document.querySelector("main");
  if (main !== page) [page, own] = [main, read(main)];
  return own[key] ?? shared[key];
}

export function say(key, params = {}) {
  const found = textOf(key);
  const text = typeof found === "string" ? found : found[plurals.select(params.n)] ?? found.other;
  return text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? params[part] : part)).join("");
}
