"""Idempotency keys: a repeated request under the same key is carried out once and gets the same answer for a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from domain.errors import Conflict, Invalid
from handlers.runtime.deps import Deps
from storage.idempotency import Answer

__all__ = ["Answer", "IdempotencyKey", "begin", "finish", "release"]


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key in the scope of one user and one address: others may use the same."""

    user_id: str
    path: str
    key: str

    @property
    def id(self) -> str:
        return hashlib.sha256("\n".join((self.user_id, self.path, self.key)).encode()).hexdigest()


async def begin(deps: Deps, idempotency_key: IdempotencyKey, digest: str, holder: str) -> Answer | None:
    """Claim the key, or return the answer stored under it.

    Raises Conflict `idempotency.in_flight`, and Invalid `idempotency.reused` when the content differs.
    """
    held = await deps.store.idempotency.begin(
        idempotency_key.id, digest, user_id=idempotency_key.user_id, holder=holder, at=deps.real_now()
    )
    if held is None:
        return None
    if not held.is_same:
        raise Invalid("idempotency.reused", field="Idempotency-Key")
    if held.answer is None:
        raise Conflict("idempotency.in_flight", retry_after=1)
    return held.answer


async def finish(deps: Deps, idempotency_key: IdempotencyKey, holder: str, answer: Answer) -> None:
    await deps.store.idempotency.finish(idempotency_key.id, holder=holder, answer=answer)


async def release(deps: Deps, idempotency_key: IdempotencyKey, holder: str) -> None:
    await deps.store.idempotency.release(idempotency_key.id, holder=holder)
