"""Skill Swap: a community trades skills. One store, two doors (Telegram and the web)."""

__version__ = "0.1.0"
