const service = process.env.SKILLSWAP_URL ?? "http://127.0.0.1:8080" // read by `next build`

const paths = [
  "/api/:path*", // a route of the front end's own goes first
  "/socket.io/:path*",
  "/photos/:path*",
  "/mail/:path*", // the links in mails: no more of them, an answer to the organisers
  "/page/:path*", // styles of the sign-in pages
]

module.exports = {
  skipTrailingSlashRedirect: true, // Socket.IO's paths end in a slash; a redirect would keep sockets from opening
  rewrites: async () => paths.map((source) => ({ source, destination: service + source })),
}
