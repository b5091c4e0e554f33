"""A file goes into the store: once, twice, cut half-way, with copies where they belong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lending import catalogue, copy_states, events, withdrawals
from lending.database import Store
from lending.errors import UnknownThing
from lending.importing import load, load_sample, load_sample_appointments, load_sample_events, message, where
from lending.importing.report import SHOWN
from lending.importing.sample import SHOP, load_sample_shop
from lending.migrations import migrations
from lending.points import PointEntry, points, store_points
from lending.policy import load_policy
from search.isbn import isbn13
from tests.catalogue.marcfiles import WEICHENG, iso2709, marcxml

NEW_COPIES = [*WEICHENG[:-1], ("905", "  $azx$bT8$bT9$dI246.5")]
ROWS = """题名,责任者,出版社,条码,馆藏地,索书号
家,巴金,人民文学出版社,T1,zx,I246.5/3
家,巴金,人民文学出版社,T2,听泉馆,I246.5/3
,,,T3,zx,
"""


@pytest.fixture
def branches(store: Store) -> Store:
    with store.writing() as db:
        store_points(db, [PointEntry("zx", "branch", "中心馆"), PointEntry("tq", "branch", "听泉馆")])
    return store


def written(tmp_path: Path, text: str | bytes, name: str = "titles.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_good_rows_go_in_and_the_bad_ones_are_told(branches: Store, tmp_path: Path) -> None:
    report = load(branches, written(tmp_path, ROWS))
    assert (report.read, report.added, report.repeated, report.copies_added) == (3, 1, 1, 2)
    (problem,) = report.problems
    assert (problem.reason, problem.place.line) == ("no_title", 4)
    copies = catalogue.copies(branches.db, 1)
    assert [(copy.barcode, copy.point_id, copy.call_number) for copy in copies] == [
        ("T1", 1, "I246.5/3"),
        ("T2", 2, "I246.5/3"),
    ]


def test_a_fault_in_every_row_hides_no_other(branches: Store, tmp_path: Path) -> None:
    """A school's list names no branch in 59,658 rows, and an author is cut off in some."""
    rows = "".join(f"书{n},人{n},社,C{n},,\n" for n in range(500)) + "末,(美)安德鲁·k,华东师范大学出版社有限公,C9,,\n"
    report = load(branches, written(tmp_path, "题名,责任者,出版社,条码,馆藏地,索书号\n" + rows))
    kept = [warning.reason for warning in report.warnings]
    assert (report.reasons["no_branch"], kept.count("no_branch")) == (501, SHOWN)
    assert set(kept) == set(report.reasons) > {"no_branch"}
    assert report.without_copies == 501


def test_twice_is_the_same_as_once(branches: Store, tmp_path: Path) -> None:
    path = written(tmp_path, ROWS + "".join(f"书{n},人{n},社,,,\n" for n in range(2500)))
    first = load(branches, path, copies_at="tq")
    before = "\n".join(branches.db.conn.iterdump())
    again = load(branches, path, copies_at="tq")
    assert first.added == 2501
    assert (again.added, again.changed, again.same, again.copies_added, again.copies_changed) == (0, 0, 2501, 0, 0)
    assert "\n".join(branches.db.conn.iterdump()) == before


def test_rows_that_contradict_each_other_settle_on_the_first(store: Store, tmp_path: Path) -> None:
    """Far apart in the file, so that they fall into different transactions."""
    filler = "".join(f"x:{n},书{n},社\n" for n in range(2, 1500))
    path = written(tmp_path, f"id,题名,出版社\nx:1,家,甲出版社\n{filler}x:1,家,乙出版社\n")
    revisions = []
    for _ in range(2):
        report = load(store, path)
        assert (report.repeated, report.added + report.same) == (1, 1499)
        revisions.append(catalogue.latest_revision(store.db))
    assert catalogue.title(store.db, 1).publisher == "甲出版社"
    assert revisions[0] == revisions[1]


def test_bare_record_numbers_of_two_libraries_do_not_overwrite_each_other(store: Store, tmp_path: Path) -> None:
    load(store, written(tmp_path, "id,题名\n1,家\n"))
    load(store, written(tmp_path, "id,题名\n1,春\n"))
    assert store.db.value("SELECT count(*) FROM titles") == 2


def test_with_a_named_source_its_numbers_are_trusted(store: Store, tmp_path: Path) -> None:
    load(store, written(tmp_path, "id,题名\n1,圍城\n"), source="us")
    report = load(store, written(tmp_path, "id,题名\n1,围城\n"), source="us")
    assert (report.changed, catalogue.title(store.db, 1).title) == (1, "围城")


def test_titles_without_copies_get_one_where_asked(branches: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "题名\n家\n春\n")
    assert load(branches, path).without_copies == 2
    assert load(branches, path, copies_at="tq").copies_added == 2
    assert catalogue.availability(branches.db, [1])[1].by_point == {2: 1}


def test_copies_of_an_unknown_branch_are_told_and_the_title_goes_in(branches: Store, tmp_path: Path) -> None:
    report = load(branches, written(tmp_path, "题名,条码,馆藏地\n家,T1,月亮馆\n春,T2,\n"))
    assert (report.added, report.copies_added) == (2, 0)
    assert [(one.reason, dict(one.facts)["branch"]) for one in report.warnings] == [
        ("unknown_branch", "月亮馆"),
        ("no_branch", ""),
    ]


def test_counted_copies_get_barcodes_that_stay(branches: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "题名,馆藏地,册数\n家,zx,3\n")
    assert load(branches, path).copies_added == 3
    assert load(branches, path).copies_added == 0


def test_a_barcode_of_another_book_is_told_with_its_line(branches: Store, tmp_path: Path) -> None:
    load(branches, written(tmp_path, "题名,条码,馆藏地\n家,T1,zx\n"))
    report = load(branches, written(tmp_path, "题名,条码,馆藏地\n春,T1,zx\n"))
    assert [(one.reason, one.place.line) for one in report.warnings] == [("barcode_taken", 2)]


def test_one_barcode_on_two_books_of_a_file_is_told_with_the_line_of_the_second(
    branches: Store, tmp_path: Path
) -> None:
    """Its copy was left out without a word."""
    path = written(tmp_path, "题名,条码,馆藏地\n家,T1,zx\n家,T1,zx\n春,T1,zx\n")
    for _ in range(2):
        assert [(one.reason, one.place.line) for one in load(branches, path).warnings] == [("barcode_taken", 4)]


def test_where_a_librarian_said_a_copy_belongs_it_belongs_after_the_next_file(branches: Store, tmp_path: Path) -> None:
    """The file's shelf is one of the branch it knows: beside the new home it would send everybody to nothing."""
    path = written(tmp_path, "题名,条码,馆藏地,索书号,架位\n家,T1,zx,I246/1,3楼\n春,T2,zx,I246/2,3楼\n")
    load(branches, path)
    copy_states.place(branches.db, "T1", 2, "I246/1", "东墙", "小王", datetime.now(UTC))
    report = load(branches, path)
    copy = catalogue.copy_by_barcode(branches.db, "T1")
    assert (copy.home_point_id, copy.call_number, copy.shelf) == (2, "I246/1", "东墙")
    assert [(one.reason, one.place.line) for one in report.warnings] == [("placed_by_hand", 2)]
    copy_states.place(branches.db, "T1", 1, "I246/1", "3楼", "小王", datetime.now(UTC))
    assert not load(branches, path).warnings, "the same again: nothing to tell"


@pytest.mark.parametrize(("name", "content"), [
    ("new.csv", "题名,责任者,ISBN,条码,馆藏地\n围城,钱锺书,7020024750,T8,zx\n围城,钱锺书,7020024750,T9,zx\n"),
    ("new.jsonl", '{"title": "围城", "isbn": "7020024750", "copies": [{"barcode": "T8", "branch": "zx"}, '
                  '{"barcode": "T9", "branch": "zx"}]}\n'),
    ("new.iso", iso2709(NEW_COPIES)),
    ("new.xml", marcxml([NEW_COPIES])),
])  # fmt: skip
def test_copies_of_a_withdrawn_title_go_in_and_are_told(
    branches: Store, tmp_path: Path, name: str, content: str | bytes
) -> None:
    """They would lie on the shelf, and nobody could find them (docs/decisions.md, 104)."""
    load(branches, written(tmp_path, iso2709(WEICHENG, "gb18030"), "nlc.iso"))
    withdrawals.withdraw(branches.db, 1, "记重了", load_policy("default"), datetime.now(UTC))
    path = written(tmp_path, content, name)
    report = load(branches, path)
    assert (report.copies_added, report.withdrawn) == (2, {(1, "围城"): 2})
    assert branches.db.value("SELECT title_id FROM copies WHERE barcode = 'T9'") == 1
    assert not load(branches, path).withdrawn, "nothing has come"


def test_copies_found_in_marc(branches: Store, tmp_path: Path) -> None:
    report = load(branches, written(tmp_path, iso2709(WEICHENG, "gb18030"), "nlc.iso"))
    assert (report.added, report.copies_added) == (1, 2)
    assert catalogue.availability(branches.db, [1])[1].available == 2


def test_copies_at_a_point_that_is_not_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UnknownThing):
        load(store, written(tmp_path, "题名\n家\n"), copies_at="nowhere")


def test_progress_only_goes_forward_and_ends_at_the_end(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "题名\n" + "".join(f"书{n}\n" for n in range(1200)))
    told: list[tuple[int, float]] = []
    load(store, path, lambda rows, fraction: told.append((rows, fraction)))
    assert [rows for rows, _ in told] == [500, 1000, 1200]
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
    assert told[-1][1] == 1.0


def test_every_problem_has_words_that_its_facts_fill(branches: Store, tmp_path: Path) -> None:
    header = "题名,出版社,出版年,ISBN,条码,馆藏地"
    bad = f"{header}\n家,[韩]河昌秀,何年,123,T1,月亮馆\n春,1999-1,,9.7E+12\n,,1\na,b,c,d,e,f,g\n"
    report = load(branches, written(tmp_path, bad))
    for problem in [*report.problems, *report.warnings]:
        text, facts = message(problem)
        assert "{" not in text.format(**facts)
        text, facts = where(problem.place)
        assert str(problem.place.line) in text.format(**facts)
    assert report.problem_count == 2 and report.warning_count >= 6


LOADER = """
import sys
from pathlib import Path
from lending.database import Store
from lending.importing import load
load(Store(Path(sys.argv[1])), Path(sys.argv[2]), lambda rows, fraction: print(rows, flush=True), copies_at="zx")
"""


def test_killed_half_way_it_can_be_run_again(tmp_path: Path) -> None:
    """A real kill -9 of a real process; the second run ends as an undisturbed one does."""
    path = written(tmp_path, "id,题名,责任者\n" + "".join(f"x:{n},书{n},人{n}\n" for n in range(10_000)))
    dumps = []
    for name, kill in (("killed.db", True), ("whole.db", False)):
        store = Store(tmp_path / name)
        with store.writing() as db:
            migrations.apply(db)
            store_points(db, [PointEntry("zx", "branch", "中心馆")])
        if kill:
            kept = _kill_while_loading(tmp_path / name, path)
            assert 0 < kept < 10_000
        load(store, path, copies_at="zx")
        rows = "SELECT t.source_key, t.title, t.authors, c.barcode FROM titles t JOIN copies c ON c.title_id = t.id"
        dumps.append(store.db.all(f"{rows} ORDER BY t.id"))
        assert store.db.value("SELECT count(*) FROM titles") == 10_000
        assert store.db.value("PRAGMA integrity_check") == "ok"
        store.close()
    assert dumps[0] == dumps[1]


def _kill_while_loading(database: Path, path: Path) -> int:
    """Start a load, kill it at its third chunk; how many titles it left."""
    command = [sys.executable, "-c", LOADER, str(database), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as process:
        assert process.stdout is not None
        for _ in range(3):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    return int(Store(database).db.value("SELECT count(*) FROM titles"))


def test_the_sample_library_loads_with_its_copies_and_points(store: Store) -> None:
    report = load_sample(store)
    assert report.problem_count == report.warning_count == report.without_copies == 0
    assert report.added > 2000 and report.copies_added > report.added
    again = load_sample(store)
    assert (again.added, again.changed, again.copies_added) == (0, 0, 0)
    assert catalogue.points(store.db, "locker") and store.db.value("SELECT count(*) FROM boxes") > 0


def test_the_sample_bookshop_offers_books_the_library_has_not(store: Store) -> None:
    """A2-4: true ISBNs, prices on both sides of the rules' limits, nothing that stands on the shelf already."""
    load_sample(store)
    rows = store.db.all("SELECT shop, isbn, price_fen FROM shop_books WHERE listed = 1")
    assert len(rows) == 24 and {row["shop"] for row in rows} == {SHOP}
    assert all(isbn13(row["isbn"]) == row["isbn"] for row in rows)
    assert store.db.all("SELECT 1 FROM shop_books b JOIN titles t ON t.isbn = b.isbn OR t.title = b.title") == []
    caps, prices = load_policy().purchases, [row["price_fen"] for row in rows]
    assert min(prices) <= caps.auto_up_to_fen < max(price for price in prices if price <= caps.most_fen) < max(prices)
    load_sample_shop(store)
    assert store.db.value("SELECT COUNT(*) FROM shop_books WHERE listed = 1") == 24


def test_the_sample_events_lie_ahead_on_days_their_branches_are_open(store: Store) -> None:
    """F-8: whoever starts it for the first time, on whatever day, can sign up for something."""
    load_sample(store)
    policy = load_policy()
    for day in range(7):
        now = datetime(2027, 2, 1 + day, 4, 0, tzinfo=UTC)  # 春节 among the days ahead
        before = store.db.value("SELECT COUNT(*) FROM events")
        assert load_sample_events(store, policy, now) == store.db.value("SELECT COUNT(*) FROM events") - before == 5
    assert not any(events.stands_closed(store.db, one, policy) for one in events.coming(store.db, now))


def test_a_counter_of_the_sample_takes_appointments(store: Store) -> None:
    """D 30: whoever starts it for the first time finds a time to fetch books."""
    load_sample(store)
    policy = load_policy()
    load_sample_appointments(store, policy)
    (counter,) = [one for one in points(store.db, "branch") if one.takes_appointments]
    assert (counter.slot_minutes, counter.slot_orders) == (policy.slots.length_minutes, policy.slots.orders)
