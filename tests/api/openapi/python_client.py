"""The nine routes of the contract, by a generated client: Ada asks Ben, Ben accepts, Ada sends a photo.

Run beside the generated package: the arguments as JSON on the command line, the result as JSON on standard output.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from typing import Any, TypeVar

from skill_swap_client import AuthenticatedClient
from skill_swap_client.api.chat import list_messages, post_message
from skill_swap_client.api.people import get_user, put_user
from skill_swap_client.api.photos import post_upload
from skill_swap_client.api.swaps import get_swap, list_swaps, post_swap, put_swap
from skill_swap_client.models import (
    AnswerBody,
    AnswerBodyStatus,
    ListSwapsStatus,
    MessageBody,
    PostUploadBody,
    PostUploadBodyPurpose,
    ProblemDocument,
    ProfileBody,
    ProposalBody,
)
from skill_swap_client.types import File

Data = TypeVar("Data")


def take(answer: Data | ProblemDocument | None) -> Data:
    """Return the document of a successful answer."""
    if answer is None or isinstance(answer, ProblemDocument):
        raise SystemExit(f"refused: {answer}")
    return answer


def swap_story(given: dict[str, Any]) -> dict[str, Any]:
    def signed_in(name: str) -> AuthenticatedClient:
        # A status that the document does not name raises an error.
        return AuthenticatedClient(given["base"], token=given[name]["token"], raise_on_unexpected_status=True)

    ada, ben = signed_in("ada"), signed_in("ben")
    me = take(get_user.sync(client=ada))
    changed = take(put_user.sync(client=ada, body=ProfileBody(location="Harbour")))
    proposal = ProposalBody(given["ben"]["id"], offered_skill="Python", wanted_skill="Guitar", message="Shall we?")
    asked = take(post_swap.sync(client=ada, body=proposal))
    listed = take(list_swaps.sync(client=ada, status=ListSwapsStatus.PENDING, limit=5))
    seen = take(get_swap.sync(asked.field_id, client=ben))
    yes = AnswerBody(AnswerBodyStatus.ACCEPTED, version=seen.version)
    accepted = take(put_swap.sync(asked.field_id, client=ben, body=yes))
    photo = File(io.BytesIO(base64.b64decode(given["photo"])), file_name="photo.jpg", mime_type="image/jpeg")
    uploaded = take(post_upload.sync(client=ada, body=PostUploadBody(file=photo, purpose=PostUploadBodyPurpose.CHAT)))
    message = MessageBody(asked.field_id, message="Look!", photo_url=uploaded.secure_url)
    sent = take(post_message.sync(client=ada, body=message))
    chat = take(list_messages.sync(asked.field_id, client=ben, after=0, limit=10))
    refused = get_swap.sync("0" * 24, client=ada)
    return {
        "me": me.field_id,
        "location": changed.location,
        "listed": [swap.field_id for swap in listed],
        "swap": accepted.field_id,
        "status": accepted.status,
        "photo_url": uploaded.secure_url,
        "sent": sent.field_id,
        "chat": [[message.field_id, message.message, message.photo_url] for message in chat],
        "refused": refused.code if isinstance(refused, ProblemDocument) else None,
    }


if __name__ == "__main__":
    print(json.dumps(swap_story(json.loads(sys.argv[1]))))
