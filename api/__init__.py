"""Web channel: REST, Socket.IO and some pages, on the same operations as the bot."""
