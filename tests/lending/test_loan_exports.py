"""Loans told to another system (A2-7): each change once, whoever noted it when, and readers by their cards alone."""

from __future__ import annotations

import json
from datetime import date

from lending import cards, claims, loan_exports, loans, privacy, retention
from lending.database import Row
from lending.reports import Period
from tests.lending.world import World

KEY = b"a key for cards"


def told(world: World, numbers: tuple[str, ...] = (), keep: bool = True) -> list[Row]:
    """One export to its end."""
    found = list(loan_exports.changed(world.db, loan_exports.numbers_of(world.db, numbers, KEY)))
    if keep:
        loan_exports.mark(world.db, [(one.row["loan"], one.mark) for one in found], world.now)
    return [one.row for one in found]


def test_a_loans_life_is_told_step_by_step_and_nothing_twice(world: World) -> None:
    me, book = world.reader(), world.book("围城")
    (loan,) = world.lend(me, book)
    (row,) = told(world)
    assert row["state"] == "open" and row["barcode"] == "围城-1" and row["home"] == "main" and row["ended_at"] == ""
    assert row["lent_at"] == "2026-11-20T10:00:00+08:00" and row["due_at"].endswith("T23:59:59+08:00")
    assert told(world) == []
    world.later(days=5)
    loans.renew(world.db, me, [loan.id], world.policy, world.now)
    (renewed,) = told(world)
    assert renewed["loan"] == row["loan"] and renewed["renewals"] == 1 and renewed["due_at"] > row["due_at"]
    world.give_back(loan, world.branch("west"))
    (ended,) = told(world)
    assert (ended["state"], ended["returned_to"], ended["home"]) == ("returned", "west", "main")
    assert told(world) == []


def test_what_breaks_off_is_told_again_the_next_time(world: World) -> None:
    world.lend(world.reader(), *world.books(3))
    first = told(world, keep=False)
    assert len(first) == 3 and told(world) == first and told(world) == []


def test_a_return_noted_late_is_told_though_its_day_lies_before_the_last_export(world: World) -> None:
    """Said to be back, found on the shelf a week later: it counts from the day it was said."""
    me, book = world.reader(), world.book("活着")
    (loan,) = world.lend(me, book)
    claims.claim(world.db, me, loan.id, "", world.policy, world.now)
    (check,) = claims.open_checks(world.db)
    world.later(days=3)
    assert told(world)[0]["state"] == "open"
    world.later(days=4)
    claims.found(world.db, check.id, world.branch("main"), world.policy, "staff:admin", world.now)
    (row,) = told(world)
    assert row["state"] == "returned" and row["ended_at"] == "2026-11-20T10:00:00+08:00"


def test_a_scan_taken_back_opens_the_loan_again(world: World) -> None:
    (loan,) = world.lend(world.reader(), world.book("三体"))
    world.give_back(loan)
    assert told(world)[0]["state"] == "returned"
    with world.store.writing() as db:
        db.run("UPDATE loans SET returned_at = NULL, ended_as = '', returned_point_id = NULL WHERE id = :l", l=loan.id)
    (again,) = told(world)
    assert (again["loan"], again["state"]) == (loan.id, "open")


def test_days_are_told_whole_whatever_was_told_before(world: World) -> None:
    me = world.reader()
    old, new = world.lend(me, world.book("旧"))[0], None
    world.later(days=10)
    (new,) = world.lend(me, world.book("新"))
    world.give_back(old)
    assert len(told(world)) == 2
    days = [Period(date(2026, 11, day), date(2026, 11, day)) for day in (20, 25, 30)]
    found = [[(one.row["loan"], one.row["state"]) for one in loan_exports.within(world.db, p, {})] for p in days]
    assert found == [[(old.id, "returned")], [], [(old.id, "returned"), (new.id, "open")]]
    assert told(world) == []


def test_a_reader_has_the_number_of_a_card_they_linked_and_no_other_name(world: World) -> None:
    """Of the kiosk's card, a blocked one, or a number nobody linked, nothing is told."""
    one, other, third = world.reader(), world.reader(), world.reader()
    for who, title in ((one, "甲"), (other, "乙"), (third, "丙")):
        world.lend(who, world.book(title))
    world.link_card(one, "NB 0012-345", KEY)
    kiosk = cards.issue(world.db, other, KEY, world.now)
    world.link_card(third, "NB0099999", KEY)
    cards.block(world.db, "NB0099999", KEY, world.now)
    rows = told(world, ("nb0012345", "NB0000001", "NB0099999", kiosk))
    assert [row["card"] for row in rows] == ["nb0012345", "", ""]
    text = json.dumps(rows, ensure_ascii=False)
    assert all(word not in text for word in ("林书", "13800000000", "文三路", "R0000"))
    assert told(world, ("nb0012345",)) == []


def test_a_card_linked_later_is_told_with_the_loan(world: World) -> None:
    me = world.reader()
    world.lend(me, world.book("甲"))
    assert told(world, ("NB1234",))[0]["card"] == ""
    world.link_card(me, "NB1234", KEY)
    assert [row["card"] for row in told(world, ("NB1234",))] == ["NB1234"]
    world.link_card(me, "NB5678", KEY, world.later(days=1))
    assert [row["card"] for row in told(world, ("NB5678", "NB1234"))] == ["NB5678"], "the one linked last"


def test_whose_loan_nobody_can_tell_any_more_is_not_told(world: World) -> None:
    """Neither when its time is over nor when the reader is forgotten; its mark goes along."""
    me, other = world.reader(), world.reader()
    world.give_back(world.lend(me, world.book("甲"))[0])
    assert len(told(world)) == 1
    world.give_back(world.lend(other, world.book("乙"))[0])
    privacy.forget(world.db, other)
    assert told(world) == []
    world.later(days=200)
    retention.clear(world.db, world.policy, world.now)
    assert told(world) == [] and world.db.value("SELECT COUNT(*) FROM loan_exports") == 0
    assert world.db.value("SELECT COUNT(*) FROM loans") == 2
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert list(loan_exports.within(world.db, period, {})) == []


def test_one_cut_from_its_reader_between_reading_and_marking_is_let_go(world: World) -> None:
    me = world.reader()
    world.give_back(world.lend(me, world.book("甲"))[0])
    found = list(loan_exports.changed(world.db, {}))
    privacy.forget(world.db, me)
    loan_exports.mark(world.db, [(one.row["loan"], one.mark) for one in found], world.now)
    assert world.db.value("SELECT COUNT(*) FROM loan_exports") == 0


def test_copies_are_told_where_they_stand(world: World) -> None:
    """They float (A2-6); more of them than are read at once."""
    world.books(loan_exports.CHUNK + 3)
    (loan,) = world.lend(world.reader(), world.book("飘"))
    world.give_back(loan, world.branch("west"))
    rows = list(loan_exports.copies(world.db))
    assert len(rows) == loan_exports.CHUNK + 4 and tuple(rows[0]) == loan_exports.COPIES
    (moved,) = [row for row in rows if row["home"] != row["place"]]
    assert moved == {
        "barcode": "飘-1", "isbn": "", "title": "飘", "state": "available", "home": "main", "place": "west",
    }  # fmt: skip
