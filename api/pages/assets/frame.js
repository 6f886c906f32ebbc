// What is on every page: changing pages, forms, keys, the numbers of the navigation. Each module says how it is used.
import "./navigate.js";
import "./forms.js";
import "./drafts.js";
import "./keys.js";
import "./badges.js";
import "./waiting.js";
