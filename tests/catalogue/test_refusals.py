"""Files that are none: one clear refusal each, and no bytes that make the reader fall over."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending.importing import ImportRefused, Problem, Record, message, read
from lending.importing.problems import WORDS
from tests.catalogue.marcfiles import HONGLOUMENG_21, WEICHENG, iso2709, marcxml


def refusal(path: Path) -> str:
    with pytest.raises(ImportRefused) as refused:
        list(read(path))
    text, facts = message(refused.value.problem)
    assert "{" not in text.format(**facts)
    return refused.value.problem.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n \n", "empty_file"),
        (bytes(range(256)) * 40, "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_xls"),
        (b"PK\x03\x04 nothing more", "broken_workbook"),
        ("序号,价格\n1,2\n".encode(), "no_title_column"),
        (b"just a letter to the librarian\n", "no_title_column"),
        (b"\x1f\x8b and then nothing", "unreadable"),
        (gzip.compress(b"", mtime=0), "empty_file"),
    ],
)
def test_what_is_no_list_of_titles_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert refusal(path) == reason


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "directory"
    assert refusal(tmp_path / "none.csv") == "no_file"


def test_a_workbook_that_swells_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    """A cell of three hundred megabytes, packed in a thousandth of that, took eight hundred to be looked at."""
    path = tmp_path / "books.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", " " * 110_000_000)
    assert refusal(path) == "swollen_workbook"


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_line_without_end_is_read_in_pieces(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    """And what stands behind it still comes in."""
    path = tmp_path / "books.csv"
    path.write_bytes(packed("题名,ISBN\n".encode() + b"a," * 3_000_000 + "\n围城,9787020002207\n".encode()))
    tracemalloc.start()
    found = list(read(path))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.entry.title for one in found if isinstance(one, Record)] == ["围城"]
    assert len(found) > 2 and most < 200_000_000


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "titles.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("titles.csv", "题名\n家\n")
    assert refusal(path) == "broken_workbook"


SEEDS = [
    "题名,责任者,出版社\n\"家\",巴金,社\n".encode("gb18030"),
    b'{"title": "x", "authors": ["y"], "year": 1999}\n',
    iso2709(WEICHENG),
    iso2709(HONGLOUMENG_21, "gb18030"),
    iso2709([("245", "10$a\x1b(BX")]),
    marcxml([WEICHENG]),
    gzip.compress(b"title\nx\n", mtime=0),
    b"PK\x03\x04",
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([b"", *SEEDS]), st.binary(max_size=200), st.floats(0, 1), st.booleans())
def test_no_bytes_make_the_reader_fall_over(tmp_path: Path, seed: bytes, noise: bytes, at: float, over: bool) -> None:
    """Random bytes alone, put into a good file, or written over a part of it."""
    cut = int(len(seed) * at)
    path = tmp_path / "noise"
    path.write_bytes(seed[:cut] + noise + seed[cut + (len(noise) if over else 0) :])
    try:
        for found in read(path):
            assert isinstance(found, Record | Problem)
            assert isinstance(found, Record) or found.reason in WORDS
    except ImportRefused as refused:
        assert refused.problem.reason in WORDS
