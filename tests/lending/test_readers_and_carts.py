"""A reader's own record, the cart, and the clock a demonstration may move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lending import cart, clock, readers
from lending.cart import AlreadyHere, CartFull
from lending.errors import BadAddress, NotAllowed, UnknownThing
from lending.model import parse_stamp, stamp
from tests.lending.world import World


def test_each_reader_gets_a_number_of_their_own(world: World) -> None:
    """A1-20: also the millionth and the one after."""
    first = readers.join(world.db, "zh_Hans", world.now)
    assert first.number == "R000001"
    with world.store.writing() as db:
        db.run("INSERT INTO readers (id, number, joined_at) VALUES (999999, 'R999999', '2026-01-01T00:00:00Z')")
    numbers = [readers.join(world.db, "en", world.now).number for _ in range(3)]
    assert numbers == ["R1000000", "R1000001", "R1000002"]
    assert readers.by_number(world.db, " r1000001 ").number == "R1000001"


@pytest.mark.parametrize(
    ("name", "phone", "address", "missing"),
    [
        ("", "", "", ("name", "phone", "address")),
        ("林", " ", "路 1 号", ("phone",)),
        ("林", "138", "  ", ("address",)),
    ],
)
def test_an_address_names_what_is_missing(
    world: World, name: str, phone: str, address: str, missing: tuple[str, ...]
) -> None:
    reader = world.reader()
    before = readers.reader(world.db, reader)
    with pytest.raises(BadAddress) as caught:
        readers.set_delivery(world.db, reader, name, phone, address, "city")
    assert caught.value.missing == missing
    assert readers.reader(world.db, reader) == before


def test_what_a_reader_sets_is_kept_and_nobody_elses_changes(world: World) -> None:
    reader, other = world.reader(), world.reader()
    untouched = readers.reader(world.db, other)
    readers.set_language(world.db, reader, "en")
    readers.set_point(world.db, reader, 1)
    readers.set_phone(world.db, reader, "139")
    readers.set_standing(world.db, reader, "ladder")
    now = readers.reader(world.db, reader)
    assert (now.language, now.point_id, now.phone, now.standing) == ("en", 1, "139", "ladder")
    assert readers.reader(world.db, other) == untouched


def test_nobodys_record_cannot_be_changed(world: World) -> None:
    with pytest.raises(UnknownThing):
        readers.set_language(world.db, 999, "en")
    with pytest.raises(UnknownThing):
        readers.reader(world.db, 999)


# ---- the cart ----------------------------------------------------------------------------------------------------


def test_a_title_is_in_the_cart_once(world: World) -> None:
    reader, title = world.reader(), world.book("书")
    assert cart.add(world.db, reader, title, world.policy, world.now)
    assert not cart.add(world.db, reader, title, world.policy, world.now)
    assert cart.items(world.db, reader) == [title]
    assert cart.remove(world.db, reader, title)
    assert not cart.remove(world.db, reader, title)


def test_the_cart_is_full_at_its_size_and_not_before(world: World) -> None:
    """B2-3."""
    world.rule("lending", cart_size=3)
    reader = world.reader()
    titles = world.books(4)
    world.fill_cart(reader, *titles[:3])
    with pytest.raises(CartFull) as caught:
        world.fill_cart(reader, titles[3])
    assert caught.value.limit == 3
    assert not cart.add(world.db, reader, titles[0], world.policy, world.now), "what is in stays in"
    assert cart.items(world.db, reader) == titles[:3]


def test_a_cart_filled_before_the_rules_changed_makes_no_larger_order(world: World) -> None:
    """B5 常州: an order holds three books, also where four were in the cart already."""
    reader, titles = world.reader(), world.books(4)
    world.fill_cart(reader, *titles)
    world.rule("lending", cart_size=3)
    before = world.everything()
    with pytest.raises(NotAllowed) as caught:
        world.press_order(reader)
    (reason,) = caught.value.decision.reasons
    assert (reason.code, reason.numbers) == ("order_size", {"books": 4, "most": 3, "over": 1})
    assert reason.ways == ("show_cart",) and world.everything() == before
    cart.remove(world.db, reader, titles[0])
    world.press_order(reader)


def test_a_book_one_has_or_has_ordered_does_not_go_into_the_cart(world: World) -> None:
    reader, title = world.reader(), world.book("书", copies=2)
    order = world.order(reader, title)
    with pytest.raises(AlreadyHere):
        world.fill_cart(reader, title)
    world.through(order)
    with pytest.raises(AlreadyHere):
        world.fill_cart(reader, title)
    world.fill_cart(world.reader(), title)


def test_a_title_we_do_not_have_does_not_go_into_the_cart(world: World) -> None:
    with pytest.raises(UnknownThing):
        world.fill_cart(world.reader(), 999)


# ---- the clock -----------------------------------------------------------------------------------------------------


def test_the_clock_goes_on_from_where_it_was_put(world: World) -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    told = clock.Clock(world.store, start)
    assert timedelta(0) <= told.now() - start < timedelta(seconds=5)
    clock.move(world.db, timedelta(days=3))
    clock.move(world.db, -timedelta(days=1))
    assert timedelta(days=2) <= told.now() - start < timedelta(days=2, seconds=5)
    assert abs(clock.Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_moment_is_written_in_utc_and_must_know_its_zone() -> None:
    """B2-15."""
    moment = datetime.fromisoformat("2026-11-20T18:00:00+08:00")
    assert stamp(moment) == "2026-11-20T10:00:00Z"
    assert parse_stamp(stamp(moment)) == moment
    with pytest.raises(ValueError, match="zone"):
        stamp(datetime(2026, 11, 20))
