"use client"
import { type components, dataOf } from "skillswap-client"
import { useEffect, useState } from "react"
import { api, useAttempt } from "./skillswap"

type Match = components["schemas"]["MatchCard"]

export default function Matches({ onAsked }: { onAsked: (swapId: string) => void }) {
  const [matches, setMatches] = useState<Match[] | null>(null)
  const [reason, attempt] = useAttempt()
  useEffect(() => {
    void attempt(async () => setMatches(await dataOf(api.GET("/api/matches", { params: { query: { limit: 10 } } }))))
  }, [])

  async function ask({ user, you_teach: [offered_skill], teaches_you: [wanted_skill] }: Match) {
    if (!offered_skill || !wanted_skill) return
    const swap = await dataOf(api.POST("/api/swap", { body: { to_user_id: user._id, offered_skill, wanted_skill } }))
    onAsked(swap._id)
  }

  return (
    <section aria-labelledby="matches">
      <h2 id="matches">People who match</h2>
      {matches?.length === 0 && <p>Nobody yet: say in your profile what you teach and what you want to learn.</p>}
      <ul>
        {matches?.map((match) => (
          <li key={match.user._id}>
            <b>{match.user.name}</b> teaches you {match.teaches_you.join(", ")} and learns {match.you_teach.join(", ")}{" "}
            <button onClick={() => attempt(() => ask(match))}>Ask {match.user.name}</button>
          </li>
        ))}
      </ul>
      <p role="alert">{reason}</p>
    </section>
  )
}
