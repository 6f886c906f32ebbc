import { type Socket, io } from "socket.io-client"
import { type Problem, Refusal } from "./refusal.js"
import type { components } from "./schema.js"

type Events = components["schemas"]["SocketEvents"]
export type ClientEvent = keyof Events["client"]

/** What is sent with an event. */
export type Said<Event extends ClientEvent> = Events["client"][Event]["body"]
/** What an event is answered with. */
export type Told<Event extends ClientEvent> = Events["client"][Event]["answer"]
type Answer<Event extends ClientEvent> = (Told<Event> & { ok: true }) | { ok: false; error: Problem }

type ServerEvents = {
  [Event in keyof Events["server"]]: (told: Events["server"][Event]["body"]) => void
}
type ClientEvents = {
  [Event in ClientEvent]: (said: Said<Event>, answered: (answer: Answer<Event>) => void) => void
}

/** A socket of `socket.io-client` with the events of the service. */
export type LiveSocket = Socket<ServerEvents, ClientEvents>

/** While the service refuses many messages, what one socket sends is answered one after the other. */
const ANSWER_MILLISECONDS = 30_000

/** Open a socket. Without a token it signs in by the browser's cookie, without a `baseUrl` at the page's origin. */
export function openSocket({ baseUrl, token }: { baseUrl?: string; token?: string } = {}): LiveSocket {
  const options = token === undefined ? { withCredentials: true } : { auth: { token } }
  return baseUrl === undefined ? io(options) : io(baseUrl, options)
}

/** Send an event and return its answer. Throws a Refusal, or another Error when no answer came in time. */
export async function ask<Event extends ClientEvent>(
  socket: LiveSocket,
  event: Event,
  said: Said<Event>,
): Promise<Told<Event>> {
  const timed = socket.timeout(ANSWER_MILLISECONDS) as unknown as {
    emitWithAck(event: Event, said: Said<Event>): Promise<Answer<Event>>
  }
  const answer = await timed.emitWithAck(event, said)
  if (!answer.ok) throw new Refusal(answer.error)
  return answer
}
