// Circles of three on the home page: found, asked for, joined, left. What people wrote enters the page as text.
import { ask } from "./ask.js";
import { element } from "./conversation.js";
import { enumerate, parts, say } from "./texts.js";

const chip = (skill) => element("span", { className: "chip", textContent: skill });

function possible(circle) {
  const learner = circle.you_teach.name, teacher = circle.you_learn.name;
  const button = element("button", { type: "button", className: "primary", textContent: say("circle_ask", { names: enumerate([teacher, learner]) }) });
  button.dataset.key = circle.key;
  return element("article", { className: "card swap" },
    element("p", {}, ...parts("circle_skills", {
      learner, teacher, teaches: chip(circle.you_teach.skill_name), between: chip(circle.between_name), learns: chip(circle.you_learn.skill_name),
    })),
    element("div", { className: "buttons" }, button));
}

async function look(page = "/api/circles/possible", more) {
  const found = await ask("GET", page);
  const none = element("p", { className: "quiet", textContent: found.detail ?? say("circle_none") });
  const shown = found.ok && found.said.length ? found.said.map(possible) : [none];
  if (found.next) {
    const following = element("button", { type: "button", textContent: say("circle_more") });
    following.addEventListener("click", () => look(found.next, following));
    shown.push(following);
  }
  if (more) more.replaceWith(...shown);
  else document.getElementById("possible").replaceChildren(...shown);
}

document.addEventListener("click", async ({ target }) => {
  const { circle, version, answer, key } = target.dataset ?? {};
  if (target.id === "look") return look();
  if (!circle && !key) return;
  if (answer === "leave" && !confirm(say("circle_leave"))) return;
  target.disabled = true;
  const decision = answer === "join" ? { answer, version: Number(version) } : { answer };
  const done = key ? await ask("POST", "/api/circles", { key }) : await ask("PUT", `/api/circles/${circle}`, decision);
  if (!done.ok) alert(done.detail);
  location.reload();
});
