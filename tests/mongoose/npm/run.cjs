// Runs the body of an async function on the database: {uri, using, autoIndex, body, args} comes in on standard input,
// {value} or {error} goes out on standard output, as JSON.
const AsyncFunction = (async () => {}).constructor

async function withMongoose({ uri, using, autoIndex }, run) {
  const mongoose = require(using)
  const models = require("./models.cjs")(mongoose)
  mongoose.set("autoIndex", autoIndex)
  await mongoose.connect(uri)
  try {
    // a front end does not wait for its indexes; the tests do, so that each starts from a known state
    await Promise.allSettled(Object.values(models).map((model) => model.init()))
    return await run({ mongoose, db: mongoose.connection.db, ...models })
  } finally {
    await mongoose.disconnect()
  }
}

async function withAdapter({ uri, using }, run) {
  const driver = using === "@next-auth/mongodb-adapter" ? "mongodb5" : "mongodb"
  if (driver !== "mongodb") { // each generation of the adapter has its generation of the driver
    const Module = require("node:module")
    const resolve = Module._resolveFilename
    Module._resolveFilename = (name, ...rest) => resolve(name === "mongodb" ? driver : name, ...rest)
  }
  const client = await new (require(driver).MongoClient)(uri).connect()
  try {
    const { MongoDBAdapter } = await import(using)
    return await run({ adapter: MongoDBAdapter(Promise.resolve(client)), db: client.db() })
  } finally {
    await client.close()
  }
}

async function main() {
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  const job = JSON.parse(Buffer.concat(chunks).toString())
  const around = job.using.startsWith("mongoose") ? withMongoose : withAdapter
  const run = (scope) => {
    const names = { ...scope, args: job.args }
    return new AsyncFunction(...Object.keys(names), job.body)(...Object.values(names))
  }
  let answer
  try {
    answer = { value: (await around(job, run)) ?? null }
  } catch (error) {
    answer = { error: { name: error.name, message: error.message, code: error.code ?? null, info: error.errInfo ?? null } }
  }
  process.stdout.write(JSON.stringify(answer))
}

main()
