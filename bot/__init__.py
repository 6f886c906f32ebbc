"""The Telegram channel: each update runs one operation and is answered."""
