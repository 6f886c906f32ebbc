// REST for scripts of pages: answers as {ok: true, said, next} or {ok: false, status, code, detail, current, wait}.
import { request, retryAfter } from "./request.js";

const pending = new Set();

// A request with what it answered or what it has against it. It reaches the server even when the page is left meanwhile.
export function ask(method, path, body) {
  const answer = unpack(method, path, body).finally(() => pending.delete(answer));
  pending.add(answer);
  return answer;
}

// Resolves when every request has its answer: to load the page again before would hide what was answered.
export const allAnswered = () => Promise.allSettled(pending);

async function unpack(method, path, body) {
  const answer = await request(method, path, body);
  const said = await answer.json();
  const next = answer.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
  if (answer.ok) return { ok: true, said, next };
  return { ok: false, status: answer.status, code: said.code, detail: said.detail, current: said.current, wait: retryAfter(answer) };
}
