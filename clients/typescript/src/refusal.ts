import { problemCodes } from "./contract.js"
import type { components } from "./schema.js"

export type Problem = components["schemas"]["ProblemDocument"]

/** A code of the service; `unreadable` is an answer that is not the service's, as of a proxy in between. */
export type ProblemCode = (typeof problemCodes)[number] | "unreadable"

/** A refusal of the service, over REST and over the socket alike: decide by its `code`, show its `message`. */
export class Refusal extends Error {
  readonly code: ProblemCode
  readonly status: number
  /** Seconds after which it is worth trying again. */
  readonly retryAfter: number | undefined
  /** The fields that cannot be used, and why. */
  readonly errors: readonly { field: string; message: string }[]
  /** With a conflict: the document as it is now. */
  readonly current: Problem["current"]

  constructor(
    readonly problem: Partial<Problem>,
    status = problem.status ?? 0,
    retryAfter = problem.retry_after,
  ) {
    super(problem.detail ?? `status ${status}`)
    this.name = "Refusal"
    this.code = problem.code ?? "unreadable"
    this.status = status
    this.retryAfter = retryAfter
    this.errors = problem.errors ?? []
    this.current = problem.current
  }

  /** True if the same request may succeed in a moment: too many of them, or the service is not there right now. */
  get isPassing(): boolean {
    return this.status === 503 || (this.status === 429 && this.retryAfter !== undefined)
  }
}

/** True if `error` is a refusal with one of these codes. */
export function isRefused(error: unknown, ...codes: ProblemCode[]): error is Refusal {
  return error instanceof Refusal && codes.includes(error.code)
}

/** Make a refusal of the body of an answer, whatever it is. */
export function refusalOf(body: unknown, answer: Response): Refusal {
  const wait = Number(answer.headers.get("Retry-After") ?? Number.NaN)
  const problem = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {}
  return new Refusal(problem, answer.status, Number.isFinite(wait) ? wait : problem.retry_after)
}
