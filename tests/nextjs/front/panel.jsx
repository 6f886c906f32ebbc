"use client"
// All that the test looks at: who is signed in, an upload, and Socket.IO's client for the test to call.
import { SessionProvider, signIn, useSession } from "next-auth/react"
import { useEffect, useState } from "react"
import { io } from "socket.io-client"

async function upload(file) {
  const body = new FormData()
  body.append("file", file)
  const answer = await fetch("/api/upload", { method: "POST", body })
  return (await answer.json()).secure_url
}

function Who() {
  const { data, status } = useSession()
  const [photo, setPhoto] = useState("")
  useEffect(() => void Object.assign(window, { io, signIn }), [])
  return (
    <main>
      <p id="who" data-status={status}>{data ? data.user.email : "nobody"}</p>
      <input type="file" onChange={async (event) => setPhoto(await upload(event.target.files[0]))} />
      {photo && <img src={photo} alt="uploaded" />}
    </main>
  )
}

export default function Panel() {
  return <SessionProvider><Who /></SessionProvider>
}
