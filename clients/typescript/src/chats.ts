import { type LiveSocket, type Said, type Told, ask } from "./live.js"
import { Refusal } from "./refusal.js"
import type { components } from "./schema.js"
import { newKey, pause } from "./waiting.js"

type Schemas = components["schemas"]
export type Message = Schemas["MessageDocument"]

/** A conversation as far as it is known here. */
export interface Chat {
  readonly swapId: string
  /** In the order of `seq`. */
  readonly messages: readonly Message[]
  /** How far each participant has read, by user id. */
  readonly reads: Readonly<Record<string, number>>
}

export interface ChatEvents {
  /** Something in an open conversation has changed. */
  chat: Chat
  /** A participant is typing: show it for five seconds. */
  typing: { swap_id: string; user_id: string }
  /** A swap has changed, now or while the connection was lost. */
  swap: Schemas["SwapDocument"]
  user: Schemas["OwnUser"]
  /** You were away for too long: load what you show anew. Open conversations are loaded already. */
  resync: undefined
  /** The session has ended, and what is not sent yet is rejected: sign in and begin with a new socket. */
  signedOut: Refusal
  /** Catching up was refused; the next connection tries again. */
  trouble: unknown
}

export interface Draft {
  message: string
  photo_url?: string
  reply_to?: number
  /** Of your own, to send a stored draft again after a reload without sending it twice. */
  client_id?: string
}

/** Conversations that `chat:sync` takes at a time. */
const AT_A_TIME = 50
const RETRY_MILLISECONDS = 1000
/** The longest pause between attempts to sign in a socket while the service is busy. */
const LONGEST_PAUSE = 30_000

class Log implements Chat {
  readonly bySeq = new Map<number, Message>()
  reads: Record<string, number> = {}
  after: number | undefined
  changes: number | undefined

  constructor(readonly swapId: string) {}

  get messages(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq)
  }

  get cursor(): { swap_id: string; after?: number; changes?: number } {
    const { after, changes } = this
    return { swap_id: this.swapId, ...(after !== undefined && { after }), ...(changes !== undefined && { changes }) }
  }

  keep(message: Message): void {
    const known = this.bySeq.get(message.seq)
    // What waits for a moderator has no number yet; of two states of one message the later one stays.
    if (message.seq > 0 && (!known || message.changed >= known.changed)) this.bySeq.set(message.seq, message)
  }

  readUpTo(userId: string, seq: number): void {
    this.reads[userId] = Math.max(this.reads[userId] ?? 0, seq)
  }

  forget(): void {
    this.bySeq.clear()
    this.reads = {}
    this.after = this.changes = undefined
  }
}

/**
 * Conversations that stay complete, whatever happens to the connection: the four rules of docs/realtime.md.
 *
 * A message is sent until it is answered, with one `client_id`, and in order within its conversation; after each
 * connection and each gap everything is fetched that was missed.
 */
export class Chats {
  readonly #logs = new Map<string, Log>()
  readonly #behind = new Set<string>()
  readonly #listeners = new Map<keyof ChatEvents, Set<(told: never) => void>>()
  readonly #sending = new Map<string, Promise<unknown>>()
  readonly #stop = new AbortController()
  #catching: Promise<void> | undefined
  #isStale = false
  #since: string | undefined
  #refusals = 0

  constructor(readonly socket: LiveSocket) {
    const refresh = () => void this.#catchUp([...this.#logs.keys()]).catch((error) => this.#tell("trouble", error))
    const refreshAgain = () => {
      this.#refusals = 0
      refresh()
    }
    socket.on("connect", refreshAgain)
    socket.on("resync_required", refresh)
    socket.on("connect_error", (error) => this.#onRefusal(error))
    socket.on("disconnect", (reason) => reason === "io server disconnect" && socket.connect())
    socket.on("chat:receive", (message) => this.#onMessage(message))
    socket.on("chat:edited", (message) => this.#onChange(message))
    socket.on("chat:deleted", (message) => this.#onChange(message))
    socket.on("chat:typing", (signal) => this.#tell("typing", signal))
    socket.on("swap:updated", (swap) => this.#tell("swap", swap))
    socket.on("user:updated", (user) => this.#tell("user", user))
    socket.on("chat:read", ({ swap_id, user_id, seq }) => {
      const log = this.#logs.get(swap_id)
      log?.readUpTo(user_id, seq)
      if (log) this.#tell("chat", log)
    })
    if (socket.connected) refresh()
  }

  /** Listen; returns a function that ends it. */
  on<Event extends keyof ChatEvents>(event: Event, listener: (told: ChatEvents[Event]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  get(swapId: string): Chat | undefined {
    return this.#logs.get(swapId)
  }

  /** Open conversations and fetch their newest messages. Throws a Refusal for one that is not yours. */
  async open(...swapIds: string[]): Promise<void> {
    const added = swapIds.filter((swapId) => !this.#logs.has(swapId))
    for (const swapId of added) this.#logs.set(swapId, new Log(swapId))
    await this.#connected()
    await this.#catchUp(added)
    if (swapIds.some((swapId) => !this.#logs.has(swapId))) {
      throw new Refusal({ code: "swap.not_found", status: 404, detail: "not found" })
    }
  }

  /** Close a conversation: nothing of it is kept or told any more. */
  close(swapId: string): void {
    this.#logs.delete(swapId)
  }

  /** Add messages that were fetched, such as earlier ones of `GET /api/chat/{swap_id}?before=`. */
  add(messages: readonly Message[]): void {
    for (const message of messages) this.#logs.get(message.swap_id)?.keep(message)
    for (const swapId of new Set(messages.map((message) => message.swap_id))) {
      const log = this.#logs.get(swapId)
      if (log) this.#tell("chat", log)
    }
  }

  /** Send a message; resolves once it is stored. Without a connection it waits for one. Throws a Refusal. */
  send(swapId: string, draft: Draft): Promise<Message> {
    const said = { swap_id: swapId, ...draft, client_id: draft.client_id ?? newKey() }
    const before = this.#sending.get(swapId) ?? Promise.resolve()
    const sent = before.catch(() => undefined).then(() => this.#deliver(said))
    this.#sending.set(swapId, sent)
    return sent
  }

  /** End for good: what is not sent yet is rejected. */
  end(): void {
    this.#stop.abort(new Error("ended"))
    this.socket.disconnect()
  }

  async #deliver(said: Said<"chat:new">): Promise<Message> {
    for (;;) {
      await this.#connected()
      try {
        const { message } = await ask(this.socket, "chat:new", said)
        this.#onMessage(message)
        return message
      } catch (error) {
        if (error instanceof Refusal && !error.isPassing) throw error
        const seconds = error instanceof Refusal ? error.retryAfter : undefined
        await pause(seconds === undefined ? RETRY_MILLISECONDS : seconds * 1000, this.#stop.signal)
      }
    }
  }

  #connected(): Promise<void> {
    const { signal } = this.#stop
    signal.throwIfAborted()
    if (this.socket.connected) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = () => {
        signal.removeEventListener("abort", end)
        resolve()
      }
      const end = () => {
        this.socket.off("connect", done)
        reject(signal.reason)
      }
      this.socket.once("connect", done)
      signal.addEventListener("abort", end, { once: true })
    })
  }

  /** Fetch what was missed in these conversations, and the swaps that have changed. One at a time. */
  #catchUp(swapIds: readonly string[]): Promise<void> {
    for (const swapId of swapIds) this.#behind.add(swapId)
    this.#isStale = true
    this.#catching ??= this.#fetchAll().finally(() => (this.#catching = undefined))
    return this.#catching
  }

  async #fetchAll(): Promise<void> {
    while (this.#isStale || this.#behind.size > 0) {
      const logs = [...this.#behind].slice(0, AT_A_TIME).flatMap((swapId) => this.#logs.get(swapId) ?? [])
      for (const swapId of [...this.#behind].slice(0, AT_A_TIME)) this.#behind.delete(swapId)
      this.#isStale = false
      try {
        const since = this.#since !== undefined && { since: this.#since }
        this.#take(await ask(this.socket, "chat:sync", { chats: logs.map((log) => log.cursor), ...since }))
      } catch (error) {
        for (const log of logs) this.#behind.add(log.swapId)
        if (error instanceof Refusal && !error.isPassing) throw error
        this.#isStale = true
        const seconds = error instanceof Refusal ? error.retryAfter : undefined
        await pause(seconds === undefined ? RETRY_MILLISECONDS : seconds * 1000, this.#stop.signal)
        await this.#connected()
      }
    }
  }

  #take(news: Told<"chat:sync">): void {
    if (!("chats" in news)) return
    for (const missed of news.chats) {
      const log = this.#logs.get(missed.swap_id)
      if (log) this.#takeMissed(log, missed)
    }
    this.#since = news.cursor
    for (const swap of news.swaps) this.#tell("swap", swap)
    if (news.user) this.#tell("user", news.user)
    if (news.resync_required) this.#tell("resync", undefined)
  }

  #takeMissed(log: Log, missed: Schemas["MissedDocument"]): void {
    if (missed.resync_required) {
      if (log.after === undefined) this.#logs.delete(log.swapId) // not yours, or not any more
      else this.#behind.add(log.swapId)
      log.forget()
      return
    }
    for (const message of [...missed.messages, ...missed.changed]) log.keep(message)
    for (const [userId, seq] of Object.entries(missed.reads)) log.readUpTo(userId, seq)
    log.after = Math.max(log.after ?? 0, ...missed.messages.map((message) => message.seq))
    log.changes = missed.changes
    if (missed.has_more) this.#behind.add(log.swapId)
    this.#tell("chat", log)
  }

  #onMessage(message: Message): void {
    const log = this.#logs.get(message.swap_id)
    if (!log) return
    if (log.after === undefined || message.seq > log.after + 1) {
      this.#catchUp([log.swapId]).catch((error) => this.#tell("trouble", error))
      return
    }
    log.after = Math.max(log.after, message.seq)
    log.keep(message)
    this.#tell("chat", log)
  }

  #onChange(message: Message): void {
    const log = this.#logs.get(message.swap_id)
    if (!log?.bySeq.has(message.seq)) return
    log.keep(message)
    this.#tell("chat", log)
  }

  /** The library gives up when the service refuses a connection; a refusal that passes is worth another attempt. */
  #onRefusal(error: Error & { data?: Schemas["ProblemDocument"] }): void {
    if (this.socket.active || error.data === undefined) return // it tries again by itself
    const refusal = new Refusal(error.data)
    if (refusal.status === 401 || refusal.status === 403) {
      this.#stop.abort(refusal)
      this.#tell("signedOut", refusal)
      return
    }
    const wait = Math.max((refusal.retryAfter ?? 0) * 1000, RETRY_MILLISECONDS * 2 ** this.#refusals++)
    pause(Math.min(wait, LONGEST_PAUSE), this.#stop.signal).then(
      () => this.socket.connect(),
      () => undefined,
    )
  }

  #tell<Event extends keyof ChatEvents>(event: Event, told: ChatEvents[Event]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (told: ChatEvents[Event]) => void)(told)
  }
}
