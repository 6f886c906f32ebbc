"""A local Telegram: a Bot API server with made-up people and a page to chat as any of them. Stands on its own."""

from bot.sandbox.clock import Clock
from bot.sandbox.errors import StateFileProblem
from bot.sandbox.group_model import Group
from bot.sandbox.model import Button, Call, InlineAnswer, Message, Person, Toast
from bot.sandbox.server import Sandbox

__all__ = [
    "Button",
    "Call",
    "Clock",
    "Group",
    "InlineAnswer",
    "Message",
    "Person",
    "Sandbox",
    "StateFileProblem",
    "Toast",
]
