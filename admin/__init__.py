"""The librarian's page: one file per room, behind one door."""

from __future__ import annotations

from flask import Blueprint

from admin import (
    account,
    announcements,
    appeals,
    appointments,
    calendar,
    cards,
    cases,
    colleagues,
    conduct,
    copies,
    duplicates,
    entrance,
    escalations,
    events,
    family,
    fetch_for,
    free_shipping,
    guard,
    home,
    letters,
    lockers,
    messages,
    misses,
    newcomers,
    on_behalf,
    order_for,
    orders,
    parcels,
    photos,
    picks,
    policies,
    promises,
    purchases,
    readers,
    records,
    renewals,
    reports,
    returns,
    reviews,
    rounds,
    seats,
    signs,
    special_readers,
    stock_takes,
    timetable,
    ways_back,
    wishes,
)
from admin.desk import Desk

ROOMS = (
    entrance, home, escalations, orders, appointments, cases, appeals, free_shipping, returns, ways_back, calendar,
    timetable, events, seats, readers, renewals, on_behalf, order_for, fetch_for, newcomers, family, special_readers,
    letters, cards, conduct, messages, misses, records, copies, stock_takes, picks, reviews, wishes, purchases,
    parcels, rounds, lockers, policies, promises, reports, signs, duplicates, photos, announcements,
    account, colleagues,
)  # fmt: skip


def blueprint(desk: Desk) -> Blueprint:
    """The rooms under /admin, each given what all of them work with."""
    made = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates", static_folder="static")
    guard.add_to(made, desk)
    for room in ROOMS:
        room.add_to(made, desk)
    return made
