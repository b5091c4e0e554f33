"""From a number typed to a card that opens the account: every step, what is kept of it, and what two have in common."""

from __future__ import annotations

import re

import pytest

from lending import cards, duplicates, merging, notices, privacy, proofs, readers, retention
from lending.errors import UnknownThing
from lending.proofs import Claim
from tests.lending.world import World

KEY = b"a key of the tests"
NUMBER = "HZ-2026 0001 7342"


def card(number: str = NUMBER, kind: str = "library") -> Claim:
    found = proofs.claim(kind, number, KEY)
    assert found is not None
    return found


def opens(world: World, number: str = NUMBER) -> int:
    return cards.reader_of(world.db, number, KEY)[0].id


def told(world: World) -> str:
    """All that stands in the store, but for what chance writes: keyed digests, and the microseconds of migrations."""
    rows = {table: rows for table, rows in world.everything().items() if not table.startswith("_")}
    return re.sub("[0-9A-F]{32,}", "", str(rows).upper())


@pytest.mark.parametrize("number", ["", "123", "- -", "1" * 41])
def test_what_cannot_be_a_number_is_none(number: str) -> None:
    assert proofs.claim("library", number, KEY) is None


def test_a_proved_card_opens_the_account_and_only_its_end_is_kept(world: World) -> None:
    reader = world.reader()
    assert proofs.proven(world.db, reader, card(), "password", world.now) == "linked"
    assert opens(world) == reader
    kept = told(world)
    assert "HZ202600017342" not in kept and "7342" not in kept and "'TAIL': '42'" in kept
    assert proofs.proven(world.db, reader, card(), "password", world.now) == "already"
    assert world.told(reader, "card_proof") == [("card_proof", "linked", "waiting")]


STEPS = [
    ("face", ["yes"], "linked"), ("face", ["no"], "declined"), ("face", ["cannot_tell"], "desk"),
    ("face", ["cannot_tell", "yes"], "linked"), ("face", ["withdraw"], "withdrawn"),
    ("desk", ["yes"], "linked"), ("desk", ["no"], "declined"), ("desk", ["withdraw"], "withdrawn"),
    ("desk", ["lapse"], "lapsed"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "said", "after"), STEPS)
def test_every_step(world: World, way: str, said: list[str], after: str) -> None:
    reader = world.reader()
    asked = proofs.ask(world.db, reader, card(), way, world.now, "receipt")
    assert [proofs.settle(world.db, asked, one, world.now) for one in said][-1] == after
    assert proofs.proof(world.db, asked).state == after
    kept = world.db.value("SELECT digest FROM proofs WHERE id = :id", id=asked)
    assert bool(kept) == (after in proofs.HASHED)
    assert bool(cards.of_reader(world.db, reader)) == (after == "linked")


def test_a_step_that_comes_too_late_changes_nothing(world: World) -> None:
    asked = proofs.ask(world.db, world.reader(), card(), "desk", world.now)
    assert proofs.settle(world.db, asked, "no", world.now, "小陈") == "declined"
    before = world.everything()
    assert proofs.settle(world.db, asked, "yes", world.now, "小林") == ""
    assert proofs.settle(world.db, 999, "yes", world.now) == ""
    assert world.everything() == before


def test_asked_twice_about_one_card_there_is_one_question(world: World) -> None:
    reader = world.reader()
    proofs.ask(world.db, reader, card(), "face", world.now, "receipt")
    proofs.ask(world.db, reader, card(), "desk", world.now)
    assert [(one.way, one.state) for one in proofs.of_reader(world.db, reader)] == [
        ("desk", "desk"), ("face", "withdrawn"),
    ]  # fmt: skip
    assert len(proofs.waiting(world.db)) == 1


def test_a_verifier_that_never_answers_is_no_no(world: World) -> None:
    """After the policy's minutes a librarian looks; what nobody could settle ends."""
    world.rule("credentials", face_minutes=45, request_days=20)
    reader = world.reader()
    asked = proofs.ask(world.db, reader, card(), "face", world.now, "receipt")
    world.later(minutes=44)
    assert proofs.tick(world.db, world.policy, world.now) == 0
    world.later(minutes=1)
    assert proofs.tick(world.db, world.policy, world.now) == 1
    assert proofs.proof(world.db, asked).state == "desk"
    world.later(days=19)
    assert proofs.tick(world.db, world.policy, world.now) == 0
    world.later(days=1)
    assert proofs.tick(world.db, world.policy, world.now) == 1
    assert proofs.proof(world.db, asked).state == "lapsed"
    assert proofs.tick(world.db, world.policy, world.now) == 0


def test_a_card_proved_by_two_is_refused_and_seen(world: World) -> None:
    """Whoever comes second hears so only after proving it; a librarian sees both (A1-20)."""
    first, second = world.reader(), world.reader()
    proofs.proven(world.db, first, card(), "password", world.now)
    assert proofs.proven(world.db, second, card("hz2026-00017342"), "password", world.now) == "taken"
    assert opens(world) == first and cards.of_reader(world.db, second) == []
    pair = duplicates.same_card(world.db)[0]
    names = tuple(readers.reader(world.db, one).number for one in (first, second))
    assert (pair.older, pair.newer, pair.tail) == (*names, "42")
    merging.merge(world.db, first, second, world.policy, world.now)
    assert duplicates.same_card(world.db) == []


def test_an_unproved_number_tells_nobody_whose_it_is(world: World) -> None:
    first, second = world.reader(), world.reader()
    proofs.proven(world.db, first, card(), "password", world.now)
    asked = proofs.ask(world.db, second, card(), "desk", world.now)
    assert duplicates.same_card(world.db) == []
    assert proofs.settle(world.db, asked, "yes", world.now, "小陈") == "taken"
    assert len(duplicates.same_card(world.db)) == 1


def test_a_removed_card_opens_nothing_and_may_be_proved_by_another(world: World) -> None:
    first, second = world.reader(), world.reader()
    proofs.proven(world.db, first, card(), "password", world.now)
    mark = cards.of_reader(world.db, first)[0]["mark"]
    with pytest.raises(UnknownThing):
        proofs.remove(world.db, second, mark, world.now)
    assert proofs.remove(world.db, first, mark, world.now).state == "removed"
    assert cards.of_reader(world.db, first) == []
    assert proofs.proven(world.db, second, card(), "password", world.now) == "linked"


def test_a_kiosk_card_can_be_removed_too(world: World) -> None:
    reader = world.reader()
    number = cards.issue(world.db, reader, KEY, world.now)
    gone = proofs.remove(world.db, reader, cards.of_reader(world.db, reader)[0]["mark"], world.now)
    assert (gone.kind, gone.state) == ("kiosk", "removed")
    with pytest.raises(UnknownThing):
        cards.reader_of(world.db, number, KEY)


def test_a_blocked_card_proved_again_opens_again(world: World) -> None:
    reader = world.reader()
    proofs.proven(world.db, reader, card(), "password", world.now)
    cards.block(world.db, NUMBER, KEY, world.now)
    assert proofs.proven(world.db, reader, card(), "password", world.now) == "linked"
    assert not cards.reader_of(world.db, NUMBER, KEY)[1]


def test_only_ones_own_question_can_be_withdrawn(world: World) -> None:
    first, second = world.reader(), world.reader()
    asked = proofs.ask(world.db, first, card(), "desk", world.now)
    assert not proofs.withdraw(world.db, second, asked, world.now)
    assert proofs.withdraw(world.db, first, asked, world.now)
    assert not proofs.withdraw(world.db, first, asked, world.now)


def test_joined_records_ask_once(world: World) -> None:
    kept, gone = world.reader(), world.reader()
    proofs.ask(world.db, kept, card(), "desk", world.now)
    proofs.ask(world.db, gone, card(), "desk", world.now)
    proofs.ask(world.db, gone, card("A9 0001"), "face", world.now, "receipt")
    other = proofs.ask(world.db, gone, card("B9 0001"), "desk", world.now)
    merging.merge(world.db, kept, gone, world.policy, world.now)
    assert [one.state for one in proofs.of_reader(world.db, kept)].count("desk") == 2
    assert proofs.proof(world.db, other).reader_id == kept


def test_what_is_over_goes_and_what_stands_for_a_card_stays(world: World) -> None:
    reader = world.reader()
    proofs.proven(world.db, reader, card(), "password", world.now)
    asked = proofs.ask(world.db, reader, card("A9 0001"), "desk", world.now)
    proofs.settle(world.db, asked, "no", world.now, "小陈")
    world.later(days=130)
    assert retention.over(world.db, world.policy, world.now)["proofs"] == 1
    retention.clear(world.db, world.policy, world.now)
    assert [one.state for one in proofs.of_reader(world.db, reader)] == ["linked"]
    assert retention.over(world.db, world.policy, world.now)["proofs"] == 0


def test_forgetting_a_reader_forgets_their_proofs(world: World) -> None:
    reader = world.reader()
    proofs.proven(world.db, reader, card(), "password", world.now)
    shown = privacy.everything(world.db, reader)
    assert shown["proofs"][0]["tail"] == "42" and "digest" not in shown["proofs"][0]
    privacy.forget(world.db, reader)
    assert proofs.of_reader(world.db, reader) == [] and not notices.waiting(world.db, world.now, reader_id=reader)
