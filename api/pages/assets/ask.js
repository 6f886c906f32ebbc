// Requests to the API.

const pending = new Set();

// A request with what it answered or what it has against it. It reaches the server even when the page is left meanwhile.
export function ask(method, path, body) {
  const answer = request(method, path, body).finally(() => pending.delete(answer));
  pending.add(answer);
  return answer;
}

// Resolves when every request has its answer: to load the page again before would hide what was answered.
export const allAnswered = () => Promise.allSettled(pending);

async function request(method, path, body) {
  const options = { method, keepalive: true, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) };
  const answer = await fetch(path, options);
  const said = await answer.json();
  const next = answer.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
  return answer.ok ? { ok: true, said, next } : { ok: false, detail: said.detail };
}
