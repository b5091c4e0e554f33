"""Spellings of one name meet under one form, and the record keeps its own (A7-5); spellings.tsv has met ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import forms

LINES = (Path(__file__).parent / "spellings.tsv").read_text(encoding="utf-8").splitlines()
SPELLINGS = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]
OTHERS = ("关东野客", "東野 裕", "东野君", "[日]东野治之", "[明] 齐东野人 编演", "[日] 东野晃典")
BESIDE = (  # an imprint or a partner: a name of its own
    "理想国|上海三联书店",
    "三辉图书/上海三联书店",
    "格致出版社 上海三联书店 上海人民出版社",
    "花城出版社；香港三联书店",
    "三联人文书系",
)


@pytest.mark.parametrize(("kind", "form", "spelling"), SPELLINGS)
def test_a_name_under_many_spellings_has_one_form(kind: str, form: str, spelling: str) -> None:
    """东野圭吾 and 马尔克斯 under about twenty each; three houses called 三联 under ninety, told apart."""
    assert {"author": forms.author, "publisher": forms.publisher}[kind](spelling) == form


def test_other_people_with_such_characters_stay_apart() -> None:
    assert len({forms.author(raw) for raw in OTHERS} | {"东野圭吾"}) == len(OTHERS) + 1


def test_a_name_of_brackets_alone_keeps_what_is_in_them() -> None:
    assert [forms.author(raw) for raw in ("", " ", "·")] == ["", "", ""]
    assert forms.author("（佚名）") == "佚名"


def test_an_imprint_or_a_partner_makes_a_name_of_its_own() -> None:
    houses = {"生活读书新知三联书店", "上海三联书店", "香港三联书店"}
    assert len({forms.publisher(raw) for raw in BESIDE} | houses) == len(BESIDE) + 3
    same = ("理想国 | 上海三联书店", "理想国丨上海三联书店", "理想国∣上海三联书店")
    assert {forms.publisher(raw) for raw in same} == {"理想国上海三联书店"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("清华大学", "清华大学出版社"),
        ("中信出版集团", "中信出版社"),
        ("华东师范大学出版社有限公", "华东师范大学出版社"),
        ("吉林出版集团有限责任公司", "吉林出版集团"),
        ("東立", "東立出版社"),
        ("O'Reilly Media", "o'reilly  media"),
    ],
)
def test_short_cut_and_legal_forms_of_a_house_are_one(one: str, other: str) -> None:
    assert forms.publisher(one) == forms.publisher(other) != ""


def test_houses_of_like_names_stay_apart() -> None:
    names = ("人民出版社", "人民文学出版社", "上海人民出版社", "上海人民美术出版社", "北京出版社", "北京大学出版社", "")
    assert len({forms.publisher(name) for name in names}) == len(names)
