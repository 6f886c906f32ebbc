"""Operations that a door does not have: what does the same there, or why it cannot be there."""

from __future__ import annotations

from typing import Final

Gap = tuple[str, str]

SAME: Final[dict[Gap, str]] = {
    # Reading in another shape.
    ("badges.count_badges", "bot"): "swaps.list_swaps",
    ("badges.count_unread_chats", "bot"): "messages.list_conversations",
    ("calendar_feeds.find_feed", "bot"): "sessions.list_upcoming",
    ("conversations.open_conversation", "bot"): "messages.list_conversations",
    ("conversations.open_conversation", "rest"): "sync.catch_up",
    ("disputes.count_disputes", "web"): "disputes.list_disputes",
    ("disputes.count_disputes", "rest"): "disputes.list_disputes",
    ("matches.find_teachers", "bot"): "people_search.search_teachers",
    ("matches.find_teachers", "web"): "people_search.search_teachers",
    ("matches.list_matches", "bot"): "matches.next_match",
    ("matches.next_match", "web"): "matches.list_matches",
    ("matches.next_match", "rest"): "matches.list_matches",
    ("messages.list_conversations", "rest"): "reads.list_unread",
    ("messages.list_conversations", "web"): "reads.list_unread",
    ("messages.read_page", "bot"): "messages.find_sent",
    ("moderation.count_pending", "web"): "moderation.list_pending",
    ("moderation.count_pending", "rest"): "moderation.list_pending",
    ("people_search.count_teachers", "bot"): "people_search.search_teachers",
    ("people_search.count_teachers", "web"): "people_search.search_teachers",
    ("people_search.search_teachers", "rest"): "matches.find_teachers",
    ("people_search.has_namesakes", "rest"): "people_search.search_by_name",
    ("person_decisions.get_decidable", "rest"): "person_decisions.decide_about",
    ("sessions.list_sessions", "bot"): "sessions.list_upcoming",
    ("sessions.list_sessions", "web"): "sessions.list_upcoming",
    ("suggestions.suggest_slots", "web"): "suggestions.suggest_week",
    ("suggestions.suggest_slots", "rest"): "suggestions.suggest_week",
    ("suggestions.suggest_week", "bot"): "suggestions.suggest_slots",
    ("text_search.search_skill", "rest"): "matches.find_teachers",
    ("text_search.search_text", "rest"): "matches.find_teachers",
    ("swaps.list_recent_swaps", "bot"): "swaps.list_swaps",
    ("swaps.list_swaps", "web"): "swaps.list_recent_swaps",
    ("swaps.list_swaps", "rest"): "swaps.list_recent_swaps",
    ("waiting.list_waiting", "bot"): "swaps.list_swaps",
    # Changing by another step.
    ("alerts.renew_alert", "rest"): "alerts.add_alert",
    ("matches.take_back_decision", "bot"): "matches.reconsider_skipped",
    ("photos.remove_profile_photo", "rest"): "users.update_profile",
    ("screening.list_waiting_words", "bot"): "screening.find_waiting",
    ("screening.find_waiting", "rest"): "screening.list_waiting_words",
    ("screening.find_waiting", "web"): "screening.list_waiting_words",
    ("swaps.require_may_ask", "rest"): "swaps.propose_swap",
}
"""Operations that the door does not have, and the one that does the same there."""

NATURE: Final[dict[Gap, str]] = {
    ("applications.list_applications", "bot"): "each application comes to the moderators as a message with buttons",
    ("audit.list_audit", "bot"): "a record of pages; what was done can be undone on the bot's message about it",
    ("auth.login_links.issue_login_link", "web"): "signs in a browser that is not signed in",
    ("auth.login_links.issue_login_link", "rest"): "signs in a browser that is not signed in",
    ("auth.roles.appoint", "bot"): "no button by which somebody becomes a moderator by mistake",
    ("auth.roles.view_staff", "bot"): "no button by which somebody becomes a moderator by mistake",
    ("auth.sessions.open_session", "bot"): "Telegram signs in there",
    ("calendar.get_session_ics", "bot"): "the file comes by itself, with the message about the session",
    ("calendar_feeds.issue_feed", "bot"): "the file of each session comes by itself",
    ("calendar_feeds.revoke_feed", "bot"): "the file of each session comes by itself",
    ("cases.list_cases", "bot"): "each case comes to the moderators as a message with buttons",
    ("correspondence.get_correspondence", "bot"): "the letters are in the chat of the bot",
    ("correspondence.get_own_correspondence", "bot"): "the letters are in the chat of the bot",
    ("correspondence.note_answer", "rest"): "puts away the bot's message in the moderators' group",
    ("correspondence.note_answer", "web"): "puts away the bot's message in the moderators' group",
    ("group_members.is_refused", "rest"): "about members of a Telegram group",
    ("group_members.is_refused", "web"): "about members of a Telegram group",
    ("inline_cards.find_cards", "rest"): "cards for other chats of Telegram",
    ("inline_cards.find_cards", "web"): "cards for other chats of Telegram",
    ("messages.find_conversation", "rest"): "finds the swap that a message of Telegram belongs to",
    ("messages.find_conversation", "web"): "finds the swap that a message of Telegram belongs to",
    ("messages.find_sent", "rest"): "finds the message that a message of Telegram is a copy of",
    ("messages.find_sent", "web"): "finds the message that a message of Telegram is a copy of",
    ("person_decisions.decide_about", "bot"): "in the bot decisions are made on the message about a case",
    ("person_decisions.get_decidable", "bot"): "in the bot decisions are made on the message about a case",
    ("presence.open_view", "bot"): "Telegram does not tell a bot what is in view",
    ("reads.list_unread", "bot"): "Telegram counts unread messages",
    ("reads.mark_read", "bot"): "an answer marks what was shown as read; Telegram does not tell a bot more",
    ("reviews.list_notes", "bot"): "a rating's notes are read when there is time; what is urgent is a report",
    ("skills.complete_skill", "bot"): "Telegram does not pass on what is not sent yet",
    ("skills.guess_skill", "bot"): "the question about a skill guesses by itself",
    ("sync.catch_up", "bot"): "Telegram keeps what was missed",
}
"""Operations that a door cannot have, and why."""

SCREENS: Final[dict[str, str]] = {
    "/profile": "/me/edit",
    "/photo": "/me/edit",
    "/visibility": "/me/edit",
    "/settings": "/settings",
    "/community": "/community",
    "/help": "/help",
    "/privacy": "/privacy",
    "/id": "your number in Telegram, for the operator",
    "/cancel": "ends a question of the bot",
    "[stay]": "ends a question of the bot",
    "[ow]": "opens a question of the bot, whose answer leads to the operation",
    "[merge]": "opens a question of the bot, whose answer leads to the operation",
    "[merge_enter]": "opens a question of the bot, whose answer leads to the operation",
}
"""Commands and buttons that lead to no operation: the page that shows the same, or why there is none."""
