"""Errors of the Bot API: a code, a description, and sometimes a time to wait."""

from __future__ import annotations


class StateFileProblem(Exception):
    """The sandbox's state file cannot be used; the text is one line for the operator."""


class ApiError(Exception):
    """A refused call. `code` is also the HTTP status; `description` is Telegram's, "Bad Request: …" included."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, migrated_to: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrated_to = migrated_to


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def blocked() -> ApiError:
    return ApiError(403, "Forbidden: bot was blocked by the user")


def not_a_member(kind: str, *, was_kicked: bool) -> ApiError:
    """Refuse a call about a chat of this kind ("group", "supergroup") that the bot is not in."""
    if was_kicked:
        return ApiError(403, f"Forbidden: bot was kicked from the {kind} chat")
    return ApiError(403, f"Forbidden: bot is not a member of the {kind} chat")


def upgraded(new_id: int) -> ApiError:
    return ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrated_to=new_id)
