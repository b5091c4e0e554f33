"""Pools: what is counted together, what apart, and terms of their own (A2-3, B2-3, B5 杭州)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lending import catalogue, checkouts, decisions, holds, loans, missing_copies, pools, transfers
from lending.errors import NotAllowed
from lending.model import library_day
from lending.policy import load_policy
from lending.rules import Pool
from tests.lending.world import World

DISCS = Pool("音像", ("order",), ("disc",), 2, "B5", loan_days=10, renewals=1, renewal_days=7)
TAKEN = (Pool("平台", ("order",), (), 3, "A2-3"), Pool("本馆", ("desk",), (), 2, "ours"))


@pytest.fixture(autouse=True)
def rules(world: World) -> None:
    world.rule("lending", limit=3)
    world.policy = replace(world.policy, pools=(DISCS, *TAKEN))


def made_of(world: World, material: str, number: int) -> list[int]:
    made = world.books(number)
    with world.store.writing() as db:
        for title in made:
            db.run("UPDATE copies SET material = :m WHERE title_id = :t", m=material, t=title)
    return made


def discs(world: World, number: int) -> list[int]:
    return made_of(world, "disc", number)


def take(world: World, reader: int, title: int) -> None:
    barcode = world.db.value("SELECT barcode FROM copies WHERE title_id = :t", t=title)
    checkouts.check_out(world.db, barcode, reader, world.policy, world.now)


@pytest.mark.parametrize(("books", "allowed"), [(2, True), (3, True), (4, False)])
def test_b2_3_books_taken_in_the_library_do_not_count_against_the_platform(
    world: World, books: int, allowed: bool
) -> None:
    """A2-3: limit less one, the limit, one more."""
    reader = world.reader()
    for title in world.books(2):
        take(world, reader, title)
    if allowed:
        assert len(world.lend(reader, *world.books(books))) == books
    else:
        with pytest.raises(NotAllowed) as caught:
            world.lend(reader, *world.books(books))
        assert [why.code for why in caught.value.decision.reasons] == ["limit"]


def test_the_librarys_own_pool_has_its_own_limit(world: World) -> None:
    reader = world.reader()
    world.lend(reader, *world.books(3))
    for title in world.books(2):
        take(world, reader, title)
    with pytest.raises(NotAllowed) as caught:
        take(world, reader, world.books(1)[0])
    (why,) = caught.value.decision.reasons
    assert (why.code, why.numbers["limit"], why.numbers["in_hand"]) == ("limit", 2, 2)


def test_on_the_ladder_every_book_counts(world: World) -> None:
    """D-2: trust given so far is not doubled by going to the kiosk."""
    reader = world.reader("ladder")
    step = world.policy.ladder.steps[0].limit
    world.lend(reader, *world.books(step))
    facts = decisions.facts(world.db, reader, world.now)
    assert not decisions.may_borrow(facts, 1, world.policy, "desk").allowed


@pytest.mark.parametrize(("number", "allowed"), [(1, True), (2, True), (3, False)])
def test_b2_3_a_pool_of_certain_materials_has_its_own_limit(world: World, number: int, allowed: bool) -> None:
    reader = world.reader()
    if allowed:
        assert len(world.lend(reader, *discs(world, number))) == number
        return
    with pytest.raises(NotAllowed) as caught:
        world.lend(reader, *discs(world, number))
    (why,) = caught.value.decision.reasons
    assert (why.code, why.numbers) == ("pool", {"pool": "音像", "limit": 2, "in_hand": 0, "books": 3})


def any_way(world: World) -> None:
    """Discs are counted together however they were taken, as in 杭州."""
    world.policy = replace(world.policy, pools=(replace(DISCS, ways=("order", "desk")), *TAKEN))


def test_b2_3_a_disc_too_many_is_not_taken_at_a_kiosk_either(world: World) -> None:
    any_way(world)
    reader, (third,) = world.reader(), discs(world, 1)
    world.lend(reader, *discs(world, 1))
    take(world, reader, *discs(world, 1))
    with pytest.raises(NotAllowed) as caught:
        take(world, reader, third)
    (why,) = caught.value.decision.reasons
    assert (why.code, why.numbers) == ("pool", {"pool": "音像", "limit": 2, "in_hand": 2, "books": 1})
    take(world, reader, *world.books(1))  # of other kinds there is room


def test_b2_3_a_disc_too_many_is_not_handed_on_either(world: World) -> None:
    """转借: taking is borrowing; a book may still go."""
    any_way(world)
    giver, reader = world.reader(), world.reader()
    disc, book = world.lend(giver, *discs(world, 1), *world.books(1))
    world.lend(reader, *discs(world, 2))
    code, _ = transfers.offer(world.db, giver, disc.id, world.policy, world.now)
    with pytest.raises(NotAllowed) as caught:
        transfers.accept(world.db, reader, code, world.policy, world.now)
    assert [why.code for why in caught.value.decision.reasons] == ["pool"]
    code, _ = transfers.offer(world.db, giver, book.id, world.policy, world.now)
    assert transfers.accept(world.db, reader, code, world.policy, world.now)


def test_a_pool_lends_and_renews_for_days_of_its_own(world: World) -> None:
    """B5 杭州: audio and periodicals 10 days, renewed for 7 from the old due date; books 40 and 15."""
    reader, today = world.reader(), library_day(world.now)
    world.lend(reader, *discs(world, 1), *world.books(1))
    days = [(library_day(loan.due_at) - today).days for loan in loans.of_reader(world.db, reader)]
    assert days == [10, 40]
    loans.renew(world.db, reader, [], world.policy, world.now)
    days = [(library_day(loan.due_at) - today).days for loan in loans.of_reader(world.db, reader)]
    assert days == [17, 55]


def of_two_makes(world: World) -> tuple[int, int]:
    """A title with a book far away and a disc at the branch where it is wanted: the title, the branch."""
    far, near = world.branch("far"), world.branch("near")
    title = world.book("边城", at=far)
    world.book("边城", at=near)
    with world.store.writing() as db:
        db.run("UPDATE copies SET material = 'disc' WHERE point_id = :p", p=near)
    return title, near


@pytest.mark.parametrize(("at", "made_of"), [("near", "disc"), ("far", "book"), ("none", "book"), ("held", "disc")])
def test_a_title_is_what_the_copy_that_goes_is_made_of(world: World, at: str, made_of: str) -> None:
    """And so are the days promised before the yes: of the disc it is ten."""
    title, _ = of_two_makes(world)
    reader, point = world.reader(), None if at in ("none", "held") else catalogue.point_by_code(world.db, at).id
    if at == "held":
        with world.store.writing() as db:
            holds.join(db, reader, title, world.now)
            disc = db.value("SELECT id FROM copies WHERE material = 'disc'")
            holds.release_copy(db, disc, title, world.policy, world.now)
    assert pools.cart_materials(world.db, [title], reader, point) == {title: made_of}
    order = world.through(world.order(reader, title, way="counter" if point else "delivery", at=point))
    (loan,) = loans.of_reader(world.db, reader)
    promised = loans.terms_of_order(world.db, reader, [made_of], world.policy)[made_of].loan_days
    assert (library_day(loan.due_at) - library_day(world.now)).days == promised, order.number


def test_a_pool_of_certain_materials_counts_the_copies_that_go(world: World) -> None:
    reader, (title, near) = world.reader(), of_two_makes(world)
    world.lend(reader, *discs(world, 2))
    with pytest.raises(NotAllowed):
        world.order(reader, title, at=near)
    assert world.press_order(reader, "counter", catalogue.point_by_code(world.db, "far").id)


def test_a_missing_copy_is_made_good_by_one_made_of_the_same(world: World) -> None:
    """The reader need not know of it, so what was promised must stay."""
    title, near = of_two_makes(world)
    world.book("边城", at=catalogue.point_by_code(world.db, "far").id)
    order = world.step(world.order(world.reader(), title, at=catalogue.point_by_code(world.db, "far").id), "pick")
    (gone,) = world.db.all("SELECT copy_id AS id FROM order_items WHERE order_id = :o", o=order.id)
    with world.store.writing() as db:
        db.run("UPDATE copies SET point_id = :near WHERE state = 'available'", near=near)
        db.run("UPDATE orders SET point_id = :near", near=near)
    missing_copies.report(world.db, order.number, gone["id"], "lost", "馆员", world.policy, world.now)
    found = "SELECT c.material FROM order_items i JOIN copies c ON c.id = i.copy_id WHERE i.open = 1"
    assert world.db.value(found) == "book"


# ---- 杭州 as its sources say -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("material", "days", "more"), [("book", 40, 15), ("disc", 10, 7), ("journal", 10, 7)])
@pytest.mark.parametrize("way", ["order", "desk"])
def test_hangzhou_lends_discs_and_periodicals_shorter_and_renews_once(
    world: World, way: str, material: str, days: int, more: int
) -> None:
    """B5 杭州 now: 40 days, 10 for sound, film and periodicals; one renewal of 15 or 7, from the old due date."""
    world.policy = load_policy("hangzhou")
    reader, (title,) = world.reader(), made_of(world, material, 1)
    if way == "desk":
        take(world, reader, title)
    else:
        world.lend(reader, title)
    [loan] = loans.of_reader(world.db, reader)
    start = library_day(world.now)
    assert library_day(loan.due_at) == start + timedelta(days=days)
    world.later(days=2)
    [renewed] = loans.renew(world.db, reader, [], world.policy, world.now)
    assert renewed.due_at is not None and library_day(renewed.due_at) == start + timedelta(days=days + more)
    [again] = loans.renew(world.db, reader, [], world.policy, world.now)
    assert again.refusal is not None and (again.refusal.reason, again.refusal.number) == ("limit", 1)


@pytest.mark.parametrize(("discs", "allowed"), [(1, True), (2, False)])
def test_hangzhou_counts_discs_within_its_twenty(world: World, discs: int, allowed: bool) -> None:
    """B5, B2-3: 20 items of all kinds, not 20 of each."""
    world.policy = load_policy("hangzhou")
    reader = world.reader()
    world.lend(reader, *world.books(19))
    wanted = made_of(world, "disc", discs)
    if allowed:
        assert len(world.lend(reader, *wanted)) == discs
    else:
        with pytest.raises(NotAllowed) as caught:
            world.lend(reader, *wanted)
        assert [why.code for why in caught.value.decision.reasons] == ["limit"]
