"""The day's money for free delivery: taken with the order, never a fen too much, given back (A2-27, D-3)."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from datetime import date, timedelta

import pytest

from lending import drawing, draws, free_shipping, merging, orders, parcels, tracking
from lending.errors import LendingError, PriceChanged
from lending.model import Fulfilment, library_day
from tests.lending import test_races
from tests.lending.test_races import race
from tests.lending.world import World

DAY_FEN = 1000


@pytest.fixture
def world(world: World) -> World:
    """Ten yuan a day, whoever comes first; up to five books cost ¥5 at most."""
    world.rule("free_shipping", mode="first_come", daily_fen=DAY_FEN, most_fen=500)
    return world


def budget(world: World) -> free_shipping.Budget:
    return free_shipping.budget(world.db, world.policy, library_day(world.now))


def audited(world: World) -> None:
    """Every fen of every day is in an order or promised to a winner, and no day is overspent."""
    for row in world.db.all("SELECT day, budget_fen, used_fen FROM free_days"):
        given = free_shipping.given(world.db, date.fromisoformat(row["day"]))
        assert given["spent_fen"] + given["promised_fen"] == row["used_fen"] <= row["budget_fen"], row


def deliver(world: World, books: int = 1, reader: int = 0) -> orders.Order:
    return world.order(reader or world.reader(), *world.books(books), way="delivery")


# ---- first come ------------------------------------------------------------------------------------------------------


def test_an_order_records_that_it_was_free(world: World) -> None:
    order = deliver(world, 4)
    assert (order.fee_fen, order.free_fen, order.free_day) == (0, 400, "2026-11-20")
    assert orders.by_number(world.db, order.number) == order
    assert budget(world).left_fen == 600
    audited(world)


def test_the_last_fen_is_spent_and_not_one_more(world: World) -> None:
    """¥10: three orders of ¥3 are free, the fourth is not although ¥1 is left."""
    fees = [(order.fee_fen, order.free_fen) for order in (deliver(world) for _ in range(4))]
    assert fees == [(0, 300)] * 3 + [(300, 0)]
    assert budget(world).left_fen == 100
    audited(world)


def test_a_fee_above_what_an_order_is_freed_of_is_paid_for_the_rest(world: World) -> None:
    order = deliver(world, 6)
    assert (order.fee_fen, order.free_fen) == (100, 500)


def test_lockers_and_counters_take_nothing(world: World) -> None:
    """A9-5: they are free already."""
    for way in ("locker", "counter"):
        assert world.order(world.reader(), *world.books(1), way=way).free_fen == 0
    assert world.db.value("SELECT COUNT(*) FROM free_days") == 0


def test_the_next_day_has_its_own_money(world: World) -> None:
    for _ in range(4):
        deliver(world)
    world.later(days=1)
    assert deliver(world).free_day == "2026-11-21"
    assert budget(world).left_fen == DAY_FEN - 300
    audited(world)


@pytest.mark.parametrize("end", ["cancel", "refuse"])
def test_an_order_called_off_gives_its_money_back_once(world: World, end: str) -> None:
    books = world.policy.review.auto_up_to_books + 1  # so that a person reviews it
    order = deliver(world, books)
    assert budget(world).used_fen == 500
    ended = world.step(order, end)
    assert budget(world).used_fen == 0
    assert (ended.free_fen, ended.free_day) == (0, "2026-11-20")
    with pytest.raises(LendingError):
        world.step(order, end)
    assert budget(world).used_fen == 0
    audited(world)


def test_money_given_back_after_midnight_belongs_to_its_own_day(world: World) -> None:
    order = deliver(world)
    world.later(days=1)
    world.step(order, "cancel")
    assert budget(world).used_fen == 0
    assert world.db.value("SELECT used_fen FROM free_days WHERE day = '2026-11-20'") == 0


def test_nobody_pays_what_they_have_not_agreed_to(world: World) -> None:
    """Quoted ¥0, but the money ran out before the press: nothing is ordered, and the new price is said."""
    reader = world.reader()
    titles = world.books(1)
    for _ in range(3):
        deliver(world)
    world.fill_cart(reader, *titles)
    with pytest.raises(PriceChanged) as caught:
        orders.place(world.db, reader, Fulfilment.DELIVERY, None, "k", world.policy, world.now, agreed_fen=0)
    assert caught.value.fee_fen == 300
    assert orders.of_reader(world.db, reader) == []
    assert world.copies(titles[0]) == ["available"]
    agreed = orders.place(world.db, reader, Fulfilment.DELIVERY, None, "k", world.policy, world.now, agreed_fen=300)
    assert agreed.fee_fen == 300


def test_what_is_offered_is_what_is_taken(world: World) -> None:
    reader = world.reader()
    for wanted in (300, 300, 300, 300):
        offered = free_shipping.offered(world.db, reader, wanted, world.policy, world.now)
        assert deliver(world).free_fen == offered


def test_without_free_delivery_nothing_is_offered(world: World) -> None:
    world.rule("free_shipping", mode="none")
    assert free_shipping.offered(world.db, world.reader(), 300, world.policy, world.now) == 0
    assert deliver(world).free_fen == 0


# ---- many at once ----------------------------------------------------------------------------------------------------


def test_a_crowd_spends_the_day_exactly(world: World) -> None:
    """A2-27: 24 presses at once for ¥10 at ¥3: three are free, 21 hear the price, ¥1 is left."""
    people = [world.reader() for _ in range(24)]
    for reader in people:
        world.fill_cart(reader, *world.books(1))

    def press(reader: int) -> object:
        key = f"k{reader}"
        return orders.place(
            world.store.db, reader, Fulfilment.DELIVERY, None, key, world.policy, world.now, agreed_fen=0
        )

    outcome = race(world, [lambda reader=reader: press(reader) for reader in people])  # type: ignore[misc]
    assert outcome == {"ordered": 3, "PriceChanged": 21}
    assert budget(world).left_fen == 100
    audited(world)


def test_three_processes_spend_the_day_exactly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from outside: each process with its own door to the store, and the 浙江 pack."""
    alone = test_races.RACE.replace("load_policy()", 'load_policy("zhejiang")').replace("point, key", "None, key")
    monkeypatch.setattr(test_races, "RACE", alone)
    people = [world.reader() for _ in range(24)]
    with world.store.writing() as db:
        db.run("UPDATE readers SET zone = 'province'")
        db.run("INSERT INTO free_days (day, budget_fen) VALUES ('2026-11-20', :fen)", fen=DAY_FEN)
    for reader in people:
        world.fill_cart(reader, *world.books(1))
    shares = [[(reader, f"k{reader}") for reader in people[n::3]] for n in range(3)]
    assert test_races.race_of_processes(world, "delivery", 0, shares) == {"ordered": 24}
    assert world.db.value("SELECT COUNT(*) FROM orders WHERE free_fen = 300 AND fee_fen = 0") == 3
    assert world.db.value("SELECT COUNT(*) FROM orders WHERE free_fen = 0 AND fee_fen = 300") == 21
    audited(world)


def test_looking_first_and_taking_later_would_overspend(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crowd's twin: with the guard taken out of the statement, the table itself still refuses."""
    everybody_has_looked = threading.Barrier(8)

    def careless(db: object, day: str, fen: int, daily_fen: int) -> bool:
        with world.store.writing() as turn:
            turn.run("UPDATE free_days SET used_fen = used_fen + :fen WHERE day = :day", fen=fen, day=day)
        return True

    deliver(world)
    monkeypatch.setattr(free_shipping, "_take_from_day", careless)
    people = [world.reader() for _ in range(8)]
    for reader in people:
        world.fill_cart(reader, *world.books(1))

    def press(reader: int) -> str:
        everybody_has_looked.wait()
        try:
            key = f"k{reader}"
            orders.place(world.store.db, reader, Fulfilment.DELIVERY, None, key, world.policy, world.now)
        except sqlite3.IntegrityError:
            return "refused by the table"
        return "ordered"

    outcome: list[str] = []
    threads = [threading.Thread(target=lambda r=reader: outcome.append(press(r))) for reader in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcome) == {"ordered": 2, "refused by the table": 6}
    audited(world)


# ---- won in a draw ---------------------------------------------------------------------------------------------------


@pytest.fixture
def winner(world: World) -> int:
    """A reader with a win of ¥5, out of ¥10."""
    world.rule("free_shipping", mode="windows")
    world.now = world.now.replace(hour=7)  # three in the afternoon
    reader = world.reader()
    draws.enter(world.db, reader, world.policy, world.now)
    world.now = draws.next_close(world.policy, world.now)[0]
    drawing.draw_due(world.db, world.policy, world.now)
    assert budget(world).used_fen == 500
    return reader


def test_a_win_frees_one_order_and_what_it_did_not_need_flows_back(world: World, winner: int) -> None:
    assert free_shipping.offered(world.db, winner, 300, world.policy, world.now) == 300
    order = deliver(world, 1, winner)
    assert (order.fee_fen, order.free_fen, order.free_day) == (0, 300, "2026-11-20")
    assert budget(world).used_fen == 300
    assert deliver(world, 1, winner).free_fen == 0
    audited(world)


def test_who_has_not_won_pays(world: World, winner: int) -> None:
    assert deliver(world).fee_fen == 300
    audited(world)


def test_a_cancelled_win_gives_its_money_back(world: World, winner: int) -> None:
    orders.cancel(world.db, deliver(world, 1, winner).number, winner, world.policy, world.now)
    assert budget(world).used_fen == 0
    assert world.db.value("SELECT state FROM draw_entries") == "returned"
    audited(world)


@pytest.mark.parametrize("end", ["cancel", "refuse"])
def test_what_the_library_calls_off_gives_the_win_back(world: World, winner: int, end: str) -> None:
    """For as long as a new one, however long the answer took, and of its own day's money."""
    order = deliver(world, world.policy.review.auto_up_to_books + 1, winner)
    world.later(hours=world.policy.free_shipping.use_hours + 1)
    world.rule("free_shipping", use_hours=7)
    draws.expire_due(world.db, world.now)
    world.step(order, end)
    audited(world)
    assert world.told(winner, "drawn")[-1][1].startswith("back@")
    assert free_shipping.offered(world.db, winner, 500, world.policy, world.now) == 500
    again = draws.live_entry(world.db, winner, world.now)
    assert again is not None and again.valid_until == world.now + timedelta(hours=7)
    once_more = deliver(world, 1, winner)
    assert (once_more.free_fen, once_more.free_day) == (300, "2026-11-20")
    audited(world)


def test_a_win_that_the_courier_lost_is_the_readers_again(world: World, winner: int) -> None:
    """What was on its way is the library's own loss; the next order is delivered free."""
    world.rule("fees", waive_when_lost=True)
    order = world.step(deliver(world, 1, winner), "pick", "pack", "ship")
    assert free_shipping.offered(world.db, winner, 300, world.policy, world.now) == 0
    (parcel,) = parcels.of_order(world.db, order.id)
    tracking.lost(world.db, parcel.id, "staff:王", world.policy, world.now)
    audited(world)
    lost = orders.by_number(world.db, order.number)
    assert (lost.state, lost.fee_fen, lost.lost_fen, lost.free_fen) == ("cancelled", 0, 300, 0)
    assert world.told(winner, "drawn")[-1][1].startswith("back@")
    assert deliver(world, 1, winner).free_fen == 300
    audited(world)


def test_a_win_comes_back_to_who_has_joined_two_chats_meanwhile(world: World, winner: int) -> None:
    """A1-20: the order went along, and so does what it was freed by."""
    order, kept = world.step(deliver(world, 1, winner), "pick", "pack", "ship"), world.reader()
    merging.merge(world.db, kept, winner, world.policy, world.now)
    (parcel,) = parcels.of_order(world.db, order.id)
    tracking.lost(world.db, parcel.id, "staff:王", world.policy, world.now)
    assert world.told(kept, "drawn")[-1][1].startswith("back@")
    assert free_shipping.offered(world.db, kept, 300, world.policy, world.now) == 300
    audited(world)


def test_a_win_given_back_is_worth_what_the_order_had_when_others_took_the_rest(world: World, winner: int) -> None:
    order = deliver(world, 1, winner)
    with world.store.writing() as db:
        db.run("UPDATE free_days SET budget_fen = used_fen")
    world.step(order, "cancel")
    assert world.db.one("SELECT state, granted_fen FROM draw_entries") == {"state": "won", "granted_fen": 300}
    assert budget(world).left_fen == 0
    audited(world)


def test_who_takes_part_in_the_next_draw_already_has_no_win_beside_it(world: World, winner: int) -> None:
    order = deliver(world, 1, winner)
    draws.enter(world.db, winner, world.policy, world.now)
    world.step(order, "cancel")
    assert Counter(row["state"] for row in world.db.all("SELECT state FROM draw_entries")) == Counter(
        entered=1, returned=1
    )
    assert budget(world).used_fen == 0


def test_a_win_too_old_frees_nothing(world: World, winner: int) -> None:
    world.later(hours=world.policy.free_shipping.use_hours)
    assert free_shipping.offered(world.db, winner, 300, world.policy, world.now) == 0
    assert deliver(world, 1, winner).fee_fen == 300
    draws.expire_due(world.db, world.now)
    assert world.db.value("SELECT used_fen FROM free_days WHERE day = '2026-11-20'") == 0


@pytest.mark.parametrize("rules", [{"mode": "none"}, {"mode": "first_come"}, {"most_fen": 100}])
def test_a_win_is_honoured_whatever_the_rules_have_become(world: World, winner: int, rules: dict[str, object]) -> None:
    """D-3: the reader was told up to ¥5 until tomorrow; the money stands aside since the draw."""
    world.rule("free_shipping", **rules)
    assert free_shipping.offered(world.db, winner, 600, world.policy, world.now) == 500
    order = deliver(world, 6, winner)
    assert (order.fee_fen, order.free_fen) == (100, 500)
    assert world.db.value("SELECT state FROM draw_entries") == "used"
    assert budget(world).used_fen == 500
    audited(world)


# ---- whatever happens in whatever order ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_after_any_commands_every_fen_is_accounted_for(world: World, seed: int) -> None:
    """Entering, ordering, cancelling, drawing, sleeping, and the rule itself changing between the two ways."""
    chance = random.Random(seed)
    world.rule("free_shipping", daily_fen=chance.choice([0, 700, 1000, 2500]), use_hours=chance.choice([1, 5, 24]))
    people = [world.reader() for _ in range(6)]
    for _ in range(60):
        reader, deed = chance.choice(people), chance.choice("eeeooocdtttx")
        placed = orders.of_reader(world.db, reader)
        try:
            if deed == "e":
                draws.enter(world.db, reader, world.policy, world.now)
            elif deed == "o":
                deliver(world, chance.randint(1, 3), reader)
            elif deed == "c" and placed:
                world.step(chance.choice(placed), chance.choice(["cancel", "pick"]))
            elif deed == "x":
                world.rule("free_shipping", mode=chance.choice(["first_come", "windows", "windows"]))
            else:
                world.now += timedelta(hours=chance.randint(0, 7))
                drawing.draw_due(world.db, world.policy, world.now)
                draws.expire_due(world.db, world.now)
        except LendingError:
            pass
        audited(world)
