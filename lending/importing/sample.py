"""The sample library that comes with the programme: titles, copies, service points, a bookshop's list, and events."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from lending import calendar, events, purchases
from lending.database import Store
from lending.importing.loading import Keeper, OnProgress
from lending.importing.points import read_points
from lending.importing.problems import Problem
from lending.importing.reading import read
from lending.importing.records import CopyFacts, Record
from lending.importing.report import Report
from lending.importing.source import Source
from lending.model import LIBRARY_ZONE, library_day
from lending.points import PointEntry, point_by_code, set_slots, store_points
from lending.policy import Policy
from lending.purchases import ShopBook

SAMPLE = Path(__file__).parent.parent / "sample"
SHOP = "云栖书店"  # there is none of that name
COUNTER = "zx"


def load_sample(
    store: Store, on_progress: OnProgress | None = None, folder: Path = SAMPLE, day: date | None = None
) -> Report:
    """Put points.toml, shop.csv, titles.csv and copies.csv into the store; a second time changes nothing."""
    load_sample_points(store, folder)
    load_sample_shop(store, folder)
    titles = Source(folder / "titles.csv")
    keeper = Keeper(store, source="sample", day=day)
    for _ in keeper.keep_all(_with_their_copies(titles, folder / "copies.csv"), gentle=False):
        if on_progress:
            on_progress(keeper.report.read, titles.fraction())
    return keeper.report


def load_sample_points(store: Store, folder: Path = SAMPLE) -> None:
    """The service points alone, for a library that brings its own titles."""
    with store.writing() as db:
        store_points(db, listed_points(folder))


def listed_points(folder: Path = SAMPLE) -> list[PointEntry]:
    """The points as points.toml has them, a bus with its stops."""
    return read_points((folder / "points.toml").read_text("utf-8"), Report())


def load_sample_shop(store: Store, folder: Path = SAMPLE) -> int:
    """What an invented bookshop offers, so that 书店新书 (A2-4) can be tried at once; returns how many books."""
    with (folder / "shop.csv").open(encoding="utf-8", newline="") as file:
        offers = [_offer(row) for row in csv.DictReader(file)]
    return purchases.store_list(store.db, SHOP, offers)


def _offer(row: dict[str, str]) -> ShopBook:
    named = {name: row[name] for name in ("isbn", "title", "authors", "publisher")}
    return ShopBook(0, SHOP, **named, year=int(row["year"]), price_fen=round(Decimal(row["price"]) * 100))


def load_sample_events(store: Store, policy: Policy, now: datetime, folder: Path = SAMPLE) -> int:
    """Invented events of the coming weeks, so that 活动 (F-8) can be tried at once; returns how many."""
    listed = tomllib.loads((folder / "events.toml").read_text("utf-8"))["event"]
    with store.writing() as db:
        for one in listed:
            branch, clock = point_by_code(db, one["at"]), time.fromisoformat(one["starts"])
            day = calendar.next_open(db, policy, branch.id, library_day(now) + timedelta(days=one["in_days"]))
            starts = datetime.combine(day, clock, LIBRARY_ZONE)
            plan = events.Plan(
                name=one["name"], about=one["about"], point_id=branch.id, place=one["place"], starts_at=starts,
                ends_at=starts + timedelta(minutes=one["minutes"]), sign_up_until=starts, seats=one["seats"],
            )  # fmt: skip
            events.make(db, plan, policy, now)
    return len(listed)


def load_sample_appointments(store: Store, policy: Policy) -> None:
    """The central library's counter takes appointments, so that 约时间来取 (D 30) can be tried at once."""
    with store.writing() as db:
        counter = point_by_code(db, COUNTER)
        set_slots(db, counter.id, policy.slots.length_minutes, policy.slots.orders)


def _with_their_copies(titles: Source, copies: Path) -> Iterator[Record | Problem]:
    by_title: dict[str, list[CopyFacts]] = {}
    with copies.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_title.setdefault(row.pop("title_id"), []).append(CopyFacts(**row))
    for found in read(titles):
        if isinstance(found, Record):
            found = replace(found, copies=tuple(by_title.get(found.entry.source_id, ())))
        yield found
