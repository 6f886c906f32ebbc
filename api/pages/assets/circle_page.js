// The page of circles is drawn anew when one of them changes, and after a lost connection.
import { connect, on } from "./live.js";
import { refresh } from "./navigate.js";

export function mount(main) {
  let wasDown = false;
  // What the answer to a form draws says more: what was done.
  const draw = () => { if (!main.querySelector("form[aria-busy=true]")) refresh(); };
  const ends = [
    on("circle:updated", draw),
    on("down", () => { wasDown = true; }),
    on("up", () => { if (wasDown) draw(); }),
  ];
  connect();
  return () => ends.forEach((end) => end());
}
