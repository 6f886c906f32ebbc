// The photo of a profile: cut to a square by buttons, arrows or dragging, made smaller on the device, and sent with
// progress. Sending can be stopped and tried again; the same photo under the same key is stored once. Without this module
// the form sends the file as it is.
import { refresh } from "./navigate.js";
import { account, request, token } from "./request.js";
import { say } from "./texts.js";

const SIDE = 512, MOST_SENT = 1600; // pixels of the square shown, and at most of the one sent
const STEP = 0.05, MAX_ZOOM = 4;

export function photo(form) {
  const input = form.querySelector("input[type=file]"), listening = new AbortController();
  let editor = null;
  input.addEventListener("change", async () => {
    editor?.remove();
    editor = null;
    const [file] = input.files;
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return word(form, say("no_photo"));
    word(form, "");
    editor = edit(form, picture);
  }, { signal: listening.signal });
  return () => { listening.abort(); editor?.remove(); };
}

function word(form, words) {
  form.querySelector("[role=alert]")?.remove();
  if (words) form.append(Object.assign(document.createElement("p"), { className: "notice", role: "alert", textContent: words }));
}

function edit(form, picture) {
  const make = (tag, values, ...children) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...children);
    return made;
  };
  const canvas = make("canvas", { width: SIDE, height: SIDE, tabIndex: 0, role: "img", ariaLabel: say("crop") });
  const least = Math.min(picture.width, picture.height);
  let zoom = 1, [x, y] = [picture.width / 2, picture.height / 2]; // the middle of what is shown, in the picture's pixels

  const side = () => least / zoom;
  function draw() {
    const half = side() / 2;
    x = Math.min(picture.width - half, Math.max(half, x));
    y = Math.min(picture.height - half, Math.max(half, y));
    canvas.getContext("2d").drawImage(picture, x - half, y - half, side(), side(), 0, 0, SIDE, SIDE);
  }
  const by = (right, down) => { x += right * side() * STEP; y += down * side() * STEP; draw(); };
  const closer = (times) => { zoom = Math.min(MAX_ZOOM, Math.max(1, zoom * times)); draw(); };

  const button = (label, name, act) => {
    const made = make("button", { type: "button", textContent: label, ariaLabel: say(name), title: say(name) });
    made.addEventListener("click", act);
    return made;
  };
  const moves = make("div", { className: "buttons" },
    button("←", "left", () => by(-1, 0)), button("→", "right", () => by(1, 0)), button("↑", "up", () => by(0, -1)), button("↓", "down", () => by(0, 1)),
    button("+", "closer", () => closer(1.2)), button("−", "farther", () => closer(1 / 1.2)));
  const send = make("button", { type: "button", className: "primary", textContent: say("use_photo") });
  const stop = make("button", { type: "button", textContent: say("stop"), hidden: true });
  const bar = make("progress", { max: 1, value: 0, hidden: true, ariaLabel: say("sending") });
  const box = make("div", { className: "crop" }, canvas, make("p", { className: "quiet", textContent: say("crop_how") }), moves, bar, make("div", { className: "buttons" }, send, stop));

  canvas.addEventListener("keydown", (event) => {
    const act = {
      ArrowLeft: () => by(-1, 0), ArrowRight: () => by(1, 0), ArrowUp: () => by(0, -1), ArrowDown: () => by(0, 1),
      "+": () => closer(1.2), "=": () => closer(1.2), "-": () => closer(1 / 1.2),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (!event.buttons) return;
    const scale = side() / canvas.clientWidth;
    x -= event.movementX * scale;
    y -= event.movementY * scale;
    draw();
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); closer(event.deltaY < 0 ? 1.1 : 1 / 1.1); }, { passive: false });

  let upload = null, key = null, sent = null; // the key of the square that was tried last
  send.addEventListener("click", async () => {
    const square = [x, y, zoom].join();
    if (sent !== square) [sent, key] = [square, crypto.randomUUID()];
    word(form, "");
    const shown = Math.min(MOST_SENT, Math.round(side()));
    const paper = new OffscreenCanvas(shown, shown);
    paper.getContext("2d").drawImage(picture, x - side() / 2, y - side() / 2, side(), side(), 0, 0, shown, shown);
    const blob = await paper.convertToBlob({ type: "image/jpeg", quality: 0.9 });
    [send.disabled, stop.hidden, bar.hidden, bar.value] = [true, false, false, 0];
    const body = new FormData();
    body.append("file", blob, "photo.jpg");
    upload = new AbortController();
    const answer = await (token() ? fetchUpload : countedUpload)(body, key, upload.signal, bar).catch((error) => error);
    [send.disabled, stop.hidden, bar.hidden] = [false, true, true];
    if (answer.status < 300) return refresh();
    send.textContent = say("try_again");
    word(form, answer.status ? reason(answer) : say(answer.name === "AbortError" ? "stopped" : "not_sent_photo"));
    send.focus();
  });
  stop.addEventListener("click", () => upload?.abort());

  draw();
  form.after(box);
  canvas.focus();
  return box;
}

const ADDRESS = "/api/upload?purpose=profile";

// With a token: XMLHttpRequest would send the cookie beside it, which may be somebody else's. It does not tell how far it is.
async function fetchUpload(body, key, signal, bar) {
  bar.removeAttribute("value");
  const answer = await request("POST", ADDRESS, body, { headers: { "Idempotency-Key": key }, signal });
  return { status: answer.status, text: await answer.text() };
}

const countedUpload = (body, key, signal, bar) => new Promise((done, fail) => {
  const upload = new XMLHttpRequest();
  upload.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
  upload.addEventListener("load", () => done({ status: upload.status, text: upload.responseText }));
  upload.addEventListener("error", () => fail(new TypeError("no network")));
  upload.addEventListener("abort", () => fail(signal.reason));
  signal.addEventListener("abort", () => upload.abort());
  upload.open("POST", ADDRESS);
  upload.setRequestHeader("Idempotency-Key", key);
  upload.setRequestHeader("X-Account", account());
  upload.send(body);
});

function reason({ text, status }) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return `${say("not_sent_photo")} (${status})`;
  }
}
