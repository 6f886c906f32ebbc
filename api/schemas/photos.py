"""Uploads: the query that is read, the document that is sent."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from api.schemas.values import Query


class Upload(TypedDict):
    """Where the photo can be fetched."""

    secure_url: str


class UploadQuery(Query):
    purpose: Literal["profile", "chat"] | None = None
