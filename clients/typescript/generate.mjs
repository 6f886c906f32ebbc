// Writes src/schema.ts (types) and src/contract.ts (codes, repeatable routes) from the OpenAPI document on standard
// input: `skillswap openapi | node generate.mjs`, or `make client`. A folder as argument takes the place of src.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import openapiTS, { astToString } from "openapi-typescript"
import ts from "typescript"

const folder = process.argv[2] ?? "src"
const document = JSON.parse(readFileSync(0, "utf8"))
const { components, paths } = document
const codes = document["x-problem-codes"]
const events = document["x-socket-events"]
const HEAD = "// Generated from the OpenAPI document by generate.mjs: `make client`. Do not edit.\n\n"

const record = (properties) => ({ type: "object", properties, required: Object.keys(properties) })
const mapped = (named, change) =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value)]))

// Components of our own, so that the generator makes types of them.
components.schemas.SocketEvents = record(mapped(events, (side) => record(mapped(side, record))))
components.schemas.ProblemCode = { type: "string", enum: codes }
components.schemas.ProblemDocument.properties.code = { $ref: "#/components/schemas/ProblemCode" }

// Every refusal is a problem document, so one entry stands for all statuses: half of the types were copies of it.
for (const operation of Object.values(paths).flatMap(Object.values)) {
  const refused = Object.entries(operation.responses).filter(([status]) => status >= "400")
  for (const [status, answer] of refused) {
    delete operation.responses[status]
    operation.responses["4XX"] = { ...answer, description: "Refused" }
  }
}

// The generator takes binary strings for text unless it is told that they are files
// (https://openapi-ts.dev/node#example-blob-types).
const file = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier("Blob"))
const tree = await openapiTS(document, {
  defaultNonNullable: false, // a field with a default may be left out
  transform: (schema) => (schema.format === "binary" ? file : undefined),
})
writeFileSync(join(folder, "schema.ts"), HEAD + astToString(tree).replace(/^\/\*\*[^]*?\*\/\n+/, ""))

const takesKey = (operation) => operation.parameters?.some(({ name }) => name === "Idempotency-Key")
const repeatable = Object.keys(paths).filter((path) => takesKey(paths[path].post ?? {}))
const list = (values) => values.map((value) => `  ${JSON.stringify(value)},\n`).join("")
writeFileSync(
  join(folder, "contract.ts"),
  `${HEAD}/** All codes of refusals. */
export const problemCodes = [
${list(codes)}] as const

/** Paths whose POST takes an \`Idempotency-Key\`. */
export const repeatablePaths: readonly string[] = [
${list(repeatable)}]
`,
)
