// REST for scripts of pages: answers as {ok: true, said, next} or {ok: false, status, code, detail, current, wait}.
import { request, retryAfter } from "./request.js";

// A request with what it answered or what it has against it. It reaches the server even when the page is left meanwhile.
export async function ask(method, path, body) {
  const answer = await request(method, path, body);
  const said = await answer.json();
  const next = answer.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
  if (answer.ok) return { ok: true, said, next };
  return { ok: false, status: answer.status, code: said.code, detail: said.detail, current: said.current, wait: retryAfter(answer) };
}
