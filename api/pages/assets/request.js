// The one way in which scripts of pages ask the server: pages, forms and REST.
//   const answer = await request("PUT", "/api/swap/1", { status: "accepted" });   // a Response of fetch
// The body is a plain object (sent as JSON), URLSearchParams or FormData. A lost network rejects, as fetch does; every
// answer of the server, refused or not, resolves. For JSON with its problem unpacked see ask.js.
//
// The session is a cookie. Where cookies are blocked (the Mini App in a foreign frame) a bearer token stands in for it:
// useBearer(token, renew) sets one; `renew` is asked for a new one when it is refused, once a request.
// What changes something names the account that the page was drawn for: signed in as another one in another tab, it is refused.

export const OTHER_ACCOUNT = "account.other"; // code of what was refused because another account is signed in

let bearer = null, renew = null;

export function useBearer(token, renewing = null) {
  [bearer, renew] = [token, renewing];
}

/** The reader for whom the page was drawn; undefined for a visitor. */
export const account = () => document.body.dataset.me;

/** The bearer token, where one stands in for the cookie. */
export const token = () => bearer;

export async function request(method, url, body, { headers = {}, signal } = {}) {
  const isJson = body !== undefined && body !== null && Object.getPrototypeOf(body) === Object.prototype;
  const send = () => fetch(url, {
    method,
    signal,
    credentials: bearer ? "omit" : "same-origin", // the cookie may be somebody else's
    keepalive: !(body instanceof FormData) && method !== "GET", // reaches the server even when the page is left meanwhile
    headers: { "X-Requested-With": "page", ...(isJson && { "Content-Type": "application/json" }), ...(bearer && { Authorization: `Bearer ${bearer}` }), ...(account() && method !== "GET" && { "X-Account": account() }), ...headers },
    body: isJson ? JSON.stringify(body) : body ?? undefined,
  });
  let answer = await send();
  if (isSignedOut(answer) && renew) {
    bearer = await renew();
    if (bearer) answer = await send();
  }
  return answer;
}

const SIGN_IN = "/api/auth/signin";

/** Whether an answer says that nobody is signed in any more: REST with 401, a page by leading to the sign-in. */
export const isSignedOut = (answer) => answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === SIGN_IN);

/** Seconds after which the server asks to come back; null where it does not. */
export function retryAfter(answer) {
  const seconds = Number(answer.headers.get("Retry-After"));
  return [429, 503].includes(answer.status) ? Math.max(1, seconds || 5) : null;
}
