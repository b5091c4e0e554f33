"""The sample catalogue that ships: true to its columns, whole in its classes, and with every title the sources name."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from stdnum import isbn

from lending.importing.reading import read
from lending.importing.records import Record
from lending.importing.sample import listed_points
from lending.points import WEEK, metres_between
from lending.stops import wrong

SAMPLE = Path(__file__).resolve().parents[2] / "lending" / "sample"
TITLE_HEADER = "id,title,subtitle,volume,authors,translators,publisher,year,isbn,clc,language,pages,price,popularity"
COPY_HEADER = "title_id,barcode,branch,call_number,shelf,material"
MAIN_CLASSES = "ABCDEFGHIJKNOPQRSTUVXZ"
FEWEST_IN_A_CLASS = 15
LITERATURE_AT_MOST = 1 / 3
WITHOUT_ISBN_AT_MOST = 140
UNKNOWN_IMPRINT = {"裹在2号连衣裙里的灵魂", "和孩子一起玩编程"}  # the source names them and says no more
BRACKETS = re.compile(r"[\[\]【】〔〕（）()]")
ROLES = re.compile(r".{2,}(著|编著|主编|译者|译|编|绘)$")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")

NAMED = {  # A2-R monthly report and A2-18 editor's picks: (title, author, volume), "" where the source is silent
    ("裹在2号连衣裙里的灵魂", "", ""),
    ("围城", "钱锺书", ""),
    ("西游八十一案：大唐泥犁狱", "陈渐", ""),
    ("和孩子一起玩编程", "", ""),
    ("橘子不是唯一的水果", "珍妮特·温特森", ""),
    ("山本", "贾平凹", ""),
    ("龙王传说", "唐家三少", "25"),
    ("高兴死了!!!", "珍妮·罗森", ""),
    ("毛泽东传", "罗斯·特里尔", ""),
    ("颓败与重生", "羽田圭介", ""),
    ("人间草木", "汪曾祺", ""),
    ("红与黑", "斯当达", ""),
    ("中国图书馆分类法", "", ""),
}
WELL_KNOWN = """
三体 三体Ⅱ：黑暗森林 三体Ⅲ：死神永生 飘 家 活着 红楼梦 西游记 小王子 百年孤独 平凡的世界 白夜行 解忧杂货店
时间简史 物种起源 昆虫记 孙子兵法 论语译注 本草纲目 诗经 瓦尔登湖 寂静的春天
C程序设计语言 Python编程 TCP/IP网络编程 國史大綱 蛙
"""


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one shipped table, every cell as text."""
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TITLES = rows("titles.csv")
COPIES = rows("copies.csv")


POINTS = listed_points()
BRANCHES = [one for one in POINTS if one.kind == "branch" and one.branch_type != "bus"]
BUSES = [one for one in POINTS if one.branch_type == "bus"]
LOCKERS = [one for one in POINTS if one.kind == "locker"]


def folded(title: str) -> str:
    """The title with full-width signs made narrow."""
    return unicodedata.normalize("NFKC", title)


@pytest.mark.parametrize(("name", "header"), [("titles.csv", TITLE_HEADER), ("copies.csv", COPY_HEADER)])
def test_the_tables_hold_these_columns_and_no_others(name: str, header: str) -> None:
    """Plain facts only: no blurb, no rating, no reader's tag has a place to stand."""
    text = (SAMPLE / name).read_bytes()
    assert b"\r" not in text and not text.startswith(b"\xef\xbb\xbf") and text.endswith(b"\n")
    assert text.decode("utf-8").splitlines()[0] == header
    assert all(len(row) == header.count(",") + 1 and None not in row.values() for row in rows(name))


def test_there_are_enough_titles_and_no_cell_is_long_enough_for_a_blurb() -> None:
    """A shelf worth browsing; the longest cell is a list of six authors."""
    assert len(TITLES) >= 2000
    assert max(len(cell) for row in TITLES for cell in row.values()) <= 100


def test_every_main_class_has_a_shelf_and_none_takes_the_whole_room() -> None:
    """All 22 main classes of 中图法 are there; literature takes a third at most."""
    counts = Counter(row["clc"][0] for row in TITLES)
    assert set(counts) == set(MAIN_CLASSES)
    assert min(counts.values()) >= FEWEST_IN_A_CLASS
    assert counts["I"] / len(TITLES) <= LITERATURE_AT_MOST


def test_classes_go_to_the_second_level_or_deeper() -> None:
    """I247.5 and not I."""
    shallow = {row["clc"] for row in TITLES if not re.fullmatch(r"(T[A-Z]|[A-Z])-?\d[\d.\-=A-Z]*", row["clc"])}
    assert shallow == set()


def test_the_importer_takes_every_row_as_it_stands() -> None:
    """No problem, no warning, no name or number changed on the way in."""
    found = list(read(SAMPLE / "titles.csv"))
    assert all(isinstance(one, Record) and not one.warnings for one in found)
    for one, row in zip(found, TITLES, strict=True):
        assert isinstance(one, Record)
        entry = one.entry
        assert (entry.source_id, entry.title, entry.isbn, entry.clc) == (
            row["id"], row["title"], row["isbn"], row["clc"],
        )  # fmt: skip
        assert (";".join(entry.authors), entry.publisher) == (row["authors"], row["publisher"])


def test_ids_are_unique_and_short() -> None:
    """sx0001, sx0002, …"""
    ids = [row["id"] for row in TITLES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"sx\d{4}", one) for one in ids)


def test_every_title_has_the_cells_a_card_shows() -> None:
    """Title, class, language, popularity always; imprint unless the source named the title alone (A2-R)."""
    for row in TITLES:
        assert row["title"].strip() == row["title"] != ""
        assert row["language"] in {"zh", "en"}
        assert 0 <= int(row["popularity"]) <= 100
        if row["title"] not in UNKNOWN_IMPRINT:
            assert row["authors"] or row["translators"], row
            assert row["publisher"] and 1950 <= int(row["year"]) <= 2025, row


def test_numbers_are_numbers() -> None:
    """Pages are whole, prices are yuan with two decimals, both may be missing."""
    assert all(row["pages"] == "" or row["pages"].isdigit() for row in TITLES)
    assert all(row["price"] == "" or re.fullmatch(r"\d+\.\d\d", row["price"]) for row in TITLES)


def test_isbns_are_thirteen_digits_valid_and_unique() -> None:
    """The check digit holds; the few titles without one are counted in docs/sample-catalogue.md."""
    isbns = [row["isbn"] for row in TITLES if row["isbn"]]
    assert all(re.fullmatch(r"97[89]\d{10}", one) and isbn.is_valid(one) for one in isbns)
    assert len(set(isbns)) == len(isbns)
    assert len(TITLES) - len(isbns) <= WITHOUT_ISBN_AT_MOST


def test_names_carry_no_nationality_and_no_role() -> None:
    """加西亚·马尔克斯, not [哥]加西亚•马尔克斯 著."""
    names = [name for row in TITLES for cell in ("authors", "translators") for name in row[cell].split(";") if name]
    assert all(name == name.strip() and len(name) > 1 for name in names)
    assert [name for name in names if BRACKETS.search(name)] == []
    assert [name for name in names if len(name) < 12 and ROLES.fullmatch(name)] == []
    assert [name for name in names if re.search("[•・．‧?]", name)] == []


@pytest.mark.parametrize(("title", "author", "volume"), sorted(NAMED))
def test_every_title_the_sources_name_is_on_the_shelf(title: str, author: str, volume: str) -> None:
    """A2-R, A2-18."""
    found = [row for row in TITLES if folded(row["title"]) == folded(title) and row["volume"] == volume]
    assert any(author in row["authors"].split(";") or not author for row in found)


def test_the_well_known_are_on_the_shelf() -> None:
    """Single characters, traditional script, Latin letters: whatever a first visitor types."""
    assert set(WELL_KNOWN.split()) <= {row["title"] for row in TITLES}
    searched = Counter(name for row in TITLES for name in row["authors"].split(";"))
    assert searched["东野圭吾"] >= 20 and searched["钱锺书"] + searched["钱钟书"] >= 4


def test_copies_belong_to_titles_and_branches() -> None:
    """No orphan copy, no title without one, nothing shelved in a locker."""
    assert {row["title_id"] for row in COPIES} == {row["id"] for row in TITLES}
    assert {row["branch"] for row in COPIES} == {one.code for one in BRANCHES}
    assert 6000 <= len(COPIES) <= 8000


def test_copies_are_one_to_six_a_title_and_the_popular_have_more() -> None:
    """Some titles have a single copy, so that holds have a reason."""
    copies = Counter(row["title_id"] for row in COPIES)
    assert set(copies.values()) == {1, 2, 3, 4, 5, 6}
    by_id = {row["id"]: int(row["popularity"]) for row in TITLES}
    loved = [copies[one] for one, popularity in by_id.items() if popularity >= 90]
    quiet = [copies[one] for one, popularity in by_id.items() if popularity <= 10]
    assert min(loved) > max(quiet) or sum(loved) / len(loved) > 2 * sum(quiet) / len(quiet)


def test_barcodes_and_shelf_marks() -> None:
    """SX00000001 …, unique; the call number begins with the title's class and is the same for all its copies."""
    clc = {row["id"]: row["clc"] for row in TITLES}
    assert len({row["barcode"] for row in COPIES}) == len(COPIES)
    assert all(re.fullmatch(r"SX\d{8}", row["barcode"]) for row in COPIES)
    assert all(row["call_number"].startswith(clc[row["title_id"]] + "/") for row in COPIES)
    assert all(re.fullmatch(r"\d楼[A-D]区 \d{1,2}架", row["shelf"]) for row in COPIES)
    marks = {(row["title_id"], row["call_number"]) for row in COPIES}
    assert len(marks) == len({mark for _, mark in marks}) == len(TITLES)


def test_points_are_enough_and_near_each_other() -> None:
    """At least six branches and four lockers in one city of some 20 km."""
    assert len(BRANCHES) >= 6 and len(LOCKERS) >= 4
    assert len({one.code for one in POINTS}) == len(POINTS)
    assert {one.level for one in BRANCHES} == {"central", "district", "street"}
    spots = [(one.lat, one.lon) for one in [*BRANCHES, *LOCKERS]]
    spots += [(stop.lat, stop.lon) for bus in BUSES for stop in bus.stops]
    places = [(lat, lon) for lat, lon in spots if lat is not None and lon is not None]
    assert len(places) == len(spots)
    assert max(metres_between(*here, *there) for here in places for there in places) < 20_000


def test_every_point_can_be_found_in_both_languages_and_no_telephone_is_real() -> None:
    """Invented city, invented numbers: they begin with 0000."""
    for one in [*BRANCHES, *LOCKERS]:
        assert one.name and one.name_en and one.district and one.address and one.address_en
    assert all(bus.name and bus.name_en and stop.place and stop.place_en for bus in BUSES for stop in bus.stops)
    assert all(one.phone.startswith("0000-") for one in [*BRANCHES, *BUSES])


def test_one_bus_makes_a_weeks_round_and_every_branch_says_whose_house_it_is() -> None:
    """A10-15, A10-18."""
    (bus,) = BUSES
    assert len(bus.stops) >= 4 and wrong(bus.stops) == "" and all(stop.weekly for stop in bus.stops)
    assert {one.branch_type for one in BRANCHES} == {"public", "community"}


def test_hours_parse_and_branches_close_one_day_a_week() -> None:
    """mon … sun, "09:00-12:00,14:00-20:00"; lockers never close."""
    for one in POINTS:
        assert set(one.opens) <= set(WEEK)
        assert all(CLOCK.fullmatch(span) for day in one.opens.values() for span in day.split(","))
    assert all(len(one.opens) == 6 for one in BRANCHES)
    assert all(one.opens == dict.fromkeys(WEEK, "00:00-24:00") for one in LOCKERS)


def test_lockers_stand_by_a_branch_and_have_boxes() -> None:
    """Each names a branch that exists, where it stands, and its boxes by size."""
    codes = {one.code for one in BRANCHES}
    assert all(one.parent in codes and one.near for one in LOCKERS)
    assert all(set(one.boxes) == {"S", "M", "L"} and min(one.boxes.values()) > 0 for one in LOCKERS)
    assert len({json.dumps(one.boxes) for one in LOCKERS}) > 1
