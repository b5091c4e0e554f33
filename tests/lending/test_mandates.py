"""One reader acts for another: by a code and both consents, within the scopes, until either says no (D-12, A10-3)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from lending import mandates, merging, notices, privacy, retention
from lending.errors import UnknownThing
from lending.mandates import CannotMandate, Mandate
from lending.scopes import MATRIX, OFFERED, SCOPES, NotInScope, allows
from tests.lending.world import World

KEY = b"k" * 32
ALLOWED = {  # the whole matrix once more, by hand: scope → what it reaches
    "collect": {"see_ready", "fetch_code", "receive"},
    "return": {"see_loans", "renew", "give_back"},
    "borrow": {"see_ready", "see_orders", "see_holds", "order", "hold"},
    "see": {"see_ready", "see_loans", "see_orders", "see_holds"},
    "address": {"use_address"},
    "care": {"see_record", "attend", "care"},
}


def give(world: World, grantor: int, proxy: int, *scopes: str) -> Mandate:
    """The whole way: code, yes, last word."""
    code, _ = mandates.offer(world.db, grantor, "mother", scopes, KEY, world.policy, world.now)
    accepted = mandates.accept(world.db, proxy, digits(code), KEY, world.policy, world.now)
    return mandates.confirm(world.db, grantor, accepted.id, world.policy, world.now)


def digits(code: str) -> str:
    return code.removeprefix("SQ").replace(" ", "")


@pytest.mark.parametrize("act", [*MATRIX, "nobody thought of it"])
@pytest.mark.parametrize("scope", SCOPES)
def test_the_matrix_allows_this_and_nothing_else(scope: str, act: str) -> None:
    """D-12: permission matrix tests."""
    assert allows([scope], act) == (act in ALLOWED[scope])


@pytest.mark.parametrize("act", MATRIX)
@pytest.mark.parametrize("scope", OFFERED)
def test_a_standing_mandate_covers_what_the_matrix_says(world: World, scope: str, act: str) -> None:
    mother, son = world.reader(), world.reader()
    given = give(world, mother, son, scope)
    if act in ALLOWED[scope]:
        assert mandates.require(world.db, son, mother, act, world.now) == given
    else:
        with pytest.raises(NotInScope):
            mandates.require(world.db, son, mother, act, world.now)
    with pytest.raises(UnknownThing):
        mandates.require(world.db, mother, son, act, world.now)  # it leads one way only


def test_nobody_gives_what_only_a_guardian_has(world: World) -> None:
    given = give(world, world.reader(), world.reader(), "see", "care", "everything")
    assert given.scopes == ("see",)
    with pytest.raises(UnknownThing):
        mandates.offer(world.db, world.reader(), "mother", ["care"], KEY, world.policy, world.now)


def test_a_code_alone_opens_nothing(world: World) -> None:
    """Both consent: the one with the code, and once more the one who gave it."""
    mother, son = world.reader(), world.reader()
    code, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    assert mandates.between(world.db, son, mother, world.now) is None
    accepted = mandates.accept(world.db, son, digits(code), KEY, world.policy, world.now)
    assert mandates.between(world.db, son, mother, world.now) is None
    assert world.told(mother, "mandate") == [("mandate", "accepted", "waiting")]
    with pytest.raises(UnknownThing):
        mandates.confirm(world.db, son, accepted.id, world.policy, world.now)
    mandates.confirm(world.db, mother, accepted.id, world.policy, world.now)
    assert mandates.between(world.db, son, mother, world.now)
    with pytest.raises(CannotMandate):
        mandates.accept(world.db, world.reader(), digits(code), KEY, world.policy, world.now)


def test_a_code_dies_by_age_and_by_the_next_one(world: World) -> None:
    mother, son = world.reader(), world.reader()
    first, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    second, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    with pytest.raises(CannotMandate):
        mandates.look(world.db, son, digits(first), KEY, world.policy, world.now)
    world.later(minutes=world.policy.codes.minutes, seconds=1)
    with pytest.raises(CannotMandate):
        mandates.look(world.db, son, digits(second), KEY, world.policy, world.now)
    assert digits(first) not in str(world.everything()) and digits(second) not in str(world.everything())


def test_codes_are_not_to_be_guessed(world: World) -> None:
    mother, stranger = world.reader(), world.reader()
    code, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    wrong = f"{(int(digits(code)) + 1) % 10**8:08d}"
    for _n in range(world.policy.codes.tries_a_day):
        with pytest.raises(CannotMandate) as caught:
            mandates.look(world.db, stranger, wrong, KEY, world.policy, world.now)
        assert caught.value.reason == "code"
    with pytest.raises(CannotMandate) as caught:
        mandates.look(world.db, stranger, digits(code), KEY, world.policy, world.now)
    assert caught.value.reason == "tries"


def test_nobody_gives_to_themselves_or_to_more_than_the_policy_says(world: World) -> None:
    mother = world.reader()
    code, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    with pytest.raises(CannotMandate) as caught:
        mandates.look(world.db, mother, digits(code), KEY, world.policy, world.now)
    assert caught.value.reason == "own"
    for _n in range(world.policy.family.most):
        give(world, mother, world.reader(), "see")
    with pytest.raises(CannotMandate) as caught:
        mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
    assert caught.value.facts() == {"reason": "most", "number": world.policy.family.most}


@pytest.mark.parametrize("by_giver", [True, False])
def test_either_side_ends_it_at_once_and_the_other_is_told(world: World, by_giver: bool) -> None:
    mother, son = world.reader(), world.reader()
    given = give(world, mother, son, "see")
    who, other = (mother, son) if by_giver else (son, mother)
    mandates.revoke(world.db, who, given.id, world.now)
    with pytest.raises(UnknownThing):
        mandates.require(world.db, son, mother, "see_loans", world.now)
    assert ("mandate", "revoked", "waiting") in world.told(other, "mandate")
    with pytest.raises(UnknownThing):
        mandates.revoke(world.db, who, given.id, world.now)


def test_a_stranger_ends_nothing(world: World) -> None:
    mother, son = world.reader(), world.reader()
    given = give(world, mother, son, "see")
    with pytest.raises(UnknownThing):
        mandates.revoke(world.db, world.reader(), given.id, world.now)
    assert mandates.between(world.db, son, mother, world.now)


def test_it_ends_by_itself_after_the_policys_days_and_both_are_told(world: World) -> None:
    mother, son = world.reader(), world.reader()
    give(world, mother, son, "see")
    world.later(days=world.policy.family.mandate_days, seconds=-1)
    assert mandates.between(world.db, son, mother, world.now)
    world.later(seconds=1)
    assert mandates.between(world.db, son, mother, world.now) is None  # even before any tick
    assert mandates.expire_due(world.db, world.now) == 1
    assert mandates.expire_due(world.db, world.now) == 0
    for reader in (mother, son):
        assert ("mandate", "expired", "waiting") in world.told(reader, "mandate")


def test_a_new_mandate_takes_the_place_of_the_old_one(world: World) -> None:
    mother, son = world.reader(), world.reader()
    give(world, mother, son, "see", "borrow")
    give(world, mother, son, "collect")
    with pytest.raises(NotInScope):
        mandates.require(world.db, son, mother, "order", world.now)
    assert len(mandates.of_reader(world.db, mother, world.now)) == 1


def test_declined_and_withdrawn_lead_nowhere(world: World) -> None:
    mother, son = world.reader(), world.reader()
    for end, who in ((mandates.decline, son), (mandates.withdraw, mother)):
        code, _ = mandates.offer(world.db, mother, "mother", ["see"], KEY, world.policy, world.now)
        accepted = mandates.accept(world.db, son, digits(code), KEY, world.policy, world.now)
        end(world.db, who, accepted.id, world.now)
        with pytest.raises(UnknownThing):
            mandates.confirm(world.db, mother, accepted.id, world.policy, world.now)


def test_two_records_becoming_one_take_their_mandates_along(world: World) -> None:
    """What stood between the two ends; the same helper twice is one helper."""
    mother, son, friend = world.reader(), world.reader(), world.reader()
    second = world.reader("ladder")
    give(world, mother, son, "see")
    give(world, second, son, "borrow")
    give(world, second, friend, "collect")
    give(world, mother, second, "see")
    merging.merge(world.db, mother, second, world.policy, world.now)
    standing = {(one.proxy_id, one.scopes) for one in mandates.of_reader(world.db, mother, world.now)}
    assert standing == {(son, ("see",)), (friend, ("collect",))}


def test_whoever_is_forgotten_acts_for_nobody(world: World) -> None:
    """A11-5."""
    mother, son = world.reader(), world.reader()
    give(world, mother, son, "see")
    privacy.forget(world.db, son)
    assert mandates.of_reader(world.db, mother, world.now) == []
    assert world.db.value("SELECT COUNT(*) FROM mandates") == 0


def test_what_ended_long_ago_is_cleared(world: World) -> None:
    mother, son = world.reader(), world.reader()
    given = give(world, mother, son, "see")
    mandates.revoke(world.db, mother, given.id, world.now)
    assert retention.clear(world.db, world.policy, world.now)["mandates"] == 0
    long_after = world.now + timedelta(days=world.policy.privacy.borrowed_days + 32)
    assert retention.clear(world.db, world.policy, long_after)["mandates"] == 1


def test_a_mandate_is_among_everything_of_both(world: World) -> None:
    mother, son = world.reader(), world.reader()
    give(world, mother, son, "see")
    for reader in (mother, son):
        assert [row["scopes"] for row in privacy.everything(world.db, reader)["mandates"]] == ["see"]


def test_a_notice_names_the_mandate(world: World) -> None:
    mother, son = world.reader(), world.reader()
    given = give(world, mother, son, "see")
    told = notices.waiting(world.db, world.now, reader_id=son)
    assert [(one.event, one.step, one.facts) for one in told] == [("mandate", "active", {"mandate": given.id})]


@pytest.mark.parametrize(("confirm_hours", "waits"), [(24, True), (2, False)])
def test_how_long_the_last_word_is_waited_for_the_rules_say(world: World, confirm_hours: int, waits: bool) -> None:
    world.rule("family", confirm_hours=confirm_hours)
    mother, son = world.reader(), world.reader()
    code, _ = mandates.offer(world.db, mother, "mother", ("collect",), KEY, world.policy, world.now)
    accepted = mandates.accept(world.db, son, digits(code), KEY, world.policy, world.now)
    world.later(hours=3)
    with nullcontext() if waits else pytest.raises(UnknownThing):
        mandates.confirm(world.db, mother, accepted.id, world.policy, world.now)
