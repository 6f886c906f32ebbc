"""The Telegram channel: receives updates, calls one operation for each, and sends replies and notifications."""
