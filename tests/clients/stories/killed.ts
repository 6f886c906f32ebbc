// The service is killed while Ada and Ben talk. Ada writes ten messages into the gap; the service comes back.
import { Chats, openSocket } from "../src/index.js"
import { given, say, until } from "./story.js"

const { baseUrl, ada, ben, swap = "" } = given
const adas = new Chats(openSocket({ baseUrl, token: ada.token }))
const bens = new Chats(openSocket({ baseUrl, token: ben.token }))
await Promise.all([adas.open(swap), bens.open(swap)])
await adas.send(swap, { message: "before" })

say("connected")
await until(() => !adas.socket.connected && !bens.socket.connected)
const sending = Array.from({ length: 10 }, (_, n) => adas.send(swap, { message: `${n + 1}` }))
say("written")
await Promise.all(sending)
await until(() => bens.get(swap)?.messages.length === 11)

say({
  adas: adas.get(swap)?.messages.map(({ message }) => message),
  bens: bens.get(swap)?.messages.map(({ message }) => message),
})
adas.end()
bens.end()
