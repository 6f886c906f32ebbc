// The nine routes of the contract, by a client of generated types: Ada asks Ben, Ben accepts, Ada sends a photo.
import createClient from "openapi-fetch"
import type { paths } from "./schema.js"

interface Given {
  base: string
  ada: { id: string; token: string }
  ben: { id: string; token: string }
  photo: string
}

interface Answer<Data> {
  data?: Data
  error?: { code: string; status: number }
}

function take<Data>({ data, error }: Answer<Data>): Data {
  if (error !== undefined) throw new Error(`${error.status} ${error.code}`)
  if (data === undefined) throw new Error("neither data nor an error")
  return data
}

const signedIn = (base: string, token: string) =>
  createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${token}` } })

export async function swapStory({ base, ada, ben, photo }: Given) {
  const asAda = signedIn(base, ada.token)
  const asBen = signedIn(base, ben.token)

  const me = take(await asAda.GET("/api/user"))
  const changed = take(await asAda.PUT("/api/user", { body: { location: "Harbour" } }))
  const asked = take(
    await asAda.POST("/api/swap", {
      body: { to_user_id: ben.id, offered_skill: "Python", wanted_skill: "Guitar", message: "Shall we?" },
    }),
  )
  const listed = take(await asAda.GET("/api/swap", { params: { query: { status: "pending", limit: 5 } } }))
  const params = { path: { id: asked._id } }
  const seen = take(await asBen.GET("/api/swap/{id}", { params }))
  const accepted = take(
    await asBen.PUT("/api/swap/{id}", { params, body: { status: "accepted", version: seen.version } }),
  )
  const uploaded = take(
    await asAda.POST("/api/upload", {
      params: { query: {} },
      body: { file: new Blob([Uint8Array.from(atob(photo), (c) => c.charCodeAt(0))]), purpose: "chat" },
      bodySerializer: ({ file, purpose }) => {
        const form = new FormData()
        form.append("file", file)
        if (purpose) form.append("purpose", purpose)
        return form
      },
    }),
  )
  const sent = take(
    await asAda.POST("/api/chat", {
      body: { swap_id: asked._id, message: "Look!", photo_url: uploaded.secure_url },
    }),
  )
  const chat = take(
    await asBen.GET("/api/chat/{swap_id}", { params: { path: { swap_id: asked._id }, query: { after: 0, limit: 10 } } }),
  )
  const { error } = await asAda.GET("/api/swap/{id}", { params: { path: { id: "0".repeat(24) } } })
  return {
    me: me._id,
    location: changed.location,
    listed: listed.map((swap) => swap._id),
    swap: accepted._id,
    status: accepted.status,
    photo_url: uploaded.secure_url,
    sent: sent._id,
    chat: chat.map((message) => [message._id, message.message, message.photo_url]),
    refused: error?.code,
  }
}
