"""Every row of the sources that names a library stands in a pack that cites it, or the page says why not (A1-24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lending.policy import PACKS, load_policy, packs, tree

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
COUNTS = {"A1": 28, "A2": 29, "A4": 11, "A5": 4, "A6": 12, "A8": 16, "A9": 7}
ROWS = {f"{part}-{n}" for part, most in COUNTS.items() for n in range(1, most + 1)}
ROWS |= {f"A3-{n}" for n in (*range(1, 26), 30, 31, 32, 33)} | {"A12-4"}
NAMED = {  # which libraries and schemes each row names
    "A1-3": ("杭州",), "A1-4": ("杭州",), "A2-8": ("浙江信阅",), "A2-27": ("浙江信阅",),
    "A12-4": ("上海", "浙江", "杭州"),
    "A3-1": ("浙江信阅", "杭州", "绍兴市部分馆", "温州", "瓯海"), "A3-2": ("东莞", "中山纪念", "广州"),
    "A3-3": ("厦门馆",),
    "A3-5": ("沈阳图书馆",), "A3-9": ("淄博",), "A3-10": ("铜陵",), "A3-12": ("成华区",), "A3-13": ("西安",),
    "A3-16": ("武汉市所有馆",), "A3-18": ("北部湾图书馆联盟",), "A3-20": ("中新友好图书馆",), "A3-21": ("许昌",),
    "A3-30": ("东莞", "常州", "武汉", "成都"), "A4-1": ("杭州",), "A4-2": ("鄞州图书馆",), "A4-3": ("合肥",),
    "A4-4": ("苏州",), "A4-5": ("杨浦",), "A4-6": ("陆家嘴",), "A4-7": ("浙江",), "A6-1": ("晋城",), "A8-13": ("合肥",),
    "A9-2": ("杨浦",), "A10-4": ("锦林", "诚信通"),
}  # fmt: skip
SCHEMES = {
    "B3.2": ("梅县区", "邹平", "广州", "威海", "珠海", "泉州", "惠州"),
    "B5": ("杭州", "天一约书", "常州", "图书云借", "深圳", "佛山", "邻里图书馆", "省立中山", "湖北"),
}  # fmt: skip


def text(pack: str) -> str:
    """The pack's own file, found by any name it is known by."""
    return (PACKS / f"{tree(pack)[0]}.toml").read_text(encoding="utf-8")


def cites(written: str, row: str) -> bool:
    return bool(re.search(rf"{re.escape(row)}(?![\d-])", written))


def table(heading: str) -> list[list[str]]:
    """The rows of the page's table under a heading."""
    part = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| ")][1:]


def expanded(cell: str) -> Iterator[str]:
    """ "A1-6 to A1-8, A1-28" → each of them."""
    for part, first, last in re.findall(r"(A\d+)-(\d+)(?: to A\d+-(\d+))?", cell):
        yield from (f"{part}-{n}" for n in range(int(first), int(last or first) + 1))


TOLD = [*table("Schemes told"), *table("Libraries the survey")]


@pytest.mark.parametrize(("row", "name"), [(row, name) for row, names in NAMED.items() for name in names])
def test_a_library_that_a_row_names_has_a_pack_that_cites_the_row(row: str, name: str) -> None:
    assert load_policy(name).name
    assert cites(text(name), row)


@pytest.mark.parametrize(("row", "name"), [(row, name) for row, names in SCHEMES.items() for name in names])
def test_a_scheme_in_force_has_a_pack_that_cites_it(row: str, name: str) -> None:
    assert cites(text(name), row)


def test_every_row_is_in_a_pack_or_has_a_reason() -> None:
    written = [text(pack) for pack in packs()]
    packed = {row for one in written for row in ROWS if cites(one, row)}
    explained = {row for cells in table("Rows without") for row in expanded(cells[0]) if cells[1]}
    assert sorted(ROWS - packed - explained) == []


def test_every_pack_is_on_the_page_with_rows_it_cites() -> None:
    told = {pack: expanded(cells[1]) for cells in TOLD for pack in re.findall(r"[a-z]+", cells[0])}
    assert sorted(told) == packs()
    missing = [(pack, row) for pack, rows in told.items() for row in rows if not cites(text(pack), row)]
    assert missing == []


@pytest.mark.parametrize("pack", packs())
def test_a_pack_names_in_its_own_file_where_it_comes_from(pack: str) -> None:
    """A row, and no field of another library's that nobody asked for."""
    assert re.search(r"\b(?:A\d+-?\d*|B3\.2|B5)\b", text(pack))
    assert text(pack).startswith("#")


def test_no_source_names_a_number_for_a_tiers_extras_and_no_pack_has_one() -> None:
    """A8-14: plainly absent, not made up."""
    tiers = [tier for pack in packs() for tier in load_policy(pack).tiers]
    assert len(tiers) == 6
    plain = {(tier.extra_days, tier.fee_percent, tier.holds, tier.invitations, tier.gifts) for tier in tiers}
    assert plain == {(0, 100, None, False, False)}
