// A front end of the contract with Socket.IO's client of one generation: {url, using, token, message, wrong} comes in on
// standard input, what it was told goes out on standard output, as JSON.
const once = (socket, event) => new Promise((done) => socket.once(event, done))

async function main() {
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  const { url, using, token, message, wrong } = JSON.parse(Buffer.concat(chunks).toString())
  const { io } = require(using)
  const woken = await (await fetch(`${url}/api/socket`)).json()
  const options = { path: woken.path, auth: { token }, reconnection: false, transports: ["websocket"] }
  const socket = io(url, options)
  await once(socket, "connect")
  const acknowledged = await new Promise((done) => socket.emit("chat:new", message, done))
  const told = once(socket, "chat:error")
  socket.emit("chat:new", wrong)
  const failed = await told
  const other = io(`${url}/admin`, options)
  const { message: refusal, data } = await once(other, "connect_error")
  socket.close()
  other.close()
  process.stdout.write(JSON.stringify({ woken, acknowledged, failed, refused: { message: refusal, data } }))
}

main()
