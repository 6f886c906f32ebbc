/** A key that no other request has. `crypto.randomUUID` is missing in Node.js 18 and on pages without https. */
export function newKey(): string {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> }
  if (crypto?.randomUUID) return crypto.randomUUID()
  const part = () => Math.random().toString(36).slice(2).padEnd(11, "0")
  return `${Date.now().toString(36)}-${part()}-${part()}`
}

/** Wait; rejects as soon as the signal aborts. */
export function pause(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const end = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end)
      resolve()
    }, milliseconds)
    signal?.addEventListener("abort", end, { once: true })
  })
}
