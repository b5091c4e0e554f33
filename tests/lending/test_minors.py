"""Children: a guardian consents first, no bureau ever, fewer books; on the day they are grown up it ends (D-12)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lending import checkouts, credit, decisions, loans, mandates, merging, minors, privacy
from lending.errors import NotAllowed
from lending.mandates import CannotMandate
from lending.merging import CannotMerge
from lending.minors import GuardianNeeded
from lending.model import start_of_day
from lending.next_steps import next_steps
from tests.lending.test_mandates import KEY, digits
from tests.lending.world import World

GROWN = date(2027, 3, 1)


def family(world: World, *agreed: str, standing: str = "new") -> tuple[int, int]:
    """A guardian and a child who is known as one."""
    parent, child = world.reader(), world.reader(standing)
    mandates.note_minor(world.db, child, GROWN, "staff:小信", world.now)
    mandates.appoint(world.db, child, parent, world.now)
    for what in agreed:
        minors.agree(world.db, child, parent, what, world.now)
    return parent, child


def codes(world: World, child: int, books: int = 1) -> dict[str, tuple[str, ...]]:
    decision = decisions.may_borrow(decisions.facts(world.db, child, world.now), books, world.policy)
    return {reason.code: reason.ways for reason in decision.reasons}


@pytest.mark.parametrize(
    ("born", "grown"),
    [
        ((2014, 5, 12), date(2032, 5, 12)),
        ((2014, 5, None), date(2032, 5, 31)),
        ((2008, 2, 29), date(2026, 2, 28)),
        ((2008, 2, None), date(2026, 2, 28)),
    ],
)
def test_only_the_day_of_coming_of_age_is_reckoned(
    world: World, born: tuple[int, int, int | None], grown: date
) -> None:
    """民法典 第17条; without a day of birth the last of the month counts."""
    assert minors.comes_of_age(*born, world.policy) == grown


def test_without_consent_nothing_is_lent_and_the_way_out_is_named(world: World) -> None:
    parent, child = family(world)
    assert codes(world, child) == {"guardian": ("ask_guardian", "escalate")}
    with pytest.raises(NotAllowed):
        world.order(child, *world.books(1))
    (title,) = world.books(1)
    barcode = world.db.value("SELECT barcode FROM copies WHERE title_id = :t", t=title)
    with pytest.raises(NotAllowed):
        checkouts.check_out(world.db, barcode, child, world.policy, world.now)
    minors.agree(world.db, child, parent, "borrow", world.now)
    assert codes(world, child) == {}
    assert len(world.lend(child, *world.books(1))) == 1


def test_a_child_is_never_asked_of_the_bureau(world: World) -> None:
    """Not even with every consent there is."""
    _, child = family(world, "borrow", "more")
    with pytest.raises(GuardianNeeded) as caught:
        credit.consent(world.db, child, world.policy, world.now)
    assert caught.value.what == "bureau"
    assert world.db.value("SELECT COUNT(*) FROM credit_checks") == 0


def test_what_a_bureau_said_goes_when_the_reader_turns_out_to_be_a_child(world: World) -> None:
    child = world.reader("new")
    check = credit.consent(world.db, child, world.policy, world.now)
    credit.record_verdict(world.db, check.token, credit.Verdict.YES, "ref", world.now)
    minors.note(world.db, child, GROWN, "reader", world.now)
    assert world.db.one("SELECT verdict, reference FROM credit_checks") == {"verdict": None, "reference": ""}
    assert world.db.value("SELECT standing FROM readers WHERE id = :r", r=child) == "ladder"


def test_a_childs_limit_is_the_policys(world: World) -> None:
    world.rule("minors", limit=3)
    _, child = family(world, "borrow")
    with world.store.writing() as db:
        db.run("UPDATE readers SET standing = 'trusted' WHERE id = :r", r=child)
    assert decisions.limit(decisions.facts(world.db, child, world.now), world.policy) == (3, None)
    world.lend(child, *world.books(3))
    assert set(codes(world, child)) == {"limit"}


def test_a_child_climbs_the_ladder_no_further_than_its_limit(world: World) -> None:
    world.rule("minors", limit=3)
    _, child = family(world, "borrow")
    asked = decisions.facts(world.db, child, world.now)
    here, above = decisions.limit(asked, world.policy)
    assert here == 2 and above and above.limit == 3
    (step,) = [one for one in next_steps(asked, world.policy) if one.code == "climb"]
    assert step.numbers["limit"] == 3
    with world.store.writing() as db:
        db.run("UPDATE readers SET on_time_before = 2 WHERE id = :r", r=child)
    asked = decisions.facts(world.db, child, world.now)
    assert decisions.limit(asked, world.policy) == (3, None)
    assert "climb" not in {one.code for one in next_steps(asked, world.policy)}


def test_taken_back_no_new_loans_and_those_at_home_stay(world: World) -> None:
    _, child = family(world, "borrow")
    (loan,) = world.lend(child, *world.books(1))
    assert minors.withdraw(world.db, child, "borrow", world.now)
    assert not minors.withdraw(world.db, child, "borrow", world.now)
    assert set(codes(world, child)) == {"guardian"}
    assert [one.id for one in loans.of_reader(world.db, child)] == [loan.id]
    assert loans.renew(world.db, child, [loan.id], world.policy, world.now)[0].due_at
    assert ("minor", "withdrawn", "waiting") in world.told(child, "minor")


def test_with_the_guardian_go_the_consents(world: World) -> None:
    parent, child = family(world, "borrow", "more")
    standing = mandates.between(world.db, parent, child, world.now)
    assert standing
    with pytest.raises(CannotMandate):
        mandates.revoke(world.db, child, standing.id, world.now)
    mandates.revoke(world.db, parent, standing.id, world.now)
    assert minors.given(world.db, child) == {}
    assert set(codes(world, child)) == {"guardian"}


def test_beyond_lending_needs_a_consent_of_its_own(world: World) -> None:
    parent, child = family(world, "borrow")
    with pytest.raises(GuardianNeeded):
        minors.require(world.db, child, "more", world.now)
    minors.agree(world.db, child, parent, "more", world.now)
    minors.require(world.db, child, "more", world.now)
    minors.require(world.db, parent, "bureau", world.now)  # a grown reader is asked nothing of the kind


def test_grown_up_the_guardians_power_is_over_and_nothing_of_it_is_kept(world: World) -> None:
    parent, child = family(world, "borrow")
    world.now = start_of_day(GROWN).astimezone(UTC)
    assert mandates.between(world.db, parent, child, world.now) is None  # before any tick
    assert decisions.facts(world.db, child, world.now).minor == ""
    assert mandates.expire_due(world.db, world.now) == 1
    assert minors.come_of_age(world.db, world.now) == 1
    assert ("minor", "grown", "waiting") in world.told(child, "minor")
    assert ("mandate", "expired", "waiting") in world.told(parent, "mandate")
    assert world.db.value("SELECT COUNT(*) FROM minors") == world.db.value("SELECT COUNT(*) FROM minor_consents") == 0
    assert credit.consent(world.db, child, world.policy, world.now).threshold


def test_a_second_before_the_child_is_one(world: World) -> None:
    parent, child = family(world, "borrow")
    world.now = datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in the library
    assert mandates.between(world.db, parent, child, world.now)
    assert minors.come_of_age(world.db, world.now) == 0


def test_one_guardian_and_a_grown_one(world: World) -> None:
    parent, child = family(world)
    for other, reason in ((world.reader(), "guardian"), (child, "own")):
        with pytest.raises(CannotMandate) as caught:
            mandates.appoint(world.db, child, other, world.now)
        assert caught.value.reason == reason
    with pytest.raises(CannotMandate) as caught:
        mandates.appoint(world.db, parent, world.reader(), world.now)
    assert caught.value.reason == "child"
    sibling = world.reader()
    mandates.note_minor(world.db, sibling, GROWN, "reader", world.now)
    with pytest.raises(CannotMandate):
        mandates.appoint(world.db, sibling, child, world.now)


def test_a_child_asks_a_guardian_by_code_and_gives_no_other_mandate(world: World) -> None:
    parent, child = world.reader(), world.reader("new")
    mandates.note_minor(world.db, child, GROWN, "reader", world.now)
    with pytest.raises(CannotMandate):
        mandates.offer(world.db, child, "mother", ["borrow"], KEY, world.policy, world.now)
    code, _ = mandates.offer_guardian(world.db, child, KEY, world.policy, world.now)
    accepted = mandates.accept(world.db, parent, digits(code), KEY, world.policy, world.now)
    active = mandates.confirm(world.db, child, accepted.id, world.policy, world.now)
    assert active.expires_at == start_of_day(GROWN)
    assert mandates.guardian_of(world.db, child, world.now) == parent
    assert mandates.children_of(world.db, parent, world.now) == [child]
    with pytest.raises(CannotMandate):
        mandates.offer_guardian(world.db, child, KEY, world.policy, world.now)


def test_a_corrected_birthday_moves_the_end_of_the_guardians_power(world: World) -> None:
    parent, child = family(world, "borrow")
    mandates.note_minor(world.db, child, date(2030, 1, 1), "staff:小信", world.now)
    standing = mandates.between(world.db, parent, child, world.now)
    assert standing and standing.expires_at == start_of_day(date(2030, 1, 1))


def test_whoever_is_grown_up_is_not_noted(world: World) -> None:
    reader = world.reader()
    assert not mandates.note_minor(world.db, reader, date(2020, 1, 1), "reader", world.now)
    assert minors.minor_until(world.db, reader) is None


def test_forgotten_a_child_stays_a_child_and_the_consent_goes(world: World) -> None:
    """A11-5: what protects the child stays, the day alone; everything else goes."""
    _, child = family(world, "borrow")
    privacy.forget(world.db, child)
    assert set(codes(world, child)) == {"guardian"}
    assert world.db.value("SELECT COUNT(*) FROM minor_consents") == 0


def test_a_childs_record_and_a_grown_ones_never_become_one(world: World) -> None:
    parent, child = family(world, "borrow")
    for kept, gone in ((child, parent), (parent, child), (world.reader(), child)):
        with pytest.raises(CannotMerge) as caught:
            merging.merge(world.db, kept, gone, world.policy, world.now)
        assert "child" in caught.value.reasons
    phone = world.reader("new")  # the child's own new chat
    merging.merge(world.db, child, phone, world.policy, world.now)
    assert minors.is_minor(world.db, child, world.now)
