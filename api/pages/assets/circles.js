// Circles of three on the home page: found, asked for, joined, left. What people wrote enters the page as text.
import { ask } from "/page/ask.js";
import { element } from "/page/conversation.js";

const LEAVING = "Leave the circle? It ends for all three of you.";

const chip = (skill) => element("span", { className: "chip", textContent: skill });

function possible(circle) {
  const learner = circle.you_teach.name, teacher = circle.you_learn.name;
  const button = element("button", { type: "button", className: "primary", textContent: `Ask ${teacher} and ${learner}` });
  button.dataset.key = circle.key;
  return element("article", { className: "card swap" },
    element("p", {}, `You teach ${learner} `, chip(circle.you_teach.skill), `, ${learner} teaches ${teacher} `, chip(circle.between),
      `, ${teacher} teaches you `, chip(circle.you_learn.skill)),
    element("div", { className: "buttons" }, button));
}

async function look() {
  const found = await ask("GET", "/api/circles/possible");
  const none = element("p", { className: "quiet", textContent: found.detail ?? "There is no other circle around you right now." });
  document.getElementById("possible").replaceChildren(...(found.ok && found.said.length ? found.said.map(possible) : [none]));
}

document.addEventListener("click", async ({ target }) => {
  const { circle, version, answer, key } = target.dataset ?? {};
  if (target.id === "look") return look();
  if (!circle && !key) return;
  if (answer === "leave" && !confirm(LEAVING)) return;
  target.disabled = true;
  const said = answer === "join" ? { answer, version: Number(version) } : { answer };
  const done = key ? await ask("POST", "/api/circles", { key }) : await ask("PUT", `/api/circles/${circle}`, said);
  if (!done.ok) alert(done.detail);
  location.reload();
});
