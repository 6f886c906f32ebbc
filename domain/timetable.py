"""Times and bounds of the life of a swap after the request, in one table. `docs/timetable.md` prints it for organisers.

A constant here is a rule of the community: change it here, and every channel, text and job follows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# ---- sessions ----------------------------------------------------------------------------------------------------

MAX_SESSIONS: Final = 20
"""Sessions of one swap, those called off included."""
MAX_UPCOMING: Final = 3
"""Sessions of one swap that are offered or agreed at the same time."""
MAX_SLOTS: Final = 3
"""Times that one offer or one request proposes."""
MAX_MOVES: Final = 2
"""Times that an agreed session can be moved."""
MAX_OFFERS: Final = 10
"""Times that one session can be offered anew before the two agree."""
MIN_MINUTES: Final = 15
MAX_MINUTES: Final = 240
USUAL_MINUTES: Final = 60
MAX_PLACE_LENGTH: Final = 120
MAX_LINK_LENGTH: Final = 300
MAX_AHEAD: Final = timedelta(days=180)
"""Longest time ahead for which a session can be planned."""
MAX_SINCE: Final = timedelta(days=90)
"""Longest time since a session that is noted afterwards."""
LATE_WITHIN: Final = timedelta(hours=3)
"""A move or a call-off later than this before the start is marked as late."""

SUGGEST_FROM: Final = timedelta(hours=18)
SUGGEST_UNTIL: Final = timedelta(days=10)
"""Suggested times lie so far ahead, at least and at most."""

# ---- reminders and the question --------------------------------------------------------------------------------------

REMIND_DAY_BEFORE: Final = timedelta(hours=24)
REMIND_HOUR_BEFORE: Final = timedelta(hours=1)
ASK_AFTER: Final = timedelta(hours=1)
"""After the end of a session both are asked whether it took place."""
ASK_ONCE_MORE_AFTER: Final = timedelta(hours=24)
"""After the question, those who have not answered are asked once more."""
CLOSE_AFTER: Final = timedelta(hours=72)
"""After the question (or after a contradiction), what has been said counts."""
CONFIRM_WITHIN: Final = timedelta(days=7)
"""A session noted afterwards waits so long for the other's confirmation."""

# ---- a request, and a swap without a plan ----------------------------------------------------------------------------

NUDGES_BEFORE_EXPIRY: Final = (timedelta(hours=48), timedelta(hours=24))
"""Time left at which the one who has to answer a request is reminded."""
SUGGEST_AFTER: Final = timedelta(days=2)
"""Both get suggested times when nothing has been agreed for so long."""
ASK_FOR_PLAN_AFTER: Final = timedelta(days=7)
"""Both are asked what they want to do when nothing has been agreed for so long."""
PROBE_AFTER: Final = timedelta(days=14)
"""Two who arrange it themselves are asked after so long whether they have met."""
LAPSE_AFTER: Final = timedelta(days=21)
"""A swap of which nobody has said or planned anything for so long lapses; one whose legs are all held is complete."""
ONE_WAY_AFTER: Final = timedelta(days=30)
"""A swap of which one direction alone took place is complete, as one-way, after so long without a plan."""
RUNS_FOR: Final = timedelta(days=30)
"""A running swap without a message, a change or a session for so long takes no room: somebody with many of them can
still join a circle."""
MAX_NUDGES: Final = 3
"""Nudges per swap and person. Reminders of a session, its question and answers to them are no nudges."""
NO_NUDGE_AFTER_MESSAGE: Final = timedelta(hours=24)
"""No nudge comes so soon after a message between the two."""
QUIET_FROM, QUIET_UNTIL = 22, 8
"""Hours of the recipient's own clock between which nothing of all this is sent, but what concerns the next hours."""

# ---- afterwards ------------------------------------------------------------------------------------------------------

STATEMENT_WITHIN: Final = timedelta(hours=72)
MAX_STATEMENT_LENGTH: Final = 500
DECIDE_WITHIN: Final = timedelta(days=30)
"""A dispute without a decision after so long counts for neither."""
NO_SHOW_WITHIN: Final = timedelta(days=90)
NO_SHOW_CLAIMS: Final = 2
"""People who must have said within NO_SHOW_WITHIN that somebody did not come, before it counts."""
GIVER_FIRST_FOR: Final = timedelta(days=60)
GIVER_FACTOR: Final = 1.2
"""Time for which somebody who has taught without being taught ranks higher with those who teach what they want."""
RATE_WITHIN: Final = timedelta(days=14)
REMIND_TO_RATE: Final = (timedelta(days=7), timedelta(days=2))
"""Time left of the window at which those who have not rated are reminded."""
UNRELIABLE_WITHIN: Final = timedelta(days=30)
NOTE_AT, PAUSE_AT = 2, 4
"""No-shows and expired requests within UNRELIABLE_WITHIN at which somebody gets a note, and is paused."""
