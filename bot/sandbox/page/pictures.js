// Pictures drawn here: a portrait for anybody, and three photos to send. Nothing is fetched.

const SKINS = ["#f6d3bd", "#eebf9c", "#d99e75", "#b97a50", "#8d5a3a", "#64402b"];
const HAIRS = ["#2b2320", "#4a3226", "#7b4a2a", "#c28a4a", "#a33f2b", "#8c8f96"];
const SHIRTS = ["#2f7d72", "#c9643f", "#3f6aa8", "#8a5a9e", "#d0972f", "#4b5a66", "#b3486a"];
const GROUNDS = [
  ["#cfe6dd", "#9fcdbf"],
  ["#f7dcc6", "#efb893"],
  ["#d5e1f3", "#a9c3e6"],
  ["#ecdcf0", "#cfaedb"],
  ["#f8eac3", "#eccf86"],
  ["#d9e8c9", "#b1cf95"],
];
const STYLES = ["short", "long", "bun", "curly", "bob", "cap"];

function seedOf(name) {
  let seed = 2166136261;
  for (const letter of name.normalize()) seed = Math.imul(seed ^ letter.codePointAt(0), 16777619) >>> 0;
  return seed;
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return [canvas, canvas.getContext("2d")];
}

function fill(pen, colour, draw) {
  pen.fillStyle = colour;
  pen.beginPath();
  draw();
  pen.fill();
}

function gradient(pen, height, ...colours) {
  const made = pen.createLinearGradient(0, 0, 0, height);
  colours.forEach((colour, index) => made.addColorStop(index / (colours.length - 1), colour));
  return made;
}

/** Colours for initials and grounds; the same name always gets the same. */
export function groundOf(name) {
  return GROUNDS[seedOf(name) % GROUNDS.length];
}

export function portrait(name, look = {}) {
  const [canvas, pen] = canvasOf(480, 480);
  const seed = seedOf(name);
  const pick = (list, shift) => list[(seed >>> shift) % list.length];
  const skin = look.skin ?? pick(SKINS, 3);
  const hair = look.hair ?? pick(HAIRS, 7);
  const shirt = look.shirt ?? pick(SHIRTS, 11);
  const style = look.style ?? pick(STYLES, 15);
  pen.fillStyle = gradient(pen, 480, ...(look.ground ?? groundOf(name)));
  pen.fillRect(0, 0, 480, 480);
  hairBehind(pen, style, hair);
  fill(pen, shirt, () => pen.ellipse(240, 500, 178, 140, 0, Math.PI, 0));
  fill(pen, "rgba(255,255,255,.16)", () => pen.ellipse(240, 372, 66, 34, 0, 0, Math.PI));
  fill(pen, skin, () => pen.roundRect(204, 290, 72, 98, 34));
  fill(pen, "rgba(60,20,0,.12)", () => pen.ellipse(240, 322, 36, 20, 0, 0, Math.PI));
  fill(pen, skin, () => pen.ellipse(240, 220, 96, 112, 0, 0, 7));
  for (const x of [144, 336]) fill(pen, skin, () => pen.ellipse(x, 228, 17, 24, 0, 0, 7));
  face(pen, look.glasses ?? seed % 4 === 0);
  hairInFront(pen, style, hair, shirt);
  return canvas;
}

function hairBehind(pen, style, hair) {
  if (style === "long") fill(pen, hair, () => pen.roundRect(122, 110, 236, 300, 110));
  if (style === "bob") fill(pen, hair, () => pen.roundRect(120, 104, 240, 214, 100));
  if (style === "bun") fill(pen, hair, () => pen.ellipse(240, 86, 52, 48, 0, 0, 7));
  if (style === "curly") {
    for (let turn = 0; turn < 11; turn++) {
      const angle = Math.PI * (0.82 + (turn * 1.36) / 10);
      fill(pen, hair, () => pen.ellipse(240 + 108 * Math.cos(angle), 196 + 112 * Math.sin(angle), 46, 46, 0, 0, 7));
    }
  }
}

function hairInFront(pen, style, hair, shirt) {
  if (style === "cap") {
    fill(pen, shirt, () => pen.ellipse(240, 178, 106, 92, 0, Math.PI, 0));
    fill(pen, shirt, () => pen.roundRect(128, 166, 176, 24, 12));
    return;
  }
  fill(pen, hair, () => {
    pen.moveTo(140, 214);
    pen.bezierCurveTo(128, 72, 352, 72, 340, 214);
    pen.bezierCurveTo(330, 168, 296, 152, 262, 150);
    pen.bezierCurveTo(218, 176, 172, 166, 140, 214);
  });
}

function face(pen, hasGlasses) {
  for (const x of [204, 276]) fill(pen, "#2b2523", () => pen.ellipse(x, 226, 8.5, 10.5, 0, 0, 7));
  for (const x of [184, 296]) fill(pen, "rgba(224,90,70,.18)", () => pen.ellipse(x, 262, 21, 15, 0, 0, 7));
  pen.lineCap = "round";
  pen.lineWidth = 6;
  pen.strokeStyle = "rgba(70,25,10,.72)";
  pen.beginPath();
  pen.arc(240, 252, 32, 0.24 * Math.PI, 0.76 * Math.PI);
  pen.stroke();
  if (!hasGlasses) return;
  pen.strokeStyle = "#3a3f45";
  pen.lineWidth = 5.5;
  for (const x of [202, 278]) {
    pen.beginPath();
    pen.roundRect(x - 31, 200, 62, 50, 20);
    pen.stroke();
  }
  pen.beginPath();
  pen.arc(240, 224, 9, Math.PI, 0);
  pen.stroke();
}

function mountains(pen) {
  pen.fillStyle = gradient(pen, 600, "#f7b684", "#f6d5a8", "#cfe0dd");
  pen.fillRect(0, 0, 800, 600);
  fill(pen, "#fff1cf", () => pen.ellipse(560, 230, 58, 58, 0, 0, 7));
  const ridges = [["#b9a3b4", 300, 90], ["#8a8aa5", 360, 110], ["#587389", 420, 90], ["#2f5566", 490, 60]];
  ridges.forEach(([colour, base, height], row) =>
    fill(pen, colour, () => {
      pen.moveTo(0, 600);
      for (let x = 0; x <= 800; x += 8) {
        pen.lineTo(x, base - height * Math.abs(Math.sin(x / (92 + row * 37) + row * 1.7)) - 10 * Math.sin(x / 21 + row));
      }
      pen.lineTo(800, 600);
    }),
  );
}

function plant(pen) {
  pen.fillStyle = gradient(pen, 600, "#eef3ee", "#dfe9e4");
  pen.fillRect(0, 0, 800, 600);
  fill(pen, "#d6c2a6", () => pen.rect(0, 470, 800, 130));
  fill(pen, "#cbb494", () => pen.rect(0, 470, 800, 14));
  for (const [angle, length, colour] of [[-1.15, 190, "#2f7f63"], [-0.6, 240, "#3d9472"], [-0.05, 270, "#2f7f63"], [0.5, 235, "#4aa581"], [1.08, 190, "#37896a"]]) {
    pen.save();
    pen.translate(400, 350);
    pen.rotate(angle);
    fill(pen, colour, () => pen.ellipse(0, -length / 2, 46, length / 2, 0, 0, 7));
    fill(pen, "rgba(255,255,255,.22)", () => pen.rect(-1.5, -length + 14, 3, length - 20));
    pen.restore();
  }
  fill(pen, "#c8673f", () => {
    pen.moveTo(308, 345);
    pen.lineTo(492, 345);
    pen.lineTo(466, 500);
    pen.lineTo(334, 500);
  });
  fill(pen, "#b65a35", () => pen.roundRect(296, 330, 208, 36, 8));
}

function bread(pen) {
  pen.fillStyle = gradient(pen, 600, "#41586a", "#2c3f4e");
  pen.fillRect(0, 0, 800, 600);
  fill(pen, "#e9d9bd", () => pen.roundRect(90, 340, 620, 190, 28));
  fill(pen, "#d9c5a2", () => pen.roundRect(90, 500, 620, 30, 15));
  fill(pen, "rgba(0,0,0,.18)", () => pen.ellipse(400, 436, 260, 40, 0, 0, 7));
  fill(pen, gradient(pen, 600, "#e3a455", "#c97f33", "#a7601f"), () => pen.ellipse(400, 330, 258, 128, 0, 0, 7));
  pen.strokeStyle = "#f6dcae";
  pen.lineWidth = 17;
  pen.lineCap = "round";
  for (const x of [262, 346, 430, 514]) {
    pen.beginPath();
    pen.moveTo(x - 22, 366);
    pen.quadraticCurveTo(x + 4, 304, x + 52, 262);
    pen.stroke();
  }
}

export const SAMPLES = [
  { name: "Mountains", draw: mountains },
  { name: "A plant", draw: plant },
  { name: "Bread", draw: bread },
].map(({ name, draw }) => ({
  name,
  canvas() {
    const [canvas, pen] = canvasOf(800, 600);
    draw(pen);
    return canvas;
  },
}));

export function toBlob(canvas) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
}
