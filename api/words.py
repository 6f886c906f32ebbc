"""The English wording of every code that can be raised; the API speaks English, a front end words codes itself."""

from __future__ import annotations

from typing import Any, Final

WORDS: Final[dict[str, str]] = {
    "unauthenticated": "You are not signed in. Send /web to the bot and open the link that it gives you.",
    "account.last_one": "This is your only way in. Link another one first.",
    "account.not_found": "You have no such account linked.",
    "merge.code": "This code has been used, has run out, or was never given.",
    "merge.with_yourself": "This code is your own. Enter it where you are signed in as the other person.",
    "merge.two_telegrams": "Both have a Telegram account. Unlink one of the two first.",
    "merge_code.too_fast": "Too many codes were asked for. Try again later.",
    "merge_guess.too_fast": "Too many codes were tried. Try again later.",
    "auth.account_not_linked": (
        "Somebody here has this mail address already. Sign in the way you did before, then link this account."
    ),
    "auth.already_linked": "You have another one linked already. Unlink that one first.",
    "auth.bad_address": "This is no mail address that can be used.",
    "auth.banned": "This person may not sign in any more.",
    "auth.linked_elsewhere": "This account opens somebody else's door here. If both are you, merge the two.",
    "auth.provider_failed": "The sign-in could not be finished. Begin again.",
    "auth.provider_unavailable": "The service that you sign in with does not answer. Try again in a moment.",
    "auth.cross_site": "This request came from another web site, so it was not carried out.",
    "auth.link_expired": "This sign-in link has been used, or has expired. Send /web to the bot for a new one.",
    "api.too_fast": "Too many requests. Wait a moment and try again.",
    "chat.busy": "Many messages arrive in this conversation right now. Try again in a moment.",
    "chat.closed": "Nothing can be written in this swap: it is {status}.",
    "database.unavailable": "The database does not answer at the moment. Try again in a few seconds.",
    "if_match": "If-Match takes one ETag that this address has given, or *.",
    "invalid_cursor": "The cursor is none that this list has given.",
    "invalid_field": "Some of what was sent cannot be used.",
    "invalid_json": "The body is not valid JSON in UTF-8, with an object at its top.",
    "idempotency.in_flight": "The same request is still under way. Ask again in a moment.",
    "idempotency.key": "An Idempotency-Key has 1 to {max} printable characters.",
    "idempotency.reused": "This Idempotency-Key was used for another request already.",
    "internal": "Something went wrong. It has been logged under the request id.",
    "locale.unknown": "This language is not available.",
    "login_link.too_fast": "Too many sign-in links were asked for. Try again later.",
    "mail.unavailable": "No mail can be sent at the moment. Try again later.",
    "message.client_id": "A client id has 1 to {max} of the characters A-Z, a-z, 0-9, _, :, . and -.",
    "message.client_id_reused": "Another message was sent under this client id already.",
    "message.too_fast": "Slow down a little: too many messages in a short time.",
    "method_not_allowed": "This address does not know that method.",
    "not_found": "There is nothing at this address.",
    "photo.animated": "Animated pictures cannot be used.",
    "photo.host_failed": "The photo service gave an answer that cannot be used. Try again later.",
    "photo.host_unavailable": "The photo service does not answer at the moment. Try again later.",
    "photo.not_an_image": "This is not a photo that can be used: send a JPEG, PNG or WebP.",
    "photo.not_found": "There is no such photo.",
    "photo.not_yours": "The address must be of a photo that you have uploaded here.",
    "photo.too_large": "The photo is too large: {limit_mb} MB at most.",
    "photo.too_many_pixels": "The photo has too many pixels: {limit_mp} megapixels at most.",
    "photo.too_small": "The photo is too small: each side must have {min_side} pixels or more.",
    "request.incomplete": "The request did not arrive completely in time.",
    "request.malformed": "The request cannot be understood.",
    "request.too_large": "The request is too large: {max} bytes at most.",
    "role.unknown": "There is no such role.",
    "session.not_found": "There is no such open session.",
    "search.too_fast": "Too many searches in a short time. Wait a moment and try again.",
    "skills.too_many": "At most {max} skills can be listed.",
    "skills.twice": "The skill “{skill}” is listed twice.",
    "socket.too_many": "Too many connections from one place. Close some first.",
    "sign_in_mail.too_fast": "Several sign-in links are on their way already. Try again later.",
    "failed_proof.too_fast": "Too many sign-ins have failed. Try again later.",
    "socket.too_fast": "Slow down a little: too many events in a short time.",
    "swap.already_answered": "This request has been answered already: it is {status}.",
    "swap.already_open": "The two of you have this swap open already.",
    "swap.already_over": "This swap is over already: it is {status}.",
    "swap.changed": "The swap has changed since you looked at it.",
    "swap.daily_limit": "At most {limit} requests can be made in a day. Try again later.",
    "swap.expired": "This request has expired.",
    "swap.not_due": "This request can still be answered.",
    "swap.not_found": "There is no such swap.",
    "swap.not_taught": "“{skill}” is not among the skills that this person teaches.",
    "swap.only_asker_cancels": "Only the person who asked can take a request back; you can accept or decline it.",
    "swap.only_partner_answers": "Only the person who was asked can answer a request.",
    "swap.same_skill": "Both sides of a swap cannot be the same skill.",
    "swap.they_asked_first": "They have asked you for this very swap: accept their request instead.",
    "swap.unknown_status": "A swap can be brought to accepted, rejected or cancelled.",
    "swap.with_yourself": "A swap needs another person.",
    "text.empty": "This must not be empty.",
    "text.not_allowed": "This contains characters that cannot be used.",
    "text.too_long": "This is too long: {max} characters at most.",
    "unknown_field": "Something was sent that is not known here.",
    "unsupported_encoding": "Compressed request bodies are not taken: send it without Content-Encoding.",
    "unsupported_media_type": "The content type is not taken here: {expected} is expected.",
    "upload.no_file": "The form needs one field named “file” with the photo.",
    "upload.too_fast": "Too many uploads in a short time. Try again later.",
    "profile.too_fast": "Too many profiles in a short time. Wait a moment and try again.",
    "user.changed": "The profile has just been changed elsewhere. Look again and repeat your change.",
    "user.not_found": "There is no such person.",
}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def detail_of(code: str, params: dict[str, Any]) -> str:
    """The sentence for a code; a code without words gets a general one rather than none."""
    return WORDS.get(code, "This is not possible.").format_map(_Blank(params))
