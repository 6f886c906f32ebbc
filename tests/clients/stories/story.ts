// What a story is given and says: JSON on the command line, and lines of JSON on standard output.
declare const process: { argv: string[] }
declare const console: { log(line: string): void }

interface Given {
  baseUrl: string
  ada: { token: string }
  ben: { token: string }
  swap?: string
}

export const given = JSON.parse(process.argv[2] ?? "{}") as Given
export const say = (told: unknown): void => console.log(JSON.stringify(told))

/** Wait until this holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Return what a promise was rejected with. */
export const settled = (promised: Promise<unknown>): Promise<unknown> =>
  promised.then(
    () => undefined,
    (error: unknown) => error,
  )
