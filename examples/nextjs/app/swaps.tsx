"use client"
import { type components, dataOf } from "skillswap-client"
import { useEffect, useState } from "react"
import { api, useAttempt, useChats } from "./skillswap"

type Swap = components["schemas"]["SwapDocument"]

export default function Swaps({ onOpen }: { onOpen: (swapId: string) => void }) {
  const [swaps, setSwaps] = useState<Swap[]>([])
  const [reason, attempt] = useAttempt()
  const chats = useChats()
  const put = (changed: Swap) =>
    setSwaps((known) => [changed, ...known.filter((swap) => swap._id !== changed._id)])

  useEffect(() => {
    const load = () =>
      void attempt(async () => setSwaps(await dataOf(api.GET("/api/swap", { params: { query: { limit: 20 } } }))))
    load()
    const ends = [chats?.on("swap", put), chats?.on("resync", load)]
    return () => ends.forEach((end) => end?.())
  }, [chats])

  async function accept({ _id: id, version }: Swap) {
    const params = { path: { id } }
    put(await dataOf(api.PUT("/api/swap/{id}", { params, body: { status: "accepted", version } })))
  }

  return (
    <section aria-labelledby="swaps">
      <h2 id="swaps">Your swaps</h2>
      <ul>
        {swaps.map((swap) => (
          <li key={swap._id}>
            {swap.offered_skill} for {swap.wanted_skill}: {swap.status}{" "}
            {swap.can.includes("accept") && <button onClick={() => attempt(() => accept(swap))}>Accept</button>}{" "}
            <button onClick={() => onOpen(swap._id)}>Open the chat</button>
          </li>
        ))}
      </ul>
      <p role="alert">{reason}</p>
    </section>
  )
}
