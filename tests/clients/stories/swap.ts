// Ada asks Ben by the typed client, Ben says yes, and they talk; then Ben's connection is cut while Ada writes on.
import { Chats, Refusal, dataOf, isRefused, itemsOf, openApi, openSocket } from "../src/index.js"
import { given, say, settled, until } from "./story.js"

const { baseUrl, ada, ben } = given
const asAda = openApi({ baseUrl, token: ada.token })
const asBen = openApi({ baseUrl, token: ben.token })

// The answer to the first attempt is lost on its way; the second one gets the same swap.
let sent = 0
const keys = new Set<string | null>()
const losing = openApi({
  baseUrl,
  token: ada.token,
  fetch: async (request) => {
    keys.add(request.headers.get("Idempotency-Key"))
    const answer = await fetch(request)
    if (sent++ === 0) throw new TypeError("the connection was lost")
    return answer
  },
})
const [card] = await dataOf(asAda.GET("/api/matches", { params: { query: { limit: 1 } } }))
if (!card) throw new Error("nobody matches")
const body = {
  to_user_id: card.user._id,
  offered_skill: card.you_teach[0] ?? "",
  wanted_skill: card.teaches_you[0] ?? "",
  message: "Shall we?",
}
const swap = await dataOf(losing.POST("/api/swap", { body }))
const swaps: string[] = []
for await (const one of itemsOf(asAda, "/api/swap", { query: { limit: 1 } })) swaps.push(one._id)

const told: string[] = []
const adas = new Chats(openSocket({ baseUrl, token: ada.token }))
const bens = new Chats(openSocket({ baseUrl, token: ben.token }))
adas.on("swap", (changed) => told.push(changed.status))
await Promise.all([adas.open(swap._id), bens.open(swap._id)])

const params = { path: { id: swap._id } }
await dataOf(asBen.PUT("/api/swap/{id}", { params, body: { status: "accepted", version: swap.version } }))
await until(() => told.includes("accepted"))

// A refusal is known by its code, and a conflict has the present swap in it.
const late = await settled(dataOf(asBen.PUT("/api/swap/{id}", { params, body: { status: "rejected", version: 1 } })))
const conflict = late instanceof Refusal && late.current && "status" in late.current ? late.current.status : late
const unknown = await settled(dataOf(asAda.GET("/api/swap/{id}", { params: { path: { id: "0".repeat(24) } } })))
// @ts-expect-error: a code that the service does not have
isRefused(unknown, "swap.not_fuond")
// @ts-expect-error: an event that the service does not have
bens.socket.emit("chat:nwe", {})
const isAbsent = isRefused(unknown, "swap.not_found", "not_found")
const foreign = await settled(adas.open("0".repeat(24)))

// Two clients; then the transport of Ben's dies without a word, and what is written meanwhile arrives all the same.
await adas.send(swap._id, { message: "Tuesday at six?" })
await bens.send(swap._id, { message: "Yes" })
const { engine } = bens.socket.io
await until(() => engine.transport.name === "websocket")
bens.socket.io.reconnection(false)
;(engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate()
await until(() => !bens.socket.connected)
await Promise.all(Array.from({ length: 12 }, (_, n) => adas.send(swap._id, { message: `meanwhile ${n + 1}` })))
const first = adas.get(swap._id)?.messages[0]
if (!first) throw new Error("no message")
await dataOf(
  asAda.PUT("/api/chat/{swap_id}/{seq}", {
    params: { path: { swap_id: swap._id, seq: `${first.seq}` } },
    body: { message: "Wednesday at six?" },
  }),
)
const before = bens.get(swap._id)?.messages.length
bens.socket.connect()
await until(() => bens.get(swap._id)?.messages.length === 14)

say({
  swap: swap._id,
  swaps,
  keys: keys.size,
  attempts: sent,
  conflict,
  isAbsent,
  foreign: foreign instanceof Refusal && foreign.code,
  before,
  adas: adas.get(swap._id)?.messages.map(({ message }) => message),
  bens: bens.get(swap._id)?.messages.map(({ message }) => message),
})
adas.end()
bens.end()
