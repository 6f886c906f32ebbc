"""All stores as one object: a class for each noun, over one database."""

from __future__ import annotations

from dataclasses import dataclass

from domain.vocabulary import Vocabulary
from storage.accounts import Accounts
from storage.alerts import Alerts, Beginnings
from storage.answers import Answers
from storage.applications import Applications
from storage.audit import Audit
from storage.bars import Bars
from storage.blocks import Blocks
from storage.calendar_feeds import CalendarFeeds
from storage.cases import Cases
from storage.circle_news import CirclesNews
from storage.circles import Circles
from storage.clock_moves import ClockMoves
from storage.community import CommunityStore
from storage.correspondences import Correspondences
from storage.departures import Departures
from storage.dialogs import Dialogs
from storage.edits import Edits
from storage.feed_notes import FeedNotes
from storage.group_checks import GroupChecks
from storage.idempotency import Idempotency
from storage.invites import Invites
from storage.leases import Leases
from storage.letters import Letters
from storage.login_links import LoginLinks
from storage.match_decisions import MatchDecisions
from storage.matches import Matches
from storage.memberships import Memberships
from storage.merges import Merges
from storage.messages import Messages
from storage.mongodb.change_stream import Changes
from storage.mongodb.database import Database
from storage.outbox import Outbox
from storage.people_search import PeopleSearch
from storage.presence import Presence
from storage.rate_limits import RateBuckets
from storage.reads import Reads
from storage.records import Records
from storage.reports import Reports
from storage.requests import Requests
from storage.reviews import Reviews
from storage.screening import Screening
from storage.sessions import SessionRecords
from storage.skills import Skills
from storage.staff_cards import StaffCards
from storage.standings import Standings
from storage.swap_steps import SwapSteps
from storage.swaps import Swaps
from storage.sync import Sync
from storage.telegram_updates import TelegramUpdates
from storage.used_proofs import UsedProofs
from storage.users import Users
from storage.verification_tokens import VerificationTokens


@dataclass(frozen=True, slots=True)
class Store:
    database: Database
    users: Users
    swaps: Swaps
    swap_steps: SwapSteps
    messages: Messages
    edits: Edits
    feed_notes: FeedNotes
    sync: Sync
    reads: Reads
    presence: Presence
    outbox: Outbox
    answers: Answers
    match_decisions: MatchDecisions
    matches: Matches
    dialogs: Dialogs
    login_links: LoginLinks
    calendar_feeds: CalendarFeeds
    telegram_updates: TelegramUpdates
    leases: Leases
    changes: Changes
    clock_moves: ClockMoves
    accounts: Accounts
    used_proofs: UsedProofs
    verification_tokens: VerificationTokens
    rates: RateBuckets
    idempotency: Idempotency
    skills: Skills
    alerts: Alerts
    beginnings: Beginnings
    sessions: SessionRecords
    merges: Merges
    circles: Circles
    circle_news: CirclesNews
    blocks: Blocks
    people_search: PeopleSearch
    departures: Departures
    reviews: Reviews
    reports: Reports
    requests: Requests
    screening: Screening
    cases: Cases
    records: Records
    audit: Audit
    community: CommunityStore
    memberships: Memberships
    group_checks: GroupChecks
    applications: Applications
    invites: Invites
    letters: Letters
    staff_cards: StaffCards
    correspondences: Correspondences
    standings: Standings
    bars: Bars


def open_store(database: Database, vocabulary: Vocabulary) -> Store:
    """Open the stores. `vocabulary` is that of the file; `Store.skills` has the one in force."""
    skills = Skills(database, vocabulary)
    users, swaps, sessions = Users(database, skills), Swaps(database), SessionRecords(database)
    reviews, community = Reviews(database, swaps.lists), CommunityStore(database)
    return Store(
        database=database,
        users=users,
        swaps=swaps,
        swap_steps=SwapSteps(database),
        messages=Messages(database),
        edits=Edits(database),
        feed_notes=FeedNotes(database),
        sync=Sync(database),
        reads=Reads(database),
        presence=Presence(database),
        outbox=Outbox(database),
        answers=Answers(database),
        match_decisions=MatchDecisions(database),
        matches=Matches(database),
        dialogs=Dialogs(database),
        login_links=LoginLinks(database),
        calendar_feeds=CalendarFeeds(database),
        telegram_updates=TelegramUpdates(database),
        leases=Leases(database),
        changes=Changes(database, users, swaps, sessions, community),
        clock_moves=ClockMoves(database),
        accounts=Accounts(database, users),
        used_proofs=UsedProofs(database),
        verification_tokens=VerificationTokens(database),
        rates=RateBuckets(database),
        idempotency=Idempotency(database),
        skills=skills,
        alerts=Alerts(database),
        beginnings=Beginnings(database),
        sessions=sessions,
        merges=Merges(database, users, swaps),
        circles=Circles(database),
        circle_news=CirclesNews(database),
        blocks=Blocks(database),
        people_search=PeopleSearch(database),
        departures=Departures(database),
        reviews=reviews,
        reports=Reports(database),
        requests=Requests(database),
        screening=Screening(database),
        cases=Cases(database),
        records=Records(database, reviews),
        audit=Audit(database),
        community=community,
        memberships=Memberships(database, users),
        group_checks=GroupChecks(database),
        applications=Applications(database),
        invites=Invites(database),
        letters=Letters(database),
        staff_cards=StaffCards(database),
        correspondences=Correspondences(database),
        standings=Standings(database, users),
        bars=Bars(database),
    )
