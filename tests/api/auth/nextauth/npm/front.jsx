// A front end as small as can be: NextAuth's own client and React, nothing of ours.
import { getCsrfToken, getProviders, getSession, SessionProvider, signIn, signOut, useSession } from "next-auth/react"
import { createRoot } from "react-dom/client"

function Who() {
  const { data, status, update } = useSession()
  window.update = update
  return <p id="who" data-status={status}>{data?.user ? `${data.user.name} <${data.user.email}>` : "nobody"}</p>
}

Object.assign(window, { getCsrfToken, getProviders, getSession, signIn, signOut })
createRoot(document.getElementById("root")).render(<SessionProvider><Who /></SessionProvider>)
