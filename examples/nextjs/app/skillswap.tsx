"use client"
// The service, for all parts of the page: REST by the cookie of the session, and conversations that stay complete.
import { Chats, Refusal, openApi, openSocket } from "skillswap-client"
import { type ReactNode, createContext, useContext, useEffect, useState } from "react"

export const api = openApi()

const ChatsContext = createContext<Chats | null>(null)
export const useChats = () => useContext(ChatsContext)

export function ChatsProvider({ children }: { children: ReactNode }) {
  const [chats, setChats] = useState<Chats | null>(null)
  useEffect(() => {
    const opened = new Chats(openSocket())
    setChats(opened)
    return () => opened.end()
  }, [])
  return <ChatsContext value={chats}>{children}</ChatsContext>
}

/** Run something, and say in words of the service why it was refused. */
export function useAttempt(): [string, (attempt: () => Promise<unknown>) => Promise<void>] {
  const [reason, setReason] = useState("")
  return [
    reason,
    async (attempt) => {
      try {
        setReason("")
        await attempt()
      } catch (error) {
        setReason(error instanceof Refusal ? error.message : "No connection. Please try again.")
      }
    },
  ]
}
