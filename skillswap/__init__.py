"""Skill Swap: users of a community trade skills, through Telegram, the web API and mail over one store."""

from importlib.metadata import version

__version__ = version("skillswap")
