"""Two records of one person are found by their phone, shown masked, joined by nobody but the reader (A1-20)."""

from __future__ import annotations

from datetime import datetime

from lending import cart, loans, merging, readers
from lending.database import Store
from tests import small_desk
from tests.admin.conftest import Hand


def test_the_same_phone_twice_is_shown_to_a_librarian(chief: Hand, store: Store, now: datetime) -> None:
    """However it was written; B2-22: the number itself stays masked."""
    assert "没有手机号或卡相同" in chief.read("/admin/duplicates")
    second = small_desk.reader(store.db, "李小明", "+86 138-0000-0000", now)
    small_desk.reader(store.db, "赵", "13900000000", now)
    page = chief.read("/admin/duplicates")
    assert "R000001" in page and second.number in page and "0000" in page
    assert "13800000000" not in page and "李小明" not in page and page.count("<tr>") == 2


def test_joined_records_are_found_no_more(chief: Hand, store: Store, now: datetime) -> None:
    second = small_desk.reader(store.db, "李小明", "13800000000", now)
    third = small_desk.reader(store.db, "李小明", "13800000000", now)
    merging.merge(store.db, second.id, third.id, small_desk.POLICY, now)
    page = chief.read("/admin/duplicates")
    assert second.number in page and third.number not in page


def test_the_old_number_is_whoever_it_became(chief: Hand, store: Store, now: datetime) -> None:
    """A1-20: a page that was open before, or a number on paper, never lends to a record that is nobody's."""
    first, second, third = (small_desk.reader(store.db, "李小明", "13800000000", now) for _ in range(3))
    old = f"/admin/readers/{first.number}"
    chief.read(old)
    merging.merge(store.db, second.id, first.id, small_desk.POLICY, now)
    merging.merge(store.db, third.id, second.id, small_desk.POLICY, now)
    chief.post(f"{old}/lend", barcode="B002", point="1")
    chief.post(f"{old}/cart", title="10")
    assert [one.title for one in loans.of_reader(store.db, third.id)] == ["活着"]
    assert cart.items(store.db, third.id) == [10]
    assert f"<h1>{third.number}" in chief.read(f"/admin/readers?q={first.number}")
    assert readers.by_number(store.db, third.number).id == third.id
