"""What single cells really hold: names, dates, prices, ISBNs, noise."""

from __future__ import annotations

import pytest

from lending.importing.cells import clean, isbn13, unlabelled, whole_number
from lending.importing.columns import field_of
from lending.importing.dates import is_date, year_of
from lending.importing.people import author_then_translator, looks_like_person, statement
from lending.importing.prices import price_fen


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("\ufeff围\u200b城\xa0 \u3000钱", "围城 钱"),
        ("Simon &amp; Schuster", "Simon & Schuster"),
        ("&amp;lt;南朝宋&amp;gt;刘义庆", "<南朝宋>刘义庆"),
        ("第一行\r\n第二行", "第一行 第二行"),
        ("活<br/>着\x00\ud800", "活 着"),
        (9787020024759.0, "9787020024759"),
        (None, ""),
        (["余华", "莫言"], "余华;莫言"),
    ],
)
def test_cells_are_cleaned(cell: object, text: str) -> None:
    assert clean(cell) == text


def test_labels_inside_cells_are_taken_off() -> None:
    assert unlabelled("作者：鲁迅") == ("作者", "鲁迅")
    assert unlabelled("鲁迅：一个人") == ("", "鲁迅：一个人")


@pytest.mark.parametrize(
    ("written", "isbn", "wrong"),
    [
        ("978-7-02-002475-9", "9787020024759", ""),
        ("7-5037-1744-0", "9787503717444", ""),
        ("ISBN 9787020024759（精装）", "9787020024759", ""),
        ("'9787020024759", "9787020024759", ""),
        ("９７８７０２００２４７５９", "9787020024759", ""),
        ("306406152", "9780306406157", ""),
        ("9.7878E+12", "", "isbn_destroyed"),
        ("10019-3968", "", "unified_number"),
        ("10019·3968", "", "unified_number"),
        ("9787020024750", "", "bad_isbn"),
        ("0000000000", "", "bad_isbn"),
        ("不详", "", "bad_isbn"),
        ("", "", ""),
    ],
)
def test_isbns(written: str, isbn: str, wrong: str) -> None:
    assert isbn13(written) == (isbn, wrong)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2005-8", 2005), ("2008年1月", 2008), ("20051101", 2005), ("200511", 2005), ("2004.9", 2004),
        ("2008年9月第1版", 2008), ("民91", 2002), ("民国二十六年", 1937), ("民國37年", 1948), ("94/05/07", 2005),
        ("昭和60年", 1985), ("平成元年", 1989), ("二〇〇五年", 2005), ("一九八四", 1984), ("c2008", 2008),
        ("[1998]", 1998), ("２０１０．１", 2010), ("April", None), ("人民文学出版社", None), ("", None),
        ("99999", None),
    ],
)  # fmt: skip
def test_years(written: str, year: int | None) -> None:
    assert year_of(written) == year


def test_a_date_is_told_from_a_publisher() -> None:
    assert is_date("第1版 (2007年3月1日)")
    assert not is_date("二十一世纪出版社")
    assert not is_date("7-5617-2252-4")


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("39.00元", 3900), ("CNY 39", 3900), ("39", 3900), ("￥29.80", 2980), ("128.00元（全三册）", 12800),
        ("1,280.00元", 128000), ("人民币25元", 2500), ("USD 12.95", None), ("NT$ 280", None), ("NTD9元", None),
        ("280円（税込）", None), ("HK$98", None), ("£7.99", None), ("港币90元", None), ("", None), ("无", None),
    ],
)  # fmt: skip
def test_prices(written: str, fen: int | None) -> None:
    assert price_fen(written) == fen


@pytest.mark.parametrize(
    ("written", "authors", "translators"),
    [
        ("(德)马克思(Marx)著;姜晶花,张梅编译", ("马克思(Marx)",), ("姜晶花", "张梅")),
        ("[毛泽东著];(美)斯诺录", ("毛泽东", "斯诺录"), ()),
        ("马克思等", ("马克思",), ()),
        ("[日] 东野圭吾", ("东野圭吾",), ()),
        ("【哥伦比亚】加西亚?马尔克斯", ("加西亚·马尔克斯",), ()),
        ("〔苏〕鲍里斯•帕斯捷尔纳克", ("鲍里斯·帕斯捷尔纳克",), ()),
        ("<南朝宋>刘义庆 著", ("刘义庆",), ()),
        ("(明)袁了凡 / 净庐主人 译", ("袁了凡",), ("净庐主人",)),
        ("文/面堂兄 / 插图&漫画/韩露", ("面堂兄", "韩露"), ()),
        ("纪·哈·纪伯伦（Gibran, K.）", ("纪·哈·纪伯伦（Gibran, K.）",), ()),
        ("Sachs, Jeffrey", ("Sachs, Jeffrey",), ()),
        ("陈海宏 等译", (), ("陈海宏",)),
        ("中华书局编辑部 编著", ("中华书局编辑部",), ()),
        ("王编", ("王编",), ()),
        ("Harry S. Dent Jr.", ("Harry S. Dent Jr.",), ()),
        ("(美)", (), ()),
        ("", (), ()),
    ],
)
def test_names(written: str, authors: tuple[str, ...], translators: tuple[str, ...]) -> None:
    assert statement(written) == (authors, translators)


def test_after_a_foreign_author_and_a_slash_stands_the_translator() -> None:
    assert author_then_translator("[英]丹尼尔·比尔 / 孔俐颖") == (("丹尼尔·比尔",), ("孔俐颖",))
    assert author_then_translator("薛林荣 / 张三") == (("薛林荣", "张三"), ())


def test_a_person_is_told_from_a_publisher() -> None:
    assert looks_like_person("[韩]河昌秀")
    assert looks_like_person("郭敬明 著")
    assert not looks_like_person("（英）DK公司")
    assert not looks_like_person("中央编译出版社")


def test_whole_numbers() -> None:
    values = ["139页", "000137", "(27人评价)", "(少于10人评价)", "", "9" * 40, 12]
    assert [whole_number(value) for value in values] == [139, 137, 27, None, None, None, 12]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("题名", "title"), ("书 名", "title"), ("Title", "title"), ("责任者", "authors"), ("作者/译者", "authors"),
        ("publish_press", "publisher"), ("ISBN号", "isbn"), ("ISBN/ISSN", "isbn"), ("索书号", "call_number"),
        ("条 码 号", "barcode"), ("馆藏地", "branch"), ("册数", "count"), ("评分", ""),
    ],
)  # fmt: skip
def test_headings(heading: str, field: str) -> None:
    assert field_of(heading) == field
