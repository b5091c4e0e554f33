"""A number is one number, scanned or typed: in full width by an input method, in small letters, with blanks (A2-15)."""

from __future__ import annotations

import pytest

from admin import lookup
from bot import linking
from bot.handlers import authorising, transferring
from lending import (
    attendance,
    cards,
    cases,
    catalogue,
    loans,
    locker_reports,
    orders,
    printed_codes,
    proof_codes,
    readers,
)
from lending import records as title_records
from lending.case_effects import BarcodeTaken, Given
from lending.catalogue import CopyEntry, store_copies
from tests.lending.world import World

KEY = b"k" * 32


def ways(number: str) -> list[str]:
    """The same number as hands, scanners and input methods give it."""
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    return [number, number.lower(), wide, f" {number[:3]} {number[3:]}\t", number + "\r\n"]


def test_a_reader_and_an_order_are_found_by_their_number(world: World) -> None:
    world.fill_cart(reader := world.reader(), *world.books(1))
    order = world.press_order(reader)
    for number in ways(readers.reader(world.db, reader).number):
        assert readers.by_number(world.db, number).id == reader
        assert lookup.readers_by(world.db, number, 5) == [reader]
    for number in ways(order.number):
        assert orders.by_number(world.db, number).id == order.id
        assert lookup.readers_by(world.db, number, 5) == [reader]


@pytest.mark.parametrize("kept", ["KB0077", "kb0077"])
def test_a_copy_is_found_by_its_barcode(world: World, kept: str) -> None:
    (title,), reader = world.books(1), world.reader()
    with world.store.writing() as db:
        store_copies(db, [CopyEntry(kept, title, world.branch())])
        loans.lend(db, catalogue.copy_by_barcode(db, kept).id, title, reader, world.policy, world.now)
    for number in ways("KB0077"):
        assert catalogue.scanned(world.db, number).barcode == kept
        assert title_records.look_up(world.db, number) == [title]
        assert lookup.readers_by(world.db, number, 5) == [reader]
        assert printed_codes.copies_named(world.db, [number])[number]["barcode"] == kept


def test_a_locker_reads_a_barcode_as_a_desk_does(world: World) -> None:
    world.locker("a", S=1)
    (loan,) = world.lend(reader := world.reader(), *world.books(1))
    facts = {"barcode": ways(loan.barcode)[2], "box": "S01"}
    locker_reports.hear(world.db, "a", 1, "returned", facts, world.now, world.policy, world.now)
    assert loans.of_reader(world.db, reader) == []


def test_a_new_copy_takes_no_barcode_that_is_there_in_other_letters(world: World) -> None:
    """Two copies under one number as a scanner reads it would be one book for every desk."""
    with world.store.writing() as db:
        store_copies(db, [CopyEntry("kb0077", world.book("旧年鉴"), world.branch())])
    (loan,) = world.lend(reader := world.reader(), *world.books(1))
    case, _new = cases.report(world.db, reader, loan.id, "damaged", "", world.policy, world.now)
    cases.advance(world.db, case.number, "charge", "馆员", world.policy, world.now, Given(amount_fen=3900))
    for number in ways("KB0077"):
        with pytest.raises(BarcodeTaken):
            cases.advance(world.db, case.number, "take_book", "馆员", world.policy, world.now, Given(barcode=number))


def test_a_card_s_number_is_one_number() -> None:
    assert len({cards.digest(number, KEY) for number in ways("20260001X")}) == 1


@pytest.mark.parametrize(("code", "read"), [
    ("LJ12345678", linking.code_in), ("HM12345678", proof_codes.code_in), ("SQ12345678", authorising.code_in),
    ("QD7K3M9Q", attendance.code_in), ("7K3M-9Q2P", transferring.code_in),
])  # fmt: skip
def test_a_code_is_read_in_full_width_too(code: str, read: object) -> None:
    assert callable(read) and read(ways(code)[2]) == read(code) != ""
