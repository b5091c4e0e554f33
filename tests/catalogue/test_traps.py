"""What is wrong with real exports, one trap after another: the title goes in, and the report says where to look."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending import catalogue
from lending.catalogue import Title
from lending.database import Store
from lending.importing import load, message, where

HEAD = "题名,作者,出版社,出版年,ISBN,价格"
TRAPS = {  # the row, what stands in the catalogue then, and what the librarian is told (a part of it)
    "an author cut off in a bracket": (
        "甲,安德鲁·k.(美国普林斯顿大学,某社,2001,,", {"publisher": "某社", "year": 2001}, "像是被截断了",
    ),
    "a publisher cut off by a fixed width": (
        "甲,乙,华师大出版社有限公,2001,,", {"authors": ("乙",), "publisher": "华师大出版社有限公"}, "像是被截断了",
    ),
    "an ISBN that Excel destroyed": ("甲,乙,丙社,2001,9.7878E+12,", {"isbn": ""}, "被 Excel 改成科学计数"),
    "a number from before ISBNs": ("甲,乙,丙社,1962,10019-3968,", {"isbn": "", "year": 1962}, "是统一书号"),
    "an ISBN with a wrong check digit": ("甲,乙,丙社,2001,9787020024750,", {"isbn": ""}, "不正确，未录入"),
    "a date that is none": ("甲,乙,丙社,April,,", {"year": None, "publisher": "丙社"}, "看不懂出版年“April”"),
    "an edition in the publisher's cell": (
        "甲,乙,第1版 (2007年3月1日),,,", {"year": 2007, "publisher": ""}, "已改作出版年",
    ),
    "an author in the publisher's cell": ("甲,,[韩]河昌秀,2001,,", {"authors": ("河昌秀",), "publisher": ""}, "是人名"),
    "a row of two columns": ("甲,乙", {"authors": ("乙",)}, "只有 2 栏，表头有 6 栏"),
    "a price in the publisher's cell": ("甲,乙,39.80,2001,,", {"publisher": ""}, "不像出版社"),
    "a damaged character": ("甲\ufffd,乙,丙社,2001,,", {"publisher": "丙社"}, "有损坏的字符"),
    "nationality in brackets and a damaged dot": (
        "甲,【哥伦比亚】加西亚?马尔克斯,丙社,2001,,", {"authors": ("加西亚·马尔克斯",)}, "",
    ),
    "a statement of responsibility": (
        '"甲","(德)马克思(Marx)著;姜晶花,张梅编译",丙社,2001,,',
        {"authors": ("马克思(Marx)",), "translators": ("姜晶花", "张梅")}, "",
    ),
    "a label inside the cell": ("甲,作者：鲁迅,丙社,2001,,", {"authors": ("鲁迅",)}, ""),
    "entities and marks nobody sees": (
        "A&amp;B\u200b,乙,Simon &amp; Schuster,2001,,", {"title": "A&B", "publisher": "Simon & Schuster"}, "",
    ),
    "a year of the republic and money of elsewhere": ("甲,乙,丙社,民91,,NTD9元", {"year": 2002, "price_fen": None}, ""),
    "ten digits with hyphens": ("甲,乙,丙社,2001,7-5037-1744-0,", {"isbn": "9787503717444"}, ""),
    "line ends inside a cell": ('"甲\r\n乙",丙,丁社,2001,,', {"title": "甲 乙", "publisher": "丁社"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("row", "expected", "told"), TRAPS.values(), ids=TRAPS.keys())
def test_each_trap_is_survived_and_told(
    store: Store, tmp_path: Path, row: str, expected: dict[str, object], told: str, encoding: str
) -> None:
    path = tmp_path / "titles.csv"
    path.write_bytes(f"{HEAD}\r\n{row}\r\n好书,好人,好社,1999,,\r\n".encode(encoding))
    report = load(store, path)
    assert report.added == 2
    broken, sound = catalogue.titles(store.db, (1, 2)).values()
    assert sound.title == "好书" and sound.publisher == "好社", "the next row is not harmed"
    assert {name: getattr(broken, name) for name in expected} == expected
    said = [(where(problem.place), message(problem)) for problem in report.warnings]
    texts = [f"{_filled(place)}：{_filled(text)}" for place, text in said]
    assert any(told in text and text.startswith("第 2 行") for text in texts) if told else not texts, texts


def _filled(found: tuple[str, dict[str, object]]) -> str:
    return found[0].format(**found[1])


def test_a_whole_name_is_not_taken_for_a_cut_one(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "titles.csv"
    path.write_text(f"{HEAD}\n甲,[美] 乙(B. C.),吉林出版集团有限责任公司,2001,,\n", encoding="utf-8")
    report = load(store, path)
    title: Title = catalogue.title(store.db, 1)
    assert report.warnings == [] and title.publisher == "吉林出版集团有限责任公司"
