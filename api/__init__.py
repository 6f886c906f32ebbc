"""The web door: REST, Socket.IO and a few pages, onto the same operations as the bot."""
