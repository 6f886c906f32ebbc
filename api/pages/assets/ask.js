// A request to the API, with what it answered or what it has against it.
export async function ask(method, path, body) {
  const options = { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) };
  const answer = await fetch(path, options);
  const said = await answer.json();
  return answer.ok ? { ok: true, said } : { ok: false, detail: said.detail };
}
