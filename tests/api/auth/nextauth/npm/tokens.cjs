// NextAuth's own token code, one JSON request a line on standard input, one JSON answer a line on standard output.
const { createInterface } = require("node:readline")
const { decode, encode, getToken } = require("next-auth/jwt")

const answers = {
  encode: ({ token, secret, maxAge }) => encode({ token, secret, maxAge }),
  decode: ({ token, secret }) => decode({ token, secret }),
  // As a Next.js server reads a request: the cookie whole or in pieces, or the Authorization header.
  request: ({ cookies, headers, secret }) => getToken({ req: { cookies, headers }, secret, secureCookie: false }),
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { ask, ...given } = JSON.parse(line)
  let answer = null
  try {
    answer = await answers[ask](given)
  } catch (error) {
    answer = { refused: error.name }
  }
  process.stdout.write(JSON.stringify(answer) + "\n")
})
