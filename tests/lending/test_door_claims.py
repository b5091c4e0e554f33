"""柜门没开, 放进去没记上 (D-13): nothing runs out, the reader's code and pictures count, a librarian sees to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import claims, closings, door_claims, door_codes, evidence, loans, locker_reports, orders, uncollected
from lending.door_codes import CodeTaken, Visit
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState as S
from lending.model import library_day
from lending.orders import Order
from tests.lending.world import World

MASTER = b"a key for tests"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def waiting(world: World, reader: int) -> Order:
    locker = world.locker("a", S=2)
    return world.step(world.order(reader, world.book("甲"), way="locker", at=locker), "pick", "pack", "load")


def visit(world: World, seq: int = 1, locker: str = "a") -> Visit:
    code = door_codes.sign(door_codes.key_of(MASTER, locker), locker, seq, world.now)
    return door_codes.read(world.db, code, MASTER, world.now)


def test_what_was_said_of_a_door_is_over_once_it_is_unloaded(world: World) -> None:
    """Loaded anew, the days stood still for a claim of the time before."""
    reader = world.reader()
    order = waiting_by_hand(world, reader)
    door_claims.claim(world.db, reader, order.number, "打不开", world.now)
    assert door_claims.stopped(world.db, order.id)
    world.step(order, "unload", actor="staff:li")
    assert door_claims.open_ones(world.db) == []
    world.later(minutes=5)
    order = world.step(order, "load", actor="staff:li")
    assert not door_claims.stopped(world.db, order.id) and door_claims.open_ones(world.db) == []
    world.later(days=30)
    world.tick()
    assert orders.by_number(world.db, order.number).state is not S.IN_LOCKER, "its days run out as others' do"
    again = waiting_by_hand(world, reader, "乙")
    assert door_claims.claim(world.db, reader, again.number, "又打不开", world.now).number == again.number


def waiting_by_hand(world: World, reader: int, title: str = "甲") -> Order:
    """Pressed as loaded by a librarian, who may take it back for a while."""
    locker = world.locker(f"of{title}", S=2)
    order = world.step(world.order(reader, world.book(title), way="locker", at=locker), "pick", "pack")
    return world.step(order, "load", actor="staff:li")


# ---- the code --------------------------------------------------------------------------------------------------------


def test_a_code_says_which_locker_when_and_which_report(world: World) -> None:
    point = world.locker("g1", S=1)
    code = door_codes.sign(door_codes.key_of(MASTER, "g1"), "g1", 27, world.now)
    assert code.startswith("G1-27-") and door_codes.code_in(f"屏幕上写着 {code.lower()}。") == code
    found = door_codes.read(world.db, code, MASTER, world.now)
    assert (found.point_id, found.seq, found.at) == (point, 27, world.now.replace(second=0, microsecond=0))


@pytest.mark.parametrize("spoil", ["seq", "letter", "key", "other", "nowhere"])
def test_a_code_that_no_locker_of_ours_made_says_nothing(world: World, spoil: str) -> None:
    world.locker("g1", S=1)
    world.locker("g2", S=1)
    key, locker = door_codes.key_of(b"another" if spoil == "key" else MASTER, "g1"), "g1"
    code = door_codes.sign(key, {"other": "g2", "nowhere": "g9"}.get(spoil, locker), 27, world.now)
    if spoil == "nowhere":
        code = door_codes.sign(door_codes.key_of(MASTER, "g9"), "g9", 27, world.now)
    wrong = {"seq": code.replace("-27-", "-28-"), "letter": code[:-1] + ("2" if code[-1] != "2" else "3")}
    with pytest.raises(UnknownThing):
        door_codes.read(world.db, wrong.get(spoil, code), MASTER, world.now)


def test_a_machine_whose_clock_is_ahead_is_taken_at_our_time(world: World) -> None:
    world.locker("g1", S=1)
    early = world.now
    world.later(hours=2)
    code = door_codes.sign(door_codes.key_of(MASTER, "g1"), "g1", 1, world.now)
    assert door_codes.read(world.db, code, MASTER, early).at == early


# ---- the door stayed shut --------------------------------------------------------------------------------------------


def test_the_days_to_fetch_stop_while_the_door_is_said_to_be_shut(world: World) -> None:
    reader = world.reader()
    order = waiting(world, reader)
    claim = door_claims.claim(world.db, reader, order.number, "柜子没开", world.now)
    assert door_claims.claim(world.db, reader, order.number, "还是没开", world.now) == claim
    world.later(days=30)
    assert orders.expire_due(world.db, world.policy, world.now) == 0
    assert uncollected.remind(world.db, world.policy, world.now) == 0
    assert orders.by_number(world.db, order.number).state is S.IN_LOCKER


def test_a_closing_names_no_day_while_the_door_stays_shut(world: World) -> None:
    """The days stand still: the one that would be put off counts no more, and a new one is said with the door."""
    reader = world.reader()
    order = waiting(world, reader)
    claim = door_claims.claim(world.db, reader, order.number, "柜子没开", world.now)
    day = library_day(order.pickup_until or world.now)
    closings.declare(world.db, order.point_id, day, day, "检修", "馆员", world.policy, world.now)
    assert world.told(reader, "date_moved") == []
    door_claims.settle(world.db, claim.id, "mended", "馆员", world.policy, world.now)
    assert library_day(orders.by_number(world.db, order.number).pickup_until or world.now) == day + timedelta(days=1)


def test_a_closing_taken_back_names_no_day_while_the_door_stays_shut(world: World) -> None:
    """Nor when the date had been put off before the reader stood before the door."""
    reader = world.reader()
    order = waiting(world, reader)
    day = library_day(order.pickup_until or world.now)
    special = closings.declare(world.db, order.point_id, day, day, "检修", "馆员", world.policy, world.now)
    before = world.told(reader, "date_moved")
    door_claims.claim(world.db, reader, order.number, "柜子没开", world.now)
    assert closings.take_back(world.db, special, "馆员", world.policy, world.now) == 0
    assert world.told(reader, "date_moved") == before and len(before) == 1


def test_mended_the_days_begin_anew_and_the_reader_is_told(world: World) -> None:
    reader = world.reader()
    order = waiting(world, reader)
    claim = door_claims.claim(world.db, reader, order.number, "柜子没开", world.now)
    world.later(days=9)
    door_claims.settle(world.db, claim.id, "mended", "馆员", world.policy, world.now)
    now_until = orders.by_number(world.db, order.number).pickup_until
    assert now_until and now_until > world.now and door_claims.open_ones(world.db) == []
    assert world.told(reader, "door_mended")
    world.later(days=30)
    assert orders.expire_due(world.db, world.policy, world.now) == 1
    with pytest.raises(UnknownThing):
        door_claims.settle(world.db, claim.id, "mended", "馆员", world.policy, world.now)


def test_nobody_is_reminded_the_day_the_door_is_mended(world: World) -> None:
    """B4: the hours count from then, as the days do."""
    reader = world.reader()
    claim = door_claims.claim(world.db, reader, waiting(world, reader).number, "柜子没开", world.now)
    world.later(days=9)
    door_claims.settle(world.db, claim.id, "mended", "馆员", world.policy, world.now)
    assert uncollected.remind(world.db, world.policy, world.now) == 0
    assert uncollected.to_call(world.db, world.policy, world.now) == []
    world.later(hours=world.policy.lockers.call_hours)
    assert len(uncollected.to_call(world.db, world.policy, world.now)) == 1


def test_moved_the_order_goes_on_to_the_counter(world: World) -> None:
    world.branch()
    reader = world.reader()
    order = waiting(world, reader)
    claim = door_claims.claim(world.db, reader, order.number, "", world.now)
    door_claims.settle(world.db, claim.id, "moved", "馆员", world.policy, world.now)
    assert orders.by_number(world.db, order.number).state is S.AT_COUNTER
    assert [step for _, step, _ in world.told(reader, "order_moved")][-1] == "move_on"


def test_only_ones_own_order_in_a_locker(world: World) -> None:
    reader, other = world.reader(), world.reader()
    order = waiting(world, reader)
    with pytest.raises(UnknownThing):
        door_claims.claim(world.db, other, order.number, "", world.now)
    claim = door_claims.claim(world.db, reader, order.number, "", world.now)
    with pytest.raises(UnknownThing):
        door_claims.mine(world.db, claim.id, other)
    world.step(order, "collect")
    assert door_claims.open_ones(world.db) == [], "the door opened after all"
    with pytest.raises(CannotChange):
        door_claims.claim(world.db, reader, order.number, "", world.now)


# ---- put in and not written down -------------------------------------------------------------------------------------


def test_a_signed_code_stops_the_clock_as_of_the_visit(world: World) -> None:
    world.locker("a", S=1)
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("甲"))
    world.later(days=2)
    there = visit(world)
    world.later(hours=5)
    claims.claim(world.db, reader, loan.id, "我放进去了", world.policy, world.now)
    claims.prove(world.db, reader, loan.id, there)
    claims.prove(world.db, reader, loan.id, there)
    assert loans.loan(world.db, loan.id, reader).stopped_at == there.at
    (proof,) = door_codes.of(world.db, "check", claims.open_checks(world.db)[0].id)
    assert (proof["seq"], proof["event"]) == (1, None), "the machine has not told of it"


def test_a_code_from_before_the_loan_moves_nothing(world: World) -> None:
    world.locker("a", S=1)
    reader, there = world.reader(), visit(world)
    world.later(days=1)
    (loan,) = world.lend(reader, world.book("甲"))
    world.later(days=1)
    claims.claim(world.db, reader, loan.id, "", world.policy, world.now)
    claims.prove(world.db, reader, loan.id, there)
    assert loans.loan(world.db, loan.id, reader).stopped_at == world.now


def test_one_visit_proves_one_readers_claims_only(world: World) -> None:
    world.locker("a", S=1)
    reader, other = world.reader(), world.reader()
    mine, more = world.lend(reader, world.book("甲"), world.book("乙"))
    (theirs,) = world.lend(other, world.book("丙"))
    world.later(hours=1)
    for who, loan in ((reader, mine), (reader, more), (other, theirs)):
        claims.claim(world.db, who, loan.id, "", world.policy, world.now)
    claims.prove(world.db, reader, mine.id, visit(world))
    claims.prove(world.db, reader, more.id, visit(world))
    with pytest.raises(CodeTaken):
        claims.prove(world.db, other, theirs.id, visit(world))


def test_when_the_machine_tells_at_last_the_claim_is_right_by_itself(world: World) -> None:
    """D-13: the report of that number comes late; the book is back as of the visit, nobody has to decide."""
    world.locker("a", S=1)
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("甲"))
    world.later(days=1)
    there = visit(world)
    claims.claim(world.db, reader, loan.id, "", world.policy, world.now)
    claims.prove(world.db, reader, loan.id, there)
    check = claims.open_checks(world.db)[0]
    world.later(hours=9)
    facts = {"barcode": loan.barcode, "box": "S01"}
    locker_reports.hear(world.db, "a", 1, "returned", facts, there.at, world.policy, world.now)
    assert claims.open_checks(world.db) == [] and loans.of_reader(world.db, reader) == []
    assert door_codes.of(world.db, "check", check.id)[0]["event"] == "returned"


def test_pictures_go_some_days_after_the_end(world: World) -> None:
    reader = world.reader()
    order = waiting(world, reader)
    (loan,) = world.lend(reader, world.book("乙"))
    claims.claim(world.db, reader, loan.id, "", world.policy, world.now)
    check, claim = (
        claims.of_loan(world.db, reader, loan.id),
        door_claims.claim(world.db, reader, order.number, "", world.now),
    )
    for about, number in (("check", check.id), ("door", claim.id)):
        evidence.add(world.db, about, number, reader, PNG, world.policy, world.now)
    world.later(days=world.policy.cases.photo_days + 1)
    assert [part.forget_old_photos(world.db, world.policy, world.now) for part in (claims, door_claims)] == [0, 0]
    world.give_back(loan)
    world.step(order, "collect")
    world.later(days=world.policy.cases.photo_days + 1)
    assert [part.forget_old_photos(world.db, world.policy, world.now) for part in (claims, door_claims)] == [1, 1]


def test_a_new_machines_visit_is_not_that_of_the_old_one_with_its_number(world: World) -> None:
    """It counts from 1 again: neither has somebody else shown this code, nor has the machine told of it."""
    world.locker("a", S=1)
    (first,), (second,) = (world.lend(world.reader(), world.book(title)) for title in "甲乙")
    world.later(hours=1)
    for run, loan in enumerate((first, second)):
        claims.claim(world.db, loan.reader_id, loan.id, "", world.policy, world.now)
        claims.prove(world.db, loan.reader_id, loan.id, visit(world))
        checks = claims.open_checks(world.db)
        assert door_codes.of(world.db, "check", checks[-1].id)[0]["event"] is None
        locker_reports.hear(world.db, "a", 1, "alive", {}, world.now, world.policy, world.now, run)
        assert [len(door_codes.of(world.db, "check", check.id)) for check in checks] == [1] * (run + 1)
        assert door_codes.of(world.db, "check", checks[-1].id)[0]["event"] == "alive"
        world.later(days=9)
