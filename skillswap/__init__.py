"""Skill Swap: people in a community trade skills, in Telegram and on the web."""

from importlib.metadata import version

__version__ = version("skillswap")
