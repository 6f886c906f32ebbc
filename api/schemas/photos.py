"""Schemas of uploads."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.schemas.values import ContractQuery


class Upload(TypedDict):
    """The address of the uploaded photo, and its size in pixels."""

    secure_url: str
    width: int
    height: int


class UploadQuery(ContractQuery):
    """`profile` (the default) for the profile photo, `chat` for a photo in a message."""

    purpose: Literal["profile", "chat"] | None = None
