import createClient, { type Client, type Middleware } from "openapi-fetch"
import { repeatablePaths } from "./contract.js"
import { refusalOf } from "./refusal.js"
import type { paths } from "./schema.js"
import { newKey, pause } from "./waiting.js"

export type Api = Client<paths>

export interface Access {
  /** Address of the service; left out, the page's own origin. */
  baseUrl?: string
  /** The session token; left out, the browser's cookie. */
  token?: string
  /** Language of the messages for people, where the profile names none. */
  language?: string
  /** How often a request is sent until it is answered; 1 sends it once. */
  tries?: number
  fetch?: (request: Request) => Promise<Response>
}

const KEY = "Idempotency-Key"
const TRIES = 4
const FIRST_PAUSE = 500
/** Seconds of `Retry-After` up to which it is waited for: what takes longer is for a person to decide. */
const LONGEST_WAIT = 10

/**
 * Open the REST API, typed by the OpenAPI document: `api.GET("/api/swap/{id}", { params: { path: { id } } })`.
 *
 * What may be repeated without harm is repeated when no answer came: reading, PUT without `If-Match`, and each POST
 * with an `Idempotency-Key`, which is added where the service takes one.
 */
export function openApi(access: Access = {}): Api {
  const { baseUrl, token, language, tries = TRIES, fetch: send = (request) => fetch(request) } = access
  const api = createClient<paths>({
    ...(baseUrl !== undefined && { baseUrl }),
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(language !== undefined && { "Accept-Language": language }),
    },
    fetch: (request) => sendUntilAnswered(send, request, tries),
  })
  api.use(keys)
  return api
}

const keys: Middleware = {
  onRequest({ request, schemaPath }) {
    if (request.method === "POST" && repeatablePaths.includes(schemaPath) && !request.headers.has(KEY)) {
      request.headers.set(KEY, newKey())
    }
    return request
  },
}

/** Return the document of an answer: `await dataOf(api.GET("/api/user"))`. Throws a Refusal. */
export async function dataOf<Data>(
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await asked
  if (!response.ok) throw refusalOf(error, response)
  return data as Data
}

type Lists = {
  [Path in keyof paths]: paths[Path] extends {
    get: { responses: { 200: { content: { "application/json": (infer Item)[] } } } }
  }
    ? Item
    : never
}
type ListPath = { [Path in keyof Lists]: [Lists[Path]] extends [never] ? never : Path }[keyof Lists]

interface Range {
  path?: Record<string, string>
  query?: Record<string, string | number | boolean>
}

/** Go through a list, over all its pages: `for await (const swap of itemsOf(api, "/api/swap"))`. Throws a Refusal. */
export async function* itemsOf<Path extends ListPath>(
  api: Api,
  path: Path,
  range: Range = {},
): AsyncGenerator<Lists[Path]> {
  const get = api.GET as unknown as (
    path: string,
    options: object,
  ) => Promise<{ data?: Lists[Path][]; response: Response }>
  let query: Range["query"] | undefined = range.query ?? {}
  while (query) {
    const asked = get(path, { params: { ...range, query } })
    yield* await dataOf<Lists[Path][]>(asked)
    const next = (await asked).response.headers.get("Link")?.match(/<[^>?]*\?([^>]*)>; rel="next"/)?.[1]
    query = next === undefined ? undefined : valuesOf(new URLSearchParams(next))
  }
}

function valuesOf(search: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = {}
  search.forEach((value, name) => (values[name] = value))
  return values
}

async function sendUntilAnswered(
  send: (request: Request) => Promise<Response>,
  request: Request,
  tries: number,
): Promise<Response> {
  for (let left = tries - 1; ; left--) {
    const copy = left > 0 ? request.clone() : request
    const wait = FIRST_PAUSE * 2 ** (tries - 1 - left)
    try {
      const answer = await send(copy)
      const seconds = left > 0 ? await waitOf(answer, request) : undefined
      if (seconds === undefined) return answer
      await pause(Math.max(seconds * 1000, wait), request.signal)
    } catch (error) {
      if (left <= 0 || request.signal.aborted || !isHarmless(request)) throw error
      await pause(wait, request.signal)
    }
  }
}

function isHarmless({ method, headers }: Request): boolean {
  return method === "GET" || headers.has(KEY) || (method === "PUT" && !headers.has("If-Match"))
}

/** Seconds until the request may be sent again, or undefined if this is its answer. */
async function waitOf(answer: Response, request: Request): Promise<number | undefined> {
  if (answer.ok || ![409, 429, 503].includes(answer.status)) return undefined
  if (answer.status === 409) {
    const { code } = (await answer.clone().json().catch(() => ({}))) as { code?: string }
    return code === "idempotency.in_flight" ? 1 : undefined
  }
  const seconds = Number(answer.headers.get("Retry-After") ?? Number.NaN)
  const isSafe = answer.status === 429 || isHarmless(request) // 429 comes before anything was done
  return isSafe && seconds <= LONGEST_WAIT ? seconds : undefined
}
