"""MARC as it comes: CNMARC and MARC21, ISO 2709 and XML, UTF-8, GB18030 and MARC-8, whole and broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lending.importing import CopyFacts, ImportRefused, Problem, Record, read
from tests.catalogue.marcfiles import HONGLOUMENG_21, WEICHENG, Fields, iso2709, marcxml


def reading(tmp_path: Path, data: bytes) -> list[Record | Problem]:
    path = tmp_path / "records"
    path.write_bytes(data)
    return list(read(path))


def reasons(found: list[Record | Problem]) -> list[str]:
    return [one.reason if isinstance(one, Problem) else "" for one in found]


def one(tmp_path: Path, data: bytes) -> Record:
    (found,) = reading(tmp_path, data)
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_cnmarc_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    record = one(tmp_path, iso2709(WEICHENG, encoding))
    entry = record.entry
    assert (entry.title, entry.subtitle, entry.publisher, entry.year) == ("围城", "长篇小说", "人民文学出版社", 1991)
    assert (entry.authors, entry.translators) == (("钱锺书",), ("杨绛",))
    assert (entry.isbn, entry.price_fen, entry.pages, entry.clc) == ("9787020024759", 2800, 359, "I246.5")
    assert (entry.series, entry.subjects) == ("中国现代长篇小说丛书", ("长篇小说-中国-现代",))
    assert (entry.language, entry.source_id) == ("zh", "marc:NLC:012001")
    assert record.copies == (CopyFacts("T001", "zx", "I246.5/12"), CopyFacts("T002", "zx", "I246.5/12"))


def test_a_character_beyond_gbk_survives(tmp_path: Path) -> None:
    assert one(tmp_path, iso2709([("200", "1 $a𠮷野家的书")], "gb18030")).entry.title == "𠮷野家的书"


def test_without_name_headings_the_statement_of_responsibility_is_read(tmp_path: Path) -> None:
    entry = one(tmp_path, iso2709([("200", "1 $a资本论$f(德)马克思著$g郭大力,王亚南译")])).entry
    assert (entry.authors, entry.translators) == (("马克思",), ("郭大力", "王亚南"))


def test_marc21_is_told_apart_by_its_fields(tmp_path: Path) -> None:
    record = one(tmp_path, iso2709(HONGLOUMENG_21, leader9="a"))
    entry = record.entry
    assert (entry.title, entry.publisher, entry.year, entry.isbn) == ("红楼梦", "人民文学出版社", 1982, "9787020002207")
    assert (entry.authors, entry.translators) == (("曹雪芹",), ("Hawkes, David",))
    assert (entry.clc, entry.language, entry.pages, entry.price_fen) == ("I242.4", "zh", 1606, 5970)
    assert record.copies == (CopyFacts("K001", "zx", "I242.4/5", "B2"),)


def test_marc21_in_gb18030_without_a_mark(tmp_path: Path) -> None:
    assert one(tmp_path, iso2709(HONGLOUMENG_21, "gb18030")).entry.title == "红楼梦"


def test_the_original_script_comes_before_its_romanisation(tmp_path: Path) -> None:
    fields: Fields = [
        ("245", "10$6880-01$aLu Xun yu Zhedong wen hua /$cChen Fangjing zhu."),
        ("100", "1 $6880-02$aChen, Fangjing."),
        ("880", "10$6245-01/$1$a鲁 迅 与 浙东 文化 /"),
        ("880", "1 $6100-02/$1$a陈 方竞."),
    ]
    entry = one(tmp_path, iso2709(fields, leader9="a")).entry
    assert (entry.title, entry.authors) == ("鲁迅与浙东文化", ("陈方竞",))


def with_eacc(text: str) -> bytes:
    """A record whose title holds two EACC characters of three bytes; the writer's own mark "$" is put in afterwards."""
    return iso2709([("245", text.replace("{", "\x1bE1").replace("}", "\x1b(B"))]).replace(b"\x1bE1", b"\x1b$1")


def test_marc8_is_read_by_its_escapes(tmp_path: Path) -> None:
    title = one(tmp_path, with_eacc("10$a{!04!7o} 1999 /$cX")).entry.title
    assert title == "中國 1999"


def test_ansel_diacritics_are_not_taken_for_chinese(tmp_path: Path) -> None:
    record = iso2709([("245", "10$aRéflexions /"), ("020", "  $a")], "latin-1").replace(b"\xe9", b"\xe2e")
    assert one(tmp_path, record).entry.title == "Réflexions"


def test_damaged_marc8_is_told(tmp_path: Path) -> None:
    record = one(tmp_path, with_eacc("10$aA {!04!}"))
    assert [warning.reason for warning in record.warnings] == ["damaged_characters"]


def test_line_ends_between_records_and_a_wrong_directory_do_no_harm(tmp_path: Path) -> None:
    record = iso2709(WEICHENG)
    wrong = b"00001" + record[5:24] + record[24:].replace(b"200", b"200", 1)
    found = reading(tmp_path, record + b"\r\n" + wrong + b"\r\n\x00\x1a" + iso2709(HONGLOUMENG_21, leader9="a"))
    assert [one.entry.title for one in found if isinstance(one, Record)] == ["围城", "围城", "红楼梦"]


def test_lengths_that_are_wrong_are_not_believed(tmp_path: Path) -> None:
    record = bytearray(iso2709(WEICHENG))
    at = record.index(b"200", 24)
    record[at + 3 : at + 7] = b"0001"
    assert one(tmp_path, bytes(record)).entry.title == "围城"


def test_a_bad_record_among_good_ones_is_told_with_its_byte(tmp_path: Path) -> None:
    first = iso2709(WEICHENG)
    found = reading(tmp_path, first + b"00050nam0 2200037   450 nonsense\x1d" + iso2709(WEICHENG))
    assert isinstance(found[0], Record) and isinstance(found[2], Record)
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.place.record, problem.place.offset) == ("bad_record", 2, len(first))


def test_a_cut_file_gives_what_is_whole_and_tells_of_the_rest(tmp_path: Path) -> None:
    data = iso2709(WEICHENG) * 3
    found = reading(tmp_path, data[:-20])
    assert [isinstance(one, Record) for one in found] == [True, True, False]
    assert reasons(found)[2] == "truncated"


def test_a_record_that_never_ends_is_skipped(tmp_path: Path) -> None:
    endless = iso2709(WEICHENG)[:-1] + b"x" * (1 << 21) + b"\x1d"
    found = reading(tmp_path, endless + iso2709(WEICHENG))
    assert reasons(found) == ["record_too_long", ""]


def test_a_record_without_a_title_stays_out(tmp_path: Path) -> None:
    found = reading(tmp_path, iso2709([("001", "7"), ("210", "  $c人民文学出版社")]))
    assert reasons(found) == ["no_title"]


def test_gzipped_marc(tmp_path: Path) -> None:
    assert one(tmp_path, gzip.compress(iso2709(WEICHENG))).entry.title == "围城"


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "UTF-16"])
def test_xml_in_an_envelope(tmp_path: Path, encoding: str) -> None:
    found = reading(tmp_path, marcxml([WEICHENG, HONGLOUMENG_21], encoding))
    assert [one.entry.title for one in found if isinstance(one, Record)] == ["围城", "红楼梦"]


def test_xml_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    found = reading(tmp_path, marcxml([WEICHENG, WEICHENG])[:-400])
    assert isinstance(found[0], Record)
    assert reasons(found)[-1] == "broken_xml"


def test_xml_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(ImportRefused) as refused:
        reading(tmp_path, bomb)
    assert refused.value.problem.reason == "unsafe_xml"


def test_xml_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        reading(tmp_path, b"<html><body>404</body></html>")
    assert refused.value.problem.reason == "no_records"


@pytest.mark.parametrize("code", ["k", "m"])
def test_the_code_of_a_target_audience_keeps_nothing_from_children(tmp_path: Path, code: str) -> None:
    """CNMARC 100 $a/17-19: "adult" is the level of nearly every book; MARC21 008/22 likewise (B8)."""
    general = f"19911205d1991    {code}  y0chiy50      ea"
    assert one(tmp_path, iso2709([*WEICHENG, ("100", f"  $a{general}")])).entry.audience == ""
    coded = [field for field in HONGLOUMENG_21 if field[0] != "008"]
    assert one(tmp_path, iso2709([*coded, ("008", f"{'040101s1982    cc     e':<35}chi d")])).entry.audience == ""


@pytest.mark.parametrize(
    ("record", "tag", "note", "said"),
    [
        (WEICHENG, "333", "未成年人不宜", "adults"),
        (WEICHENG, "333", "适用于高等院校师生", ""),
        (HONGLOUMENG_21, "521", "For adults only.", "adults"),
        (HONGLOUMENG_21, "506", "限18岁以上读者借阅", "adults"),
        (HONGLOUMENG_21, "521", "Adult education", ""),
    ],
)
def test_a_note_that_says_so_outright_keeps_it_for_adults(
    tmp_path: Path, record: Fields, tag: str, note: str, said: str
) -> None:
    assert one(tmp_path, iso2709([*record, (tag, f"  $a{note}")])).entry.audience == said
