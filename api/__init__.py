"""Web channel: REST, Socket.IO and some pages, on the same operations as the bot."""

import sys

# aiohttp goes through such a list once an answer. In C++ it brings the library of that language along, 1 MB in all; in
# Python it takes 0.06 µs longer. The extension counts as missing, as where none was built.
sys.modules.setdefault("frozenlist._frozenlist", None)  # type: ignore[arg-type]
