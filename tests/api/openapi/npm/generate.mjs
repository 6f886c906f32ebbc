// Writes schema.d.ts from openapi.json. The generator takes binary strings for text unless it is told that they are
// files: the transform is the one of its documentation (https://openapi-ts.dev/node#example-blob-types).
import { readFileSync, writeFileSync } from "node:fs"
import openapiTS, { astToString } from "openapi-typescript"
import ts from "typescript"

const file = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier("Blob"))
const tree = await openapiTS(readFileSync("openapi.json", "utf8"), {
  transform: (schema) => (schema.format === "binary" ? file : undefined),
})
writeFileSync("schema.d.ts", astToString(tree))
