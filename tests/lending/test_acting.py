"""No act outside its scope ever succeeds, a mandate taken back covers nothing, and whatever was done is told (D-12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import (
    appeals,
    case_records,
    cases,
    claims,
    closings,
    credit,
    deeds,
    elsewhere,
    extensions,
    holds,
    home_returns,
    loans,
    looks,
    mandates,
    merging,
    missing_copies,
    orders,
    privacy,
    readers,
    retention,
)
from lending.case_effects import Given
from lending.database import writing
from lending.errors import UnknownThing
from lending.holds import Hold
from lending.loans import Loan
from lending.mandates import Mandate
from lending.model import Fulfilment, library_day
from lending.orders import Order
from lending.scopes import OFFERED, NotInScope
from tests.lending.test_mandates import ALLOWED, KEY, digits, give
from tests.lending.world import World, passing

Deed = Callable[[World, int, int], object]  # in whose name, and the title it is about


def _renew(world: World, reader: int, title: int) -> object:
    return loans.renew(world.db, reader, [], world.policy, world.now)


def _give_back(world: World, reader: int, title: int) -> object:
    (loan,) = loans.of_reader(world.db, reader)
    return claims.claim(world.db, reader, loan.id, "", world.policy, world.now)


def _order(world: World, reader: int, title: int) -> object:
    world.fill_cart(reader, title)
    branch = world.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    return orders.place(world.db, reader, Fulfilment.COUNTER, branch, f"by:{title}", world.policy, world.now)


def _hold(world: World, reader: int, title: int) -> object:
    taken = world.book(f"waited for {title}", copies=1)
    world.lend(world.reader(), taken)
    return holds.place(world.db, reader, taken, world.now)


ACTS: dict[str, Deed] = {"renew": _renew, "give_back": _give_back, "order": _order, "hold": _hold}
TOLD = {"renew": "renewed", "give_back": "claimed", "order": "ordered", "hold": "held"}


def act(world: World, proxy: int, grantor: int, name: str, title: int) -> int:
    """As the chat does it: asked in the transaction that acts, and written down there. How many changes were told."""
    with writing(world.db) as db:
        covered = mandates.require(db, proxy, grantor, name, world.now)
        before = deeds.snapshot(db, grantor)
        ACTS[name](world, grantor, title)
        return deeds.record(db, covered, before, f"R{proxy:06d}", (name,), world.now)


def two(world: World, *scopes: str) -> tuple[int, int, int, Mandate]:
    """Who lets, who acts, a title on the shelf, and what was given; one book is at home already."""
    grantor, proxy = world.reader(), world.reader()
    world.lend(grantor, *world.books(1))
    return grantor, proxy, world.book("一本新书"), give(world, grantor, proxy, *scopes)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("scope", OFFERED)
def test_a_real_act_succeeds_within_its_scope_alone(world: World, scope: str, name: str) -> None:
    grantor, proxy, title, _ = two(world, scope)
    if name in ALLOWED[scope]:
        assert act(world, proxy, grantor, name, title) == 1
        assert [one.what for one in deeds.of_reader(world.db, grantor)] == [TOLD[name]]
        assert [event for event, _step, _state in world.told(grantor, "deed")] == ["deed"]
    else:
        before = world.everything()
        with pytest.raises(NotInScope):
            act(world, proxy, grantor, name, title)
        assert world.everything() == before


@settings(max_examples=25)
@given(
    scopes=st.sets(st.sampled_from(OFFERED), min_size=1),
    tries=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.booleans()), max_size=5),
    ends=st.integers(0, 5),
)
def test_whatever_is_tried_no_act_outside_scope_or_after_the_end_succeeds(
    scopes: set[str], tries: list[tuple[str, bool]], ends: int
) -> None:
    """Acts by the proxy and by a stranger in any order, the mandate taken back somewhere between: a property."""
    with passing() as world:
        world.branch()
        grantor, proxy, _title, standing = two(world, *scopes)
        stranger = world.reader()
        reached = set[str]().union(*(ALLOWED[scope] for scope in scopes))
        for n, (name, by_stranger) in enumerate(tries):
            if n == ends:
                mandates.revoke(world.db, grantor, standing.id, world.now)
            may, before = name in reached and not by_stranger and n < ends, deeds.snapshot(world.db, grantor)
            told = len(deeds.of_reader(world.db, grantor))
            with suppress(NotInScope, UnknownThing, ValueError):
                act(world, stranger if by_stranger else proxy, grantor, name, world.book(f"title {n}"))
            if not may:
                assert deeds.snapshot(world.db, grantor) == before
                assert len(deeds.of_reader(world.db, grantor)) == told
            elif deeds.snapshot(world.db, grantor) != before:
                assert len(deeds.of_reader(world.db, grantor)) > told


@pytest.mark.parametrize("_round", range(4))
def test_revoking_and_acting_at_once_one_goes_first(world: World, _round: int) -> None:
    """A race: either the act came first and is told, or it never was; after the end nothing more succeeds."""
    grantor, proxy, _title, standing = two(world, "borrow")
    titles = [world.book(f"raced {n}") for n in range(6)]
    start, ended, late = threading.Barrier(2), threading.Event(), []

    def acting() -> None:
        start.wait()
        for title in titles:
            was_over = ended.is_set()
            with suppress(UnknownThing):
                act(world, proxy, grantor, "order", title)
                late.append(was_over)

    def revoking() -> None:
        start.wait()
        mandates.revoke(world.db, grantor, standing.id, world.now)
        ended.set()

    threads = [threading.Thread(target=acting), threading.Thread(target=revoking)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    placed = world.db.value("SELECT COUNT(*) FROM orders WHERE reader_id = :r AND request_key LIKE 'by:%'", r=grantor)
    assert placed == len(late) == len(deeds.of_reader(world.db, grantor))
    assert not any(late)
    with pytest.raises(UnknownThing):
        act(world, proxy, grantor, "order", world.book("too late"))


def test_two_accept_the_same_code_and_one_gets_it(world: World) -> None:
    """B2-1's kind of race, for a code."""
    mother, takers = world.reader(), [world.reader() for _ in range(4)]
    code, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    start, got = threading.Barrier(4), []

    def take(reader: int) -> None:
        start.wait()
        with suppress(mandates.CannotMandate):
            got.append(mandates.accept(world.db, reader, digits(code), KEY, world.policy, world.now).proxy_id)

    threads = [threading.Thread(target=take, args=(reader,)) for reader in takers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def _rest(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    holds.rest(world.db, reader, hold.id, 7, world.policy, world.now)


def _elsewhere(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    holds.pick_up_at(world.db, reader, hold.id, world.db.value("SELECT MAX(id) FROM points"), world.policy, world.now)


def _let_go(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    holds.cancel(world.db, reader, hold.id, world.policy, world.now)


def _move(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    readers.set_delivery(world.db, reader, "林书", "13800000000", "另一条路 2 号", "city")


def _lose(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    cases.report(world.db, reader, loan.id, "lost", "", world.policy, world.now)


def _object(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    line = credit.lines(world.db, reader)[0].id
    appeals.open_appeal(world.db, reader, line, "不对", world.policy, world.now)


def _fetch(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    home_returns.ask(world.db, reader, [loan.id], "fetch", world.policy, world.now)


def _find(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    """Reported before, and found at home now."""
    (case,) = case_records.open_ones(world.db, reader)
    cases.choose(world.db, case.number, reader, "at_home", world.policy, world.now)


def _settle(world: World, reader: int, loan: Loan, hold: Hold) -> None:
    (case,) = case_records.open_ones(world.db, reader)
    cases.choose(world.db, case.number, reader, "pay", world.policy, world.now)


@pytest.mark.parametrize(("change", "told"), [(_find, {"found"}), (_settle, {"settling"})])
def test_what_becomes_of_a_lost_book_is_told_as_it_is(
    world: World, change: Callable[[World, int, Loan, Hold], None], told: set[str]
) -> None:
    grantor, proxy, _title, standing = two(world, *OFFERED)
    (loan,) = loans.of_reader(world.db, grantor)
    taken = world.book("等着的书")
    world.lend(world.reader(), taken)
    hold = holds.place(world.db, grantor, taken, world.now)
    case, _new = cases.report(world.db, grantor, loan.id, "lost", "", world.policy, world.now)
    if change is _settle:
        cases.advance(world.db, case.number, "charge", "staff:小信", world.policy, world.now, Given("", 3900))
    with writing(world.db) as db:
        before = deeds.snapshot(db, grantor)
        change(world, grantor, loan, hold)
        deeds.record(db, standing, before, f"R{proxy:06d}", (), world.now)
    assert {one.what for one in deeds.of_reader(world.db, grantor)} == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_rest, {"changed_hold"}), (_elsewhere, {"changed_hold"}), (_let_go, {"let_go"}), (_move, {"moved"}),
        (_lose, {"lost", "reported"}), (_object, {"appealed"}), (_fetch, {"fetching"}),
    ],
)  # fmt: skip
def test_whatever_changes_is_told(
    world: World, change: Callable[[World, int, Loan, Hold], None], told: set[str]
) -> None:
    """Read off the change, so that nothing done can go unsaid."""
    grantor, proxy, _title, standing = two(world, *OFFERED)
    (loan,) = loans.of_reader(world.db, grantor)
    world.branch("east")
    taken = world.book("等着的书")
    world.lend(world.reader(), taken)
    hold = holds.place(world.db, grantor, taken, world.now)
    with writing(world.db) as db:
        before = deeds.snapshot(db, grantor)
        change(world, grantor, loan, hold)
        deeds.record(db, standing, before, f"R{proxy:06d}", (), world.now)
    assert {one.what for one in deeds.of_reader(world.db, grantor)} == told
    assert len(world.told(grantor, "deed")) == len(told)


def test_books_kept_longer_in_ones_name_are_told_of(world: World) -> None:
    grantor, proxy, title, standing = two(world, "collect")
    order = world.step(world.order(grantor, title), "pick", "pack", "shelve")
    with writing(world.db) as db:
        before = deeds.snapshot(db, grantor)
        extensions.keep_order(db, order.number, grantor, world.policy, world.now)
        deeds.record(db, standing, before, f"R{proxy:06d}", (), world.now)
    assert [one.what for one in deeds.of_reader(world.db, grantor)] == ["kept_longer"]


def _fetch_elsewhere(world: World, order: Order) -> None:
    east = world.db.value("SELECT MAX(id) FROM points")
    elsewhere.move(world.db, order.number, east, "reader", world.policy, world.now, reader_id=order.reader_id)


def _take_out(world: World, order: Order) -> None:
    title = orders.books(world.db, order.id)[0]["title_id"]
    missing_copies.take_out(world.db, order.reader_id, order.number, title, world.policy, world.now)


@pytest.mark.parametrize(("change", "told"), [(_fetch_elsewhere, "elsewhere"), (_take_out, "taken_out")])
def test_what_changes_in_an_order_is_told_of(
    world: World, change: Callable[[World, Order], None], told: str
) -> None:
    """Else its reader would stand before the other door, or look for the book in it."""
    grantor, proxy, title, standing = two(world, "borrow")
    order, first = world.order(grantor, title, *world.books(1)), library_day(world.now) + timedelta(days=1)
    world.branch("east")
    last = first + timedelta(days=4000)
    closings.declare(world.db, order.point_id, first, last, "拆了", "馆员", world.policy, world.now)
    with writing(world.db) as db:
        before = deeds.snapshot(db, grantor)
        change(world, order)
        deeds.record(db, standing, before, f"R{proxy:06d}", (), world.now)
    assert [one.what for one in deeds.of_reader(world.db, grantor)] == [told]
    assert len(world.told(grantor, "deed")) == 1


def test_the_orders_history_says_who_acted(world: World) -> None:
    grantor, proxy, title, _ = two(world, "borrow")
    act(world, proxy, grantor, "order", title)
    newest = orders.of_reader(world.db, grantor)[0]
    assert {row["actor"] for row in orders.history(world.db, newest.id)} == {f"proxy:R{proxy:06d}", "rule"}
    own = world.order(grantor, *world.books(1))
    assert orders.history(world.db, own.id)[0]["actor"] == "reader"


def test_a_deed_is_forgotten_with_either_of_the_two(world: World) -> None:
    """A11-5: the one who acted is forgotten, and so is their number in the history."""
    grantor, proxy, title, _ = two(world, "borrow")
    act(world, proxy, grantor, "order", title)
    privacy.forget(world.db, proxy)
    assert deeds.of_reader(world.db, grantor) == []
    newest = orders.of_reader(world.db, grantor)[0]
    assert "proxy" in {row["actor"] for row in orders.history(world.db, newest.id)}
    assert f"R{proxy:06d}" not in str(world.db.all("SELECT * FROM order_events"))


def test_whoever_acted_is_forgotten_under_a_number_they_had_before_too(world: World) -> None:
    """A1-20: two records became one; the history still named the one that was taken in."""
    grantor, proxy, title, _ = two(world, "borrow")
    act(world, proxy, grantor, "order", title)
    kept = world.reader()
    looks.note(world.db, proxy, "馆员", looks.PAGE, "", world.now)
    merging.merge(world.db, kept, proxy, world.policy, world.now)
    assert [one.what for one in looks.of_reader(world.db, kept)] == ["page"], "who looked is seen and forgotten here"
    privacy.forget(world.db, kept)
    assert f"R{proxy:06d}" not in str(world.db.all("SELECT * FROM order_events"))
    assert world.db.value("SELECT COUNT(*) FROM looks") == 0


def test_who_ordered_for_another_is_cleared_with_the_rest_of_the_order(world: World) -> None:
    """As long as mandates and deeds, and no longer."""
    grantor, proxy, title, _ = two(world, "borrow")
    act(world, proxy, grantor, "order", title)
    newest = orders.of_reader(world.db, grantor)[0]
    world.step(newest, "cancel", actor="staff")
    world.later(days=world.policy.privacy.borrowed_days + 32)
    assert retention.over(world.db, world.policy, world.now)["order_events"]
    retention.clear(world.db, world.policy, world.now)
    assert {row["actor"] for row in orders.history(world.db, newest.id)} == {"proxy", "rule", "staff"}
    assert retention.over(world.db, world.policy, world.now)["order_events"] == 0


def test_what_was_done_long_ago_is_cleared(world: World) -> None:
    grantor, proxy, title, _ = two(world, "return")
    act(world, proxy, grantor, "renew", title)
    world.later(days=world.policy.privacy.borrowed_days + 32)
    retention.clear(world.db, world.policy, world.now)
    assert deeds.of_reader(world.db, grantor) == []
