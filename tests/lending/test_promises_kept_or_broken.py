"""Promises recorded with each order, kept or broken in sight, a broken one paid for once (D-1, A1-16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import credit, desk, orders, promises
from lending.orders import Order
from lending.promises import Promise
from tests.lending.world import World


def of(world: World, order: Order) -> dict[str, Promise]:
    return {one.name: one for one in promises.of_order(world.db, orders.by_number(world.db, order.number))}


def tick(world: World) -> int:
    return promises.notice_broken(world.db, world.policy, world.now)


def test_an_order_by_rule_is_promised_packed_and_ready(world: World) -> None:
    promised = of(world, world.order(world.reader(), *world.books(1)))
    assert set(promised) == {"pack", "ready"}
    assert promised["pack"].by == world.now + timedelta(hours=world.policy.promise.pack_hours), "ten in the morning"
    assert promised["ready"].by == desk.ready_by(world.policy, world.now)
    assert not any(one.broken or one.met_at for one in promised.values())


def test_an_order_for_a_person_is_promised_an_answer_and_the_rest_with_it(world: World) -> None:
    """E1-10."""
    order = world.order(world.reader(), *world.books(6))
    assert {name: one.by for name, one in of(world, order).items()} == {
        "review": desk.review_by(world.policy, world.now)
    }
    world.later(hours=1)
    promised = of(world, world.step(order, "approve"))
    assert list(promised) == ["review", "pack", "ready"]
    assert promised["review"].met_at == world.now and not promised["review"].broken
    assert promised["ready"].by == desk.ready_by(world.policy, world.now)


def test_kept_promises_cost_nothing(world: World) -> None:
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(1)), "pick", "pack", "shelve")
    world.later(days=30)
    assert tick(world) == 0
    assert all(one.met_at and not one.broken for one in of(world, order).values())
    assert world.told(reader, "promise_broken") == []


def test_a_late_pack_gives_points_and_an_apology_once_however_often_the_clock_ticks(world: World) -> None:
    """D-1, B2-4."""
    reader = world.reader()
    order = world.order(reader, *world.books(1))
    before = credit.balance(world.db, reader)
    world.now = order.pack_by or world.now
    assert tick(world) == 0, "the last second counts"
    world.later(seconds=1)
    assert (tick(world), tick(world)) == (1, 0)
    gift = world.policy.ledger.rule("promise_broken").delta
    assert credit.balance(world.db, reader) == before + gift
    assert of(world, order)["pack"] == Promise("pack", order.pack_by or world.now, None, True, gift, 0)
    assert [step for _, step, _ in world.told(reader, "promise_broken")] == ["pack"]
    assert not orders.promise_kept(order, world.now), "the staff page shows it late"


def test_an_order_not_ready_in_time_is_delivered_free(world: World) -> None:
    """D-1: by policy."""
    reader = world.reader()
    order = world.step(world.order(reader, *world.books(4), way="delivery"), "pick", "pack")
    assert order.fee_fen == 400
    world.now = order.promised_at
    world.later(seconds=1)
    assert tick(world) == 1
    assert orders.by_number(world.db, order.number).fee_fen == 0
    assert of(world, order)["ready"].waived_fen == 400
    assert of(world, world.step(order, "ship"))["ready"].broken, "late stays late"


def test_a_library_that_gives_nothing_only_apologises(world: World) -> None:
    world.rule("promise", waive_fee_when_late=False)
    rules = tuple(rule for rule in world.policy.ledger.rules if rule.event != "promise_broken")
    world.rule("ledger", rules=rules)
    reader = world.reader()
    order = world.order(reader, *world.books(1), way="delivery")
    world.later(days=9)
    assert tick(world) == 2
    assert (of(world, order)["ready"].points, of(world, order)["ready"].waived_fen) == (0, 0)
    assert orders.by_number(world.db, order.number).fee_fen == order.fee_fen
    assert len(world.told(reader, "promise_broken")) == 2


def test_a_review_past_its_clock_is_known_and_told(world: World) -> None:
    """E1-10: the person has a clock too."""
    reader = world.reader()
    order = world.order(reader, *world.books(6))
    world.now = order.promised_at
    world.later(minutes=1)
    assert not orders.promise_kept(order, world.now)
    assert tick(world) == 1 and of(world, order)["review"].broken
    assert [step for _, step, _ in world.told(reader, "promise_broken")] == ["review"]
    assert set(of(world, world.step(order, "refuse"))) == {"review"}


@pytest.mark.parametrize("step", ["pick", "cancel"])
def test_what_was_late_between_two_ticks_is_not_forgotten(world: World, step: str) -> None:
    reader = world.reader()
    order = world.order(reader, *world.books(1))
    world.later(days=2)
    world.step(order, step)
    assert {name for name, one in of(world, order).items() if one.broken} == {"pack", "ready"}
    assert tick(world) == 0


def test_a_cancelled_order_has_no_promise_left_to_break(world: World) -> None:
    reader = world.reader()
    order = world.order(reader, *world.books(1))
    orders.cancel(world.db, order.number, reader, world.policy, world.now)
    world.later(days=9)
    assert tick(world) == 0


def test_packed_is_never_promised_for_later_than_ready(world: World) -> None:
    for hours in range(24 * 8):
        moment = world.now.replace(minute=59)
        world.rule("promise", pack_hours=1 + hours % 12)
        ready = desk.ready_by(world.policy, moment)
        assert promises.pack_by(world.policy, moment, ready) <= ready
        world.later(hours=1)


def test_packed_late_pays_points_and_only_ready_late_frees_of_the_fee(world: World) -> None:
    """D-1: the fee is given back for books that are not ready in time, not for a step the reader does not see."""
    order = world.order(world.reader(), *world.books(1), way="delivery")
    assert order.pack_by is not None and order.pack_by < order.promised_at
    world.now = order.pack_by + timedelta(minutes=1)
    promises.notice_broken(world.db, world.policy, world.now)
    (pack, _ready) = promises.of_order(world.db, orders.by_number(world.db, order.number))
    assert (pack.broken, pack.waived_fen, orders.by_number(world.db, order.number).fee_fen) == (True, 0, 300)
    world.now = order.promised_at + timedelta(minutes=1)
    promises.notice_broken(world.db, world.policy, world.now)
    assert orders.by_number(world.db, order.number).fee_fen == 0


def test_who_still_waits_hears_again_by_the_steps_of_the_rules_and_the_furthest_alone(world: World) -> None:
    """One apology, and then silence for as long as it took."""
    world.rule("promise", late_again_days=(2, 5, 10))
    reader = world.reader()
    order = world.order(reader, *world.books(1))

    def days_on(days: int) -> list[str]:
        world.now = order.promised_at + timedelta(days=days)
        world.later(seconds=1)
        tick(world)
        promises.say_again(world.db, world.policy, world.now)
        return [step for _, step, _ in world.told(reader, "still_late")]

    assert days_on(1) == [] and days_on(2) == ["late-2"] and days_on(3) == ["late-2"]
    assert days_on(12) == ["late-2", "late-10"], "a clock that slept over a step says the last only"
    assert days_on(40) == ["late-2", "late-10"]


def test_after_an_outage_one_apology_is_enough(world: World) -> None:
    """「没有备好，对不起」 and 「还是…晚了 3 天」 went out together, where the service had stood still (B2-5)."""
    world.rule("promise", late_again_days=(2, 5, 10))
    order = world.order(world.reader(), *world.books(1))
    world.now = order.promised_at + timedelta(days=3)
    tick(world)
    assert promises.say_again(world.db, world.policy, world.now) == 0
    world.later(days=1)
    assert promises.say_again(world.db, world.policy, world.now) == 0
    world.later(days=1)
    assert promises.say_again(world.db, world.policy, world.now) == 1, "the next step is said in its time"


def test_what_has_been_put_there_or_called_off_is_not_late_any_more(world: World) -> None:
    made = [world.order(world.reader(), *world.books(1)) for _ in range(2)]
    world.now = made[0].promised_at + timedelta(minutes=1)
    tick(world)
    world.step(made[0], "pick", "pack", "shelve")
    world.step(made[1], "cancel")
    world.later(days=20)
    assert promises.say_again(world.db, world.policy, world.now) == 0


def test_an_answer_that_does_not_come_is_spoken_of_again_too(world: World) -> None:
    order = world.order(world.reader(), *world.books(6))
    assert order.review_by
    world.now = order.review_by + timedelta(minutes=1)
    tick(world)
    world.later(days=3)
    assert promises.say_again(world.db, world.policy, world.now) == 1
    assert promises.say_again(world.db, world.policy, world.now) == 0
