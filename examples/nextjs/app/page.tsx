"use client"
import { SessionProvider, signIn, signOut, useSession } from "next-auth/react"
import { type FormEvent, useState } from "react"
import Chat from "./chat"
import Matches from "./matches"
import { ChatsProvider } from "./skillswap"
import Swaps from "./swaps"

export default function Page() {
  return (
    <SessionProvider>
      <Home />
    </SessionProvider>
  )
}

function Home() {
  const { data } = useSession()
  const [open, setOpen] = useState<string | null>(null)
  if (!data?.user) return <SignIn />
  return (
    <ChatsProvider>
      <header>
        <p>
          Signed in as {data.user.name ?? data.user.email} <button onClick={() => signOut()}>Sign out</button>
        </p>
      </header>
      <main>
        {open ? <Chat key={open} swapId={open} onBack={() => setOpen(null)} /> : <Lists onOpen={setOpen} />}
      </main>
    </ChatsProvider>
  )
}

function Lists({ onOpen }: { onOpen: (swapId: string) => void }) {
  return (
    <>
      <Swaps onOpen={onOpen} />
      <Matches onAsked={onOpen} />
    </>
  )
}

function SignIn() {
  const [sentTo, setSentTo] = useState("")
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const email = String(new FormData(event.currentTarget).get("email"))
    const answer = await signIn("email", { email, redirect: false })
    if (answer?.ok) setSentTo(email)
  }
  return (
    <main>
      <h1>Skill Swap</h1>
      <form onSubmit={submit}>
        <input name="email" type="email" required aria-label="Your mail address" placeholder="ada@example.org" />
        <button>Sign in</button>
      </form>
      <p role="status">{sentTo && `We have sent a link to ${sentTo}.`}</p>
    </main>
  )
}
