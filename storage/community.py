"""The community: one document, cached for as long as the change stream is current."""

from __future__ import annotations

from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from domain.community import Community
from storage.audit import Audit, AuditEntry
from storage.mongodb.database import Database, Session
from storage.mongodb.documents import Mapper
from storage.mongodb.versioned_cache import VersionedCache

THE_ONE: Final = "community"
"""Id of the only document."""

COMMUNITY = Mapper(Community)


def community_from(doc: dict[str, Any]) -> Community:
    return COMMUNITY.value(doc)


class CommunityStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._community = database.collection("community")
        self._audit = Audit(database)
        self.cache: VersionedCache[Community] = VersionedCache(lambda community: community.version)
        self.known = Community()
        """The newest copy that this process has read, however long ago: for the name on pages and in mails."""

    def remember(self, community: Community) -> Community:
        """Keep what was read or reported, unless a newer one is known; returns the newer one."""
        if community.version >= self.known.version:
            self.known = community
        return self.cache.put(THE_ONE, community)

    async def get(self) -> Community:
        """Return the community as it is now; the default one before it is set up."""
        doc = await self._community.find_one({"_id": THE_ONE})
        return self.remember(community_from(doc) if doc else Community())

    async def get_cached(self) -> Community:
        """Return the community from the cache, if that is current."""
        return self.cache.get(THE_ONE) or await self.get()

    async def replace(
        self, before: Community, after: Community, *, entry: AuditEntry | None = None
    ) -> Community | None:
        """Write the next version if the stored one is still `before`, with an entry of the audit. None when it has
        changed."""
        fields = COMMUNITY.document(after) | {"version": before.version + 1}

        async def work(session: Session | None = None) -> dict[str, Any] | None:
            doc: dict[str, Any] | None = await self._community.find_one_and_update(
                {"_id": THE_ONE, "version": before.version},
                {"$set": fields},
                upsert=before.version == 0,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            if doc is not None and entry is not None:
                await self._audit.add(entry, session=session)
            return doc

        try:
            doc = await work() if entry is None else await self._database.transaction(work)
        except DuplicateKeyError:  # two first writes at once
            return None
        return self.remember(community_from(doc)) if doc else None
