"""The account that a request is made for, where it names one: what a page drew for one account is not done as another.

Two accounts may be used in two tabs of a browser, which share one cookie. So scripts name the account of their page in
a header, and forms in a field. The id is no secret: it proves nothing, it can only have a request refused.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from domain.errors import Conflict
from domain.users import User

HEADER: Final = "X-Account"
FIELD: Final = "drawn_for"
"""Name of the field in forms; of a query parameter where the form is a photo."""
OTHER_ACCOUNT: Final = "account.other"


def refuse_other_account(request: web.Request, user: User) -> None:
    """Raise Conflict if the header names another account than the one that is signed in."""
    if HEADER in request.headers:
        require_account(request.headers[HEADER], user.id)


def require_account(named: str, account: str) -> None:
    """Raise Conflict if `named` is another account; "" names none."""
    if named and named != account:
        raise Conflict(OTHER_ACCOUNT)
