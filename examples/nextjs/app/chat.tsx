"use client"
import type { Message } from "skillswap-client"
import { useSession } from "next-auth/react"
import { type FormEvent, useEffect, useState } from "react"
import { useAttempt, useChats } from "./skillswap"

export default function Chat({ swapId, onBack }: { swapId: string; onBack: () => void }) {
  const chats = useChats()
  const { data } = useSession()
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [reason, attempt] = useAttempt()

  useEffect(() => {
    if (!chats) return
    const end = chats.on("chat", (chat) => chat.swapId === swapId && setMessages(chat.messages))
    void attempt(() => chats.open(swapId))
    return () => {
      end()
      chats.close(swapId)
    }
  }, [chats, swapId])

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const message = String(new FormData(form).get("message")).trim()
    if (!chats || !message) return
    form.reset()
    void attempt(() => chats.send(swapId, { message }))
  }

  const me = (data?.user as { id?: string } | undefined)?.id
  return (
    <section>
      <button onClick={onBack}>Back</button>
      <div role="log" aria-label="Messages">
        {messages.map((message) => (
          <p key={message.seq}>
            <b>{message.from_user_id === me ? "You" : "They"}:</b> {message.message}
          </p>
        ))}
      </div>
      <form onSubmit={send}>
        <input name="message" aria-label="Message" autoComplete="off" />
        <button>Send</button>
      </form>
      <p role="alert">{reason}</p>
    </section>
  )
}
