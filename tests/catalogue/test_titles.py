"""Titles and copies in the store: found again, renewed, counted, told to the index."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import catalogue, withdrawals
from lending.catalogue import CopyEntry, Place
from lending.database import Store
from lending.errors import CannotChange, UnknownThing
from lending.model import stamp
from lending.points import PointEntry, store_points
from lending.stock import Stored, StoredCopies, TitleEntry, store_titles
from tests import stores
from tests.talking import FRIDAY

WEICHENG = TitleEntry("围城", authors=("钱锺书",), publisher="人民文学出版社", year=1991, isbn="9787020024759")
XIYOUJI = TitleEntry("西游记", authors=("吴承恩",), publisher="人民文学出版社", year=1980)


def put(store: Store, *entries: TitleEntry) -> Stored:
    with store.writing() as db:
        return store_titles(db, entries)


def put_copies(store: Store, *entries: CopyEntry) -> StoredCopies:
    with store.writing() as db:
        store_points(db, [PointEntry("zx", "branch", "中心馆"), PointEntry("tq", "branch", "听泉馆")])
        return catalogue.store_copies(db, entries)


def test_a_stored_title_comes_back_whole(store: Store) -> None:
    (title_id,) = put(store, WEICHENG).ids
    title = catalogue.title(store.db, title_id)
    assert (title.title, title.authors, title.year, title.isbn) == ("围城", ("钱锺书",), 1991, "9787020024759")
    assert catalogue.by_isbn(store.db, "9787020024759") == [title]


def test_an_unknown_title_is_told_as_such(store: Store) -> None:
    with pytest.raises(UnknownThing):
        catalogue.title(store.db, 7)


def test_titles_come_in_the_order_asked_without_unknown_ones(store: Store) -> None:
    first, second = put(store, WEICHENG, XIYOUJI).ids
    assert list(catalogue.titles(store.db, [second, 99, first])) == [second, first]
    assert catalogue.titles(store.db, []) == {}


def test_the_same_again_changes_nothing_and_keeps_the_revision(store: Store) -> None:
    put(store, WEICHENG, XIYOUJI)
    again = put(store, WEICHENG, XIYOUJI)
    assert (again.added, again.changed, again.same) == (0, 0, 2)
    assert catalogue.latest_revision(store.db) == 1


def test_a_corrected_record_of_the_same_source_renews_its_title(store: Store) -> None:
    (title_id,) = put(store, TitleEntry("圍城", source_id="x:1")).ids
    stored = put(store, TitleEntry("围城", source_id="x:1"))
    assert (stored.changed, stored.ids) == (1, [title_id])
    assert catalogue.title(store.db, title_id).title == "围城"


def test_spelling_marks_make_no_second_title(store: Store) -> None:
    put(store, TitleEntry("西游记", authors=("吴承恩",)))
    assert put(store, TitleEntry("《西游记》", authors=(" 吴承恩",))).added == 0


def test_volumes_that_share_an_isbn_stay_apart(store: Store) -> None:
    isbn = "9787020024759"
    volumes = [TitleEntry("平凡的世界", volume=volume, isbn=isbn) for volume in ("1", "2")]
    assert put(store, *volumes).added == 2


def test_the_same_book_from_another_source_is_known_by_isbn_and_words(store: Store) -> None:
    (title_id,) = put(store, TitleEntry("围城", isbn=WEICHENG.isbn, source_id="marc:NLC:1", clc="I246.5")).ids
    assert put(store, WEICHENG).ids == [title_id]
    assert catalogue.title(store.db, title_id).clc == "I246.5"


def test_availability_counts_by_shelf_and_knows_who_waits(store: Store) -> None:
    one, two = put(store, WEICHENG, XIYOUJI).ids
    put_copies(store, CopyEntry("a", one, 1, "I246/1", "3架"), CopyEntry("b", one, 1, "I246/1", "3架"))
    put_copies(store, CopyEntry("c", one, 2, "I246/1"), CopyEntry("d", one, 2), CopyEntry("e", one, 2))
    with store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE barcode = 'd'")
        db.run("UPDATE copies SET state = 'lost' WHERE barcode = 'e'")
    found = catalogue.availability(store.db, [one, two])
    assert found[one].places == (Place(1, 2, "I246/1", "3架"), Place(2, 1, "I246/1", ""))
    assert (found[one].available, found[one].total, found[one].by_point) == (3, 4, {1: 2, 2: 1})
    assert (found[two].available, found[two].total, found[two].places) == (0, 0, ())


def test_availability_counts_waiting_holds_only(store: Store, now: datetime) -> None:
    (title_id,) = put(store, WEICHENG).ids
    with store.writing() as db:
        for number, state in enumerate(("waiting", "waiting", "cancelled", "ready")):
            db.run("INSERT INTO readers (number, joined_at) VALUES (:n, :at)", n=str(number), at=stamp(now))
            db.run(
                "INSERT INTO holds (reader_id, title_id, state, placed_at) VALUES (:r, :t, :s, :at)",
                r=number + 1, t=title_id, s=state, at=stamp(now),
            )  # fmt: skip
    assert catalogue.availability(store.db, [title_id])[title_id].waiting == 2


def test_renewing_a_copys_shelf_leaves_its_place_and_state_alone(store: Store) -> None:
    (title_id,) = put(store, WEICHENG).ids
    put_copies(store, CopyEntry("a", title_id, 1, "I246/1"))
    with store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan', point_id = 2")
    assert put_copies(store, CopyEntry("a", title_id, 1, "I246/1", "5架")).changed == 1
    copy = catalogue.copy_by_barcode(store.db, "a")
    assert (copy.state, copy.point_id, copy.shelf) == ("on_loan", 2, "5架")


def test_a_barcode_of_another_title_is_told_and_not_moved(store: Store) -> None:
    one, two = put(store, WEICHENG, XIYOUJI).ids
    put_copies(store, CopyEntry("a", one, 1))
    assert put_copies(store, CopyEntry("a", two, 1)).taken == ["a"]
    assert catalogue.copy_by_barcode(store.db, "a").title_id == one


def test_the_index_is_told_what_changed_and_what_was_withdrawn(store: Store) -> None:
    one, two = put(store, WEICHENG, XIYOUJI).ids
    start = catalogue.latest_revision(store.db)
    (three,) = put(store, TitleEntry("家")).ids
    withdrawals.withdraw(store.db, one, "记重了", stores.rules(), FRIDAY)
    with pytest.raises(CannotChange):
        withdrawals.withdraw(store.db, one, "记重了", stores.rules(), FRIDAY)
    assert [title.id for title in catalogue.changed_since(store.db, start)] == [three]
    assert catalogue.withdrawn_since(store.db, start) == [one]
    assert [title.id for title in catalogue.changed_since(store.db, 0, batch=1)] == [two, three]


def test_a_withdrawn_title_stays_withdrawn_when_imported_again(store: Store) -> None:
    (title_id,) = put(store, WEICHENG).ids
    withdrawals.withdraw(store.db, title_id, "版本有误", stores.rules(), FRIDAY)
    put(store, WEICHENG)
    assert catalogue.title(store.db, title_id).withdrawn


def test_what_another_source_tells_goes_to_the_record_that_is_lent_not_to_its_withdrawn_double(store: Store) -> None:
    twice, lent = put(store, TitleEntry("围城", source_id="marc:NLC:1"), TitleEntry("围城", source_id="marc:NLC:2")).ids
    with store.writing() as db:
        db.run("UPDATE titles SET isbn = :isbn", isbn=WEICHENG.isbn)  # as a librarian has filled it in
    withdrawals.withdraw(store.db, twice, "记重了", stores.rules(), FRIDAY)
    assert put(store, WEICHENG).ids == [lent]


def test_completeness_and_the_worklist_of_incomplete_records(store: Store) -> None:
    """A7-5: cards and the staff's worklist know what is missing."""
    full = TitleEntry("家", authors=("巴金",), publisher="某社", year=1981, isbn="9787020024759", clc="I246.5")
    ids = put(store, full, XIYOUJI, TitleEntry("春", popularity=9)).ids
    titles = catalogue.titles(store.db, ids)
    assert [catalogue.completeness(titles[one]) for one in ids] == [100, 60, 0]
    assert catalogue.missing(titles[ids[1]]) == ("isbn", "clc")
    assert [title.title for title in catalogue.incomplete(store.db)] == ["春", "西游记"]
