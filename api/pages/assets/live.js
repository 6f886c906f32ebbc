// A small Socket.IO client: one websocket, one namespace. Packets are digits in front of JSON:
// "0" open, "2" ping, "3" pong, "40" connect, "41" disconnect, "42" event, "43" acknowledgement, "44" refused.

const ACK_MS = 10000;

export class Live {
  constructor(listeners) {
    this.listeners = listeners; // event name → function; "up" and "down" are told about the connection itself
    this.waiting = new Map();
    this.next = 0;
    this.failures = 0;
    this.isUp = false;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/api/socket/?EIO=4&transport=websocket`);
    this.socket.onmessage = (frame) => this.read(frame.data);
    this.socket.onclose = () => this.lost();
  }

  read(text) {
    const kind = text[0] === "4" ? text.slice(0, 2) : text[0];
    if (kind === "0") this.socket.send("40");
    else if (kind === "2") this.socket.send("3");
    else if (kind === "40") {
      this.failures = 0;
      this.isUp = true;
      for (const { text: unanswered } of this.waiting.values()) this.socket.send(unanswered);
      this.tell("up");
    }
    else if (kind === "42") this.tell(...JSON.parse(text.slice(2)));
    else if (kind === "43") {
      const [, id, answer] = /^43(\d+)(.*)$/s.exec(text);
      this.waiting.get(Number(id))?.done(JSON.parse(answer)[0]);
    } else if (kind === "44") { this.refused = true; this.socket.close(); this.tell("refused"); }
  }

  tell(event, data) { this.listeners[event]?.(data); }

  // Resolves with the acknowledgement; rejects when none comes in time. What a lost connection has left unanswered is
  // said again on the next one: repeated, it must mean the same (a message has its client_id).
  call(event, data) {
    const id = this.next++;
    const text = `42${id}${JSON.stringify([event, data])}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.waiting.delete(id); reject(new Error("no answer")); }, ACK_MS);
      const done = (answer) => { clearTimeout(timer); this.waiting.delete(id); resolve(answer); };
      this.waiting.set(id, { text, done });
      if (this.isUp) this.socket.send(text);
    });
  }

  // Says something that nothing hangs on: no answer is waited for, and without a connection it is not said.
  send(event, data) {
    if (this.isUp) this.socket.send(`42${JSON.stringify([event, data])}`);
  }

  lost() {
    this.isUp = false;
    this.tell("down");
    if (this.refused) return;
    const wait = Math.min(5000, 500 * 2 ** this.failures++) * (0.5 + Math.random() / 2);
    setTimeout(() => this.open(), wait);
  }
}
