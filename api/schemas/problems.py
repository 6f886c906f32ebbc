"""Schemas of health checks and problem details."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from api.schemas.circles import CircleDocument, circle_document
from api.schemas.community import CommunityDocument, community_document
from api.schemas.quotas import QuotaDocument
from api.schemas.reports import CaseDocument, case_document
from api.schemas.swaps import SwapDocument, swap_document
from domain.cases import Case
from domain.circle_views import CircleView
from domain.community import Community
from domain.swaps import Swap
from handlers.runtime.texts import Texts


class Health(TypedDict):
    """Result of a health check; `parts` by name."""

    ok: bool
    parts: NotRequired[dict[str, bool]]


class FieldError(TypedDict):
    """An invalid field and what is wrong with it."""

    field: str
    message: str


class ProblemDocument(TypedDict):
    """RFC 9457 problem details. `current` comes with a conflict: the document as it is now. `quota` comes when all
    places for open requests are taken. `retry_after` is in how many seconds to try again, as the header `Retry-After`
    says; sockets have no headers."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: NotRequired[list[FieldError]]
    quota: NotRequired[QuotaDocument]
    retry_after: NotRequired[int]
    current: NotRequired[SwapDocument | CircleDocument | CommunityDocument | CaseDocument]


def current_document(
    current: Any, viewer_id: str, at: datetime, texts: Texts
) -> SwapDocument | CircleDocument | CommunityDocument | CaseDocument | None:
    """Return the document that a conflict includes: a swap, a circle, the community, a case, or None."""
    if isinstance(current, CircleView):
        return circle_document(current, at)
    if isinstance(current, Community):
        return community_document(current)
    if isinstance(current, Case):
        return case_document(current, viewer_id, at)
    return swap_document(current, viewer_id, at, texts) if isinstance(current, Swap) else None
