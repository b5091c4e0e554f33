"""A code read out on the card's own telephone: for one proof, for a while, once, with few wrong ones (A3-32)."""

from __future__ import annotations

import pytest

from lending import cards, proof_codes, proofs
from lending.errors import UnknownThing
from tests.lending.world import World

KEY = b"a key of the tests"


def ask(world: World, reader: int, number: str = "HZ2026-00017342") -> int:
    card = proofs.claim("library", number, KEY)
    assert card is not None
    return proofs.ask(world.db, reader, card, "desk", world.now)


def give(world: World, asked: int) -> str:
    told = proof_codes.give(world.db, asked, KEY, world.policy, world.now)[0]
    code = proof_codes.code_in(told)
    assert len(code) == 8 and code not in str(world.everything())
    return code


def take(world: World, reader: int, code: str) -> str:
    return proof_codes.take(world.db, reader, code, KEY, world.policy, world.now)


def test_the_code_said_in_the_readers_chat_links_the_card_once(world: World) -> None:
    reader = world.reader()
    code = give(world, ask(world, reader))
    assert take(world, reader, code) == "linked" and len(cards.of_reader(world.db, reader)) == 1
    assert take(world, reader, code) == proof_codes.WRONG


def test_it_is_good_for_that_reader_and_that_card_only(world: World) -> None:
    reader, other = world.reader(), world.reader()
    code = give(world, ask(world, reader))
    ask(world, other)
    assert take(world, other, code) == proof_codes.WRONG
    assert take(world, reader, code) == "linked"


def test_it_does_not_live_long_and_a_new_one_ends_it(world: World) -> None:
    reader = world.reader()
    asked = ask(world, reader)
    first, second = give(world, asked), give(world, asked)
    assert first == second or take(world, reader, first) == proof_codes.WRONG
    world.later(minutes=world.policy.codes.minutes)
    assert take(world, reader, second) == proof_codes.WRONG


def test_guessing_ends_soon(world: World) -> None:
    reader = world.reader()
    code = give(world, ask(world, reader))
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    assert [take(world, reader, wrong) for _ in range(world.policy.codes.tries_a_day)][-1] == proof_codes.WRONG
    assert take(world, reader, code) == proof_codes.SPENT


def test_nothing_waits_no_code(world: World) -> None:
    asked = ask(world, world.reader())
    proofs.settle(world.db, asked, "no", world.now, "小陈")
    with pytest.raises(UnknownThing):
        proof_codes.give(world.db, asked, KEY, world.policy, world.now)


@pytest.mark.parametrize(
    ("said", "code"), [("HM 1234 5678", "12345678"), ("hm12345678", "12345678"), ("LJ 1234 5678", "")]
)
def test_a_code_is_known_by_its_letters(said: str, code: str) -> None:
    assert proof_codes.code_in(said) == code
