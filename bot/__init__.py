"""The Telegram door: updates in, one operation each, answers out."""
