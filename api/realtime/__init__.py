"""Socket.IO: sockets, their events, and what they are told."""

import sys

if "requests" not in sys.modules:
    # Development has it. The library's blocking client would import it with 4 MB; its server has no use for it.
    sys.modules["requests"] = None  # type: ignore[assignment]
    try:
        import engineio.client  # noqa: F401
    finally:
        del sys.modules["requests"]
