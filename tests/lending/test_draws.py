"""免费配送抽签: entered, drawn, checked by anybody, used or given back (A2-27, D-3)."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from datetime import datetime, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending import drawing, draws, free_shipping, privacy, special_readers, special_terms
from lending.errors import NotAllowed, UnknownThing
from lending.lots import drawn_order, lots_for
from lending.model import LIBRARY_ZONE, library_day
from tests.lending.world import World

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=LIBRARY_ZONE)


@pytest.fixture
def world(world: World) -> World:
    """Nine in the morning; ¥12 a day in four windows, ¥5 for each winner."""
    world.now = NINE
    world.rule("free_shipping", daily_fen=1200, most_fen=500)
    return world


def enter(world: World, *people: int) -> list[draws.Entry]:
    return [draws.enter(world.db, reader, world.policy, world.now) for reader in people]


def draw(world: World) -> int:
    """Let the open window close, and draw it."""
    world.now = draws.next_close(world.policy, world.now)[0]
    return drawing.draw_due(world.db, world.policy, world.now)


def states(world: World) -> Counter[str]:
    return Counter(row["state"] for row in world.db.all("SELECT state FROM draw_entries"))


def used(world: World) -> int:
    return free_shipping.budget(world.db, world.policy, library_day(NINE)).used_fen


# ---- anybody can draw it again -----------------------------------------------------------------------------------


def checked(seed: str, fingerprint: str, lots: dict[str, int], winners: int) -> list[str]:
    """What docs/circulation.md tells a reader to do, with nothing of ours."""
    assert hashlib.sha256(seed.encode()).hexdigest() == fingerprint
    urn = [(hashlib.sha256(f"{seed}:{t}:{n}".encode()).hexdigest(), t) for t in lots for n in range(1, lots[t] + 1)]
    order: list[str] = []
    for _, ticket in sorted(urn):
        if ticket not in order:
            order.append(ticket)
    return order[:winners]


def test_the_result_can_be_drawn_again_by_anybody(world: World) -> None:
    people = [world.reader() for _ in range(12)]
    promised = {entry.fingerprint for entry in enter(world, *people)}
    world.rule("free_shipping", windows=world.policy.free_shipping.windows[:1])  # all of the day's money at ten
    with pytest.raises(UnknownThing):
        draws.result(world.db, "2026-11-20", 1)
    assert draws.windows(world.db)[0].seed == ""  # secret until it is drawn
    with world.store.writing() as db:
        db.run("UPDATE draw_windows SET upto_fen = 1200")
    draw(world)
    shown = draws.result(world.db, "2026-11-20", 1)
    assert len(shown.winners) == 2
    assert {shown.window.fingerprint} == promised
    assert shown.winners == checked(shown.window.seed, shown.window.fingerprint, shown.lots, len(shown.winners))
    won = world.db.all("SELECT ticket FROM draw_entries WHERE state = 'won'")
    assert {row["ticket"] for row in won} == set(shown.winners)


def test_tickets_say_nothing_about_readers(world: World) -> None:
    """A11: the list is public."""
    reader = world.reader()
    (entry,) = enter(world, reader)
    seed = world.db.value("SELECT seed FROM draw_windows")
    for word in (reader, f"R{reader:06d}", f"{seed}:{reader}"):
        assert entry.ticket != hashlib.sha256(str(word).encode()).hexdigest()[:12]


tickets = st.dictionaries(st.text("0123456789abcdef", min_size=12, max_size=12), st.integers(1, 8), max_size=20)


@given(lots=tickets, seed=st.text("0123456789abcdef", min_size=32, max_size=32), shuffled=st.randoms())
def test_who_came_first_does_not_matter(lots: dict[str, int], seed: str, shuffled: random.Random) -> None:
    """D-3, metamorphic: the same entries in any order have the same result."""
    other = list(lots.items())
    shuffled.shuffle(other)
    assert drawn_order(seed, lots) == drawn_order(seed, dict(other))
    assert sorted(drawn_order(seed, lots)) == sorted(lots)


def test_twice_the_lots_are_twice_the_chance() -> None:
    """Of 4,000 seeds: one lot against three wins a quarter, and the others' order is by lots too."""
    first = Counter(drawn_order(f"seed{n}", {"one": 1, "three": 3})[0] for n in range(4000))
    assert abs(Fraction(first["one"], 4000) - Fraction(1, 4)) < Fraction(3, 100)


def test_lots_grow_while_one_is_not_served_and_for_whom_coming_is_hard(world: World) -> None:
    """D-3, A10-3: numbers from the policy."""
    free = world.policy.free_shipping
    for days, lots in ((0, 1), (6, 1), (7, 2), (29, 2), (30, 4), (None, 4)):
        assert lots_for(world.policy, days, special=False) == lots
        assert lots_for(world.policy, days, special=True) == lots + free.special_lots


def test_a_free_delivery_lessens_the_lots_until_it_is_long_past(world: World) -> None:
    reader = world.reader()
    assert special_terms.register(world.db, reader, world.policy, world.now)
    assert not special_terms.register(world.db, reader, world.policy, world.now)
    assert enter(world, reader)[0].lots == 8
    assert special_readers.ids(world.db) == [reader]
    special_terms.end(world.db, reader, world.policy, world.now)
    other = world.reader()
    order = world.order(other, *world.books(1), way="delivery")
    with world.store.writing() as db:
        db.run("INSERT INTO free_days VALUES ('2026-11-20', 1200, 300)")
        db.run("UPDATE orders SET free_fen = 300, free_day = '2026-11-20' WHERE id = :o", o=order.id)
    assert enter(world, other)[0].lots == 1
    draw(world)
    world.later(days=7)
    with world.store.writing() as db:
        db.run("UPDATE draw_entries SET state = 'lost'")
    assert enter(world, other)[0].lots == 2
    draw(world)
    world.step(order, "cancel", actor="library")
    with world.store.writing() as db:
        db.run("UPDATE draw_entries SET state = 'lost'")
    assert enter(world, other)[0].lots == 4  # what was cancelled did not serve


# ---- entering --------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_over_midnight_still_lets_one_enter(world: World) -> None:
    world.rule("free_shipping", mode="first_come")
    reader = world.reader()
    assert world.order(reader, *world.books(1), way="delivery").free_fen > 0
    world.later(days=-1)
    (entered,) = enter(world, reader)
    assert entered.lots == lots_for(world.policy, 0, special=False)


def test_entering_twice_is_one_entry(world: World) -> None:
    """B2-2."""
    reader = world.reader()
    assert enter(world, reader) == enter(world, reader)
    assert world.db.value("SELECT COUNT(*) FROM draw_entries") == 1


@pytest.mark.parametrize(
    ("hour", "minute", "day", "n"),
    [(0, 0, 20, 1), (9, 59, 20, 1), (10, 0, 20, 2), (13, 59, 20, 2), (20, 59, 20, 4), (21, 0, 21, 1), (23, 59, 21, 1)],
)
def test_an_entry_goes_into_the_next_window_to_close(world: World, hour: int, minute: int, day: int, n: int) -> None:
    world.now = NINE.replace(hour=hour, minute=minute)
    window = draws.window(world.db, enter(world, world.reader())[0].window_id)
    assert (window.day, window.n) == (f"2026-11-{day}", n)


def test_who_may_not_borrow_may_not_win_either(world: World) -> None:
    with pytest.raises(NotAllowed):
        enter(world, world.reader("new"))
    assert states(world) == {}


def test_windows_changed_during_the_day_take_entries_from_then_on(world: World) -> None:
    """D-3: the first of the day is drawn; noon, the first by the new rules, has a number and a page of its own."""
    enter(world, world.reader())
    draw(world)
    world.later(minutes=30)
    world.rule("free_shipping", windows=(time(12), time(20)))
    drawn = []
    for n, closes, upto in ((2, 12, 600), (3, 20, 1200)):
        window = draws.open_window(world.db, world.policy, world.now)
        assert (window.n, window.closes_at, window.upto_fen) == (n, NINE.replace(hour=closes), upto)
        assert enter(world, world.reader())[0].window_id == window.id
        draw(world)
        drawn.append(draws.result(world.db, window.day, n).window.winners)
    assert drawn == [1, 1] and used(world) == 1000


def test_a_window_that_collects_goes_on_collecting_when_the_hours_change(world: World) -> None:
    """Whoever entered is drawn at the hour they were told, and whoever enters before it comes along."""
    early, late = world.reader(), world.reader()
    first = enter(world, early)[0]
    world.rule("free_shipping", windows=(time(12), time(20)))
    assert enter(world, late)[0].window_id == first.window_id
    world.now = NINE.replace(hour=10)
    assert drawing.draw_due(world.db, world.policy, world.now) == 1
    world.rule("free_shipping", windows=(time(11),))
    assert enter(world, world.reader())[0].closes_at == NINE.replace(hour=11)


# ---- drawing ---------------------------------------------------------------------------------------------------------


def test_each_window_gives_its_share_and_what_others_left(world: World) -> None:
    """¥12 in four windows of ¥3: nothing can be given at ten, one win at two, one at six, none at nine."""
    given_at = []
    for _ in range(4):
        enter(world, *(world.reader() for _ in range(3)))
        draw(world)
        given_at.append(draws.windows(world.db)[0].winners)
    assert given_at == [0, 1, 0, 1]
    assert used(world) == 1000
    assert states(world) == {"won": 2, "lost": 10}


def test_drawing_again_changes_nothing(world: World) -> None:
    enter(world, *(world.reader() for _ in range(5)))
    assert draw(world) == 1
    before = world.everything()
    assert drawing.draw_due(world.db, world.policy, world.now) == 0
    assert world.everything() == before


def test_a_draw_broken_off_is_finished_by_the_next_tick(world: World) -> None:
    enter(world, world.reader())
    with world.store.writing() as db:
        db.run("UPDATE draw_windows SET state = 'closed'")
    assert draw(world) == 1
    assert draws.windows(world.db)[0].state == "drawn"


def test_a_worker_that_slept_draws_yesterdays_window_from_yesterdays_money(world: World) -> None:
    world.rule("free_shipping", use_hours=7)
    world.now = NINE.replace(hour=20)
    enter(world, world.reader())
    world.later(days=2)
    assert drawing.draw_due(world.db, world.policy, world.now) == 1
    assert used(world) == 500
    entry = draws.live_entry(world.db, world.db.value("SELECT reader_id FROM draw_entries"), world.now)
    assert entry is not None
    assert entry.valid_until == world.now + timedelta(hours=7)


def test_everyone_who_took_part_is_told_once(world: World) -> None:
    """B2-4."""
    world.now = NINE.replace(hour=13)
    people = [world.reader() for _ in range(3)]
    enter(world, *people)
    draw(world)
    drawing.draw_due(world.db, world.policy, world.now)
    told = sorted(world.told(reader, "drawn")[0][1] for reader in people)
    assert told == ["lost", "lost", "won"]
    assert all(len(world.told(reader, "drawn")) == 1 for reader in people)


def test_a_win_not_used_gives_its_money_to_the_next_window_of_its_day(world: World) -> None:
    """D-3: unused money flows on."""
    world.rule("free_shipping", use_hours=3)
    world.now = NINE.replace(hour=13)
    enter(world, world.reader())
    draw(world)
    assert used(world) == 500
    world.later(hours=3)
    assert draws.expire_due(world.db, world.now) == 1
    assert draws.expire_due(world.db, world.now) == 0
    assert used(world) == 0
    enter(world, world.reader(), world.reader())
    draw(world)
    assert draws.windows(world.db)[0].winners == 1
    assert states(world) == {"expired": 1, "won": 1, "lost": 1}


def test_whoever_is_forgotten_leaves_their_ticket_and_nothing_else(world: World) -> None:
    """A11-5: the published draw can still be checked; the money of an unused win goes back."""
    world.now = NINE.replace(hour=13)
    reader, waiting = world.reader(), world.reader()
    enter(world, reader)
    draw(world)
    special_terms.register(world.db, reader, world.policy, world.now)
    enter(world, waiting)
    assert privacy.everything(world.db, reader)["draw_entries"][0]["state"] == "won"
    for one in (reader, waiting):
        privacy.forget(world.db, one)
    assert used(world) == 0
    assert states(world) == {"expired": 1}
    assert world.db.value("SELECT COUNT(reader_id) FROM draw_entries") == 0
    assert special_readers.ids(world.db) == []
    shown = draws.result(world.db, "2026-11-20", 2)
    assert shown.winners == checked(shown.window.seed, shown.window.fingerprint, shown.lots, 1)


def test_whoever_is_forgotten_while_it_is_drawn_takes_nothing_from_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is worked out while others write: the lot goes to the next, and no money to nobody."""
    people = [world.reader() for _ in range(3)]
    enter(world, *people)
    with world.store.writing() as db:
        db.run("UPDATE draw_windows SET upto_fen = 2 * grant_fen")

    def worked_out(seed: str, lots: dict[str, int]) -> list[str]:
        order = drawn_order(seed, lots)
        first = world.db.value("SELECT reader_id FROM draw_entries WHERE ticket = :t", t=order[0])
        privacy.forget(world.db, first)
        return order

    monkeypatch.setattr(drawing, "drawn_order", worked_out)
    draw(world)
    assert states(world) == {"won": 2}
    assert used(world) == 2 * world.policy.free_shipping.most_fen
