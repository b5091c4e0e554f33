"""Tables as libraries export them: CSV, TSV, XLSX and JSON Lines with all that is wrong in them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lending.importing import CopyFacts, Problem, Record, read


def reading(tmp_path: Path, data: str | bytes, encoding: str = "utf-8") -> list[Record | Problem]:
    path = tmp_path / "titles"
    path.write_bytes(data.encode(encoding) if isinstance(data, str) else data)
    return list(read(path))


def records(tmp_path: Path, data: str | bytes, encoding: str = "utf-8") -> list[Record]:
    found = reading(tmp_path, data, encoding)
    assert all(isinstance(one, Record) for one in found), found
    return [one for one in found if isinstance(one, Record)]


def refusals(found: list[Record | Problem]) -> list[str]:
    return [one.reason if isinstance(one, Problem) else "" for one in found]


def reasons(record: Record) -> list[str]:
    return [warning.reason for warning in record.warnings]


HEADER = "题名,责任者,出版社,出版年,ISBN\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_are_told_by_the_bytes(tmp_path: Path, encoding: str) -> None:
    (record,) = records(tmp_path, HEADER + "围城,钱锺书,人民文学出版社,1991,9787020024759\n", encoding)
    assert (record.entry.title, record.entry.authors, record.entry.year) == ("围城", ("钱锺书",), 1991)


def test_one_damaged_byte_does_not_make_utf8_into_gb18030(tmp_path: Path) -> None:
    data = (HEADER + "围城,钱锺书,,,\n" * 20).encode() + "活着".encode()[:-1] + b",\n"
    found = records(tmp_path, data)
    assert found[0].entry.title == "围城"
    assert reasons(found[-1]) == ["damaged_characters", "short_row"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = f"Title{delimiter}Author{delimiter}Publisher\n家{delimiter}巴金{delimiter}人民文学出版社\n"
    (record,) = records(tmp_path, text)
    assert record.entry.publisher == "人民文学出版社"


def test_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    (record,) = records(tmp_path, "云栖市图书馆馆藏清单\n\n序号,书名,作者\n1,家,巴金\n")
    assert (record.entry.title, record.place.line) == ("家", 4)


@pytest.mark.parametrize("above", ["\n" * 200_000, "," * 40_000 + "\n", ",,,\r\n" * 12, "\n" * 12])
def test_empty_lines_above_the_header_are_not_counted(tmp_path: Path, above: str) -> None:
    """They were called an empty file, or a file whose header has no titles."""
    (record,) = records(tmp_path, above + HEADER + "围城,钱锺书,,1991,\n")
    assert (record.entry.title, record.place.line) == ("围城", above.count("\n") + 2)


def test_a_header_printed_again_on_each_page_is_no_book(tmp_path: Path) -> None:
    found = reading(tmp_path, HEADER + "围城,钱锺书,,1991,\n" + HEADER + "书名,巴金,,1991,\n")
    assert refusals(found) == ["", "header_again", ""]
    assert found[1].place.line == 3


def test_what_a_formula_could_not_find_is_nobodys_name(tmp_path: Path) -> None:
    found = reading(tmp_path, HEADER + "围城,#N/A,#REF!,1991,\n#VALUE!,钱锺书,,1991,\n")
    assert refusals(found) == ["", "no_title"]
    assert isinstance(found[0], Record)
    assert (found[0].entry.authors, found[0].entry.publisher) == ((), "")
    assert reasons(found[0]) == ["error_cell", "error_cell"]


def test_quoted_cells_may_hold_line_ends_and_delimiters(tmp_path: Path) -> None:
    found = records(tmp_path, '题名,责任者\r\n"家，\r\n又名激流","巴金"\r\n春,巴金\r\n')
    assert [one.entry.title for one in found] == ["家， 又名激流", "春"]
    assert found[1].place.line == 4


def test_a_quote_that_never_closes_spoils_one_line_only(tmp_path: Path) -> None:
    found = records(tmp_path, '题名,责任者\n家,"巴金\n春,巴金\n秋,巴金\n')
    assert [one.entry.title for one in found] == ["家", "春", "秋"]


def test_a_stray_carriage_return_breaks_no_row(tmp_path: Path) -> None:
    (record,) = records(tmp_path, b"\xef\xbb\xbftitle,author\nA Long\rTitle,Somebody\n")
    assert (record.entry.title, record.entry.authors) == ("A Long Title", ("Somebody",))


def test_a_file_of_carriage_returns_alone(tmp_path: Path) -> None:
    assert [one.entry.title for one in records(tmp_path, "题名,责任者\r家,巴金\r春,巴金\r")] == ["家", "春"]


def test_nul_bytes_are_dropped(tmp_path: Path) -> None:
    (record,) = records(tmp_path, "题名,责任者\n家\x00,巴金\n")
    assert record.entry.title == "家"


def test_a_row_without_a_title_is_told_with_its_line(tmp_path: Path) -> None:
    found = reading(tmp_path, HEADER + "家,巴金,,,\n,无名氏,某出版社,,\n")
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.place.line, problem.excerpt) == ("no_title", 3, "无名氏 某出版社")


def test_a_row_with_too_many_cells_stays_out(tmp_path: Path) -> None:
    found = reading(tmp_path, "题名,责任者\n纪伯伦诗集,纪伯伦（Gibran, K.）\n家,巴金\n")
    assert refusals(found) == ["columns", ""]


def test_a_row_with_too_few_cells_goes_in_with_a_warning(tmp_path: Path) -> None:
    (record,) = records(tmp_path, HEADER + "家,巴金\n")
    assert (record.entry.title, reasons(record)) == ("家", ["short_row"])


@pytest.mark.parametrize(
    ("written", "reason"),
    [("9.7878E+12", "isbn_destroyed"), ("10019-3968", "unified_number"), ("9787020024750", "bad_isbn")],
)
def test_a_bad_isbn_is_left_out_and_the_title_goes_in(tmp_path: Path, written: str, reason: str) -> None:
    (record,) = records(tmp_path, HEADER + f"家,巴金,人民文学出版社,1981,{written}\n")
    assert (record.entry.isbn, reasons(record)) == ("", [reason])


def test_a_date_in_the_publishers_cell_becomes_the_year(tmp_path: Path) -> None:
    (record,) = records(tmp_path, HEADER + "施蒂格勒论文精粹,施蒂格勒,第1版 (1999年1月1日),,\n")
    assert (record.entry.publisher, record.entry.year, reasons(record)) == ("", 1999, ["publisher_is_date"])


def test_a_person_in_the_publishers_cell_is_moved(tmp_path: Path) -> None:
    (record,) = records(tmp_path, HEADER + "1987,,[韩]河昌秀,,\n")
    assert (record.entry.authors, record.entry.publisher) == (("河昌秀",), "")
    assert reasons(record) == ["publisher_is_person"]


def test_labels_and_combined_cells(tmp_path: Path) -> None:
    text = "书名,作者,出版社\n死屋,作者/译者： [英]丹尼尔·比尔 / 孔俐颖 ,出版信息： 四川文艺出版社 / 2019-6 / 88.00元\n"
    (record,) = records(tmp_path, text)
    entry = record.entry
    assert (entry.authors, entry.translators) == (("丹尼尔·比尔",), ("孔俐颖",))
    assert (entry.publisher, entry.year, entry.price_fen) == ("四川文艺出版社", 2019, 8800)


def test_entities_and_invisible_marks(tmp_path: Path) -> None:
    row = "1,世说\u200b新语,&lt;南朝宋&gt;刘义庆 著,Simon &amp; Schuster"
    (record,) = records(tmp_path, f"ID,Title,Author,Publisher\n{row}\n")
    entry = record.entry
    assert (entry.title, entry.authors, entry.publisher) == ("世说新语", ("刘义庆",), "Simon & Schuster")


def test_title_and_author_in_one_cell(tmp_path: Path) -> None:
    (record,) = records(tmp_path, "题名/责任者,出版社\n三体/刘慈欣著,重庆出版社\n")
    assert (record.entry.title, record.entry.authors) == ("三体", ("刘慈欣",))


def test_one_row_a_copy(tmp_path: Path) -> None:
    text = "id,题名,条码,馆藏地,索书号,架位\n1,家,T1,中心馆,I246.5/3,B2\n2,家,T2,中心馆,I246.5/3,B2\n"
    first, second = records(tmp_path, text)
    assert first.copies == (CopyFacts("T1", "中心馆", "I246.5/3", "B2"),)
    assert first.entry == second.entry  # the row's number is not the title's


def test_counted_copies(tmp_path: Path) -> None:
    (record,) = records(tmp_path, "题名,馆藏地,册数\n家,中心馆,3\n")
    assert record.copies == (CopyFacts("", "中心馆"),) * 3


def test_counts_of_readers_become_a_popularity_of_0_to_100(tmp_path: Path) -> None:
    found = records(tmp_path, "书名,评价人数\n无人知,0\n有人知,(27人评价)\n人人知,793203\n太有名,99999999\n")
    assert [one.entry.popularity for one in found] == [0, 25, 100, 100]
    (record,) = records(tmp_path, "书名,popularity\n家,61\n")
    assert record.entry.popularity == 61


def test_a_title_as_long_as_a_page_stays_out(tmp_path: Path) -> None:
    found = reading(tmp_path, "题名,责任者\n" + "字" * 900 + ",某人\n")
    assert refusals(found) == ["title_too_long"]


def test_a_cut_gzip_gives_what_came_before(tmp_path: Path) -> None:
    rows = "题名,责任者\n" + "".join(f"书{n * 7919 % 100_003},某人{n}\n" for n in range(30_000))
    packed = gzip.compress(rows.encode())
    found = reading(tmp_path, packed[: len(packed) * 3 // 4])
    assert isinstance(found[0], Record) and len(found) > 1000
    assert refusals(found)[-1] == "truncated"


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbooks_with_numbers_dates_and_a_sheet_of_something_else(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["馆藏清单"],
        ["题名", "作者", "出版日期", "ISBN", "定价"],
        ["家", "巴金", date(1981, 5, 1), 9787020024759, 12.5],
        [None, None, None, None, None],
        [1984, "奥威尔", 1985, 9.7878e12, "21元"],
    ]
    first, second = records(tmp_path, workbook([["说明"], ["随便写写"]], rows))
    assert (first.entry.year, first.entry.isbn, first.entry.price_fen) == (1981, "9787020024759", 1250)
    assert (first.place.sheet, first.place.line) == ("表1", 3)
    assert (second.entry.title, second.entry.year, second.entry.isbn) == ("1984", 1985, "")


def test_a_sheet_whose_header_stands_low_is_read(tmp_path: Path) -> None:
    above: list[list[object]] = [[None] for _ in range(14)]
    (record,) = records(tmp_path, workbook([*above, ["题名", "作者"], ["家", "巴金"]]))
    assert (record.entry.title, record.place.line) == ("家", 16)


def test_a_row_that_says_it_stands_beyond_any_sheet_ends_it(tmp_path: Path) -> None:
    """All rows between were made up, empty, one by one: an import without end."""
    far, out = b"99999999999", io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["题名"], ["家"], ["春"]]))) as whole, zipfile.ZipFile(out, "w") as made:
        for name in whole.namelist():
            data = whole.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b'<row r="3"', b'<row r="%s"' % far).replace(b'"A3"', b'"A%s"' % far)
            made.writestr(name, data)
    assert refusals(reading(tmp_path, out.getvalue())) == ["", "truncated"]


def test_json_lines_with_broken_ones_among_them(tmp_path: Path) -> None:
    good = json.dumps({"id": "x:1", "title": "家", "authors": ["巴金"], "year": 1981, "ratings_count": 9})
    found = reading(tmp_path, f'{good}\n{{"title": "春"\n[1]\n\n{{"title": null}}\n')
    assert refusals(found) == ["", "bad_json", "not_an_object", "no_title"]
    assert isinstance(found[0], Record)
    entry = found[0].entry
    assert (entry.source_id, entry.authors, entry.popularity) == ("x:1", ("巴金",), 17)
    assert found[-1].place.line == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("array", [True, False])
def test_json_in_one_array_or_over_many_lines(tmp_path: Path, encoding: str, indent: int | None, array: bool) -> None:
    rows = [{"title": "家", "authors": ["巴金"]}, {"title": "春"}, {"title": "秋"}]
    said = [json.dumps(row, indent=indent, ensure_ascii=False) for row in rows]
    text = json.dumps(rows, indent=indent, ensure_ascii=False) if array else "\n".join(said)
    found = records(tmp_path, text, encoding)
    assert [one.entry.title for one in found] == ["家", "春", "秋"]
    if indent and not array:
        assert [one.place.line for one in found] == [1, 7, 10]


def test_a_broken_array_gives_what_stands_before(tmp_path: Path) -> None:
    found = reading(tmp_path, '[{"title":"家"}, 3, {"title":"春"}, {"ti')
    assert refusals(found) == ["", "not_an_object", "", "bad_json"]


def test_a_heading_in_brackets_is_no_array(tmp_path: Path) -> None:
    assert [one.entry.title for one in records(tmp_path, "[题名],[作者]\n家,巴金\n")] == ["家"]


def test_unicode_text_of_a_spreadsheet(tmp_path: Path) -> None:
    text = "题名\t作者\r\n家\t巴金\r\n春\t巴金\r\n"
    assert [one.entry.title for one in records(tmp_path, text, "utf-16")] == ["家", "春"]


def test_a_heading_that_runs_over_two_lines(tmp_path: Path) -> None:
    found = records(tmp_path, '"题\n名","作者\n（译者）",ISBN\n家,巴金,\n春,,\n')
    assert [(one.entry.title, one.place.line) for one in found] == [("家", 4), ("春", 5)]
    assert [one.entry.title for one in records(tmp_path, workbook([["题\n名", "作者"], ["家", "巴金"]]))] == ["家"]


def test_rows_under_a_merged_title_are_told_as_such(tmp_path: Path) -> None:
    found = reading(tmp_path, workbook([["题名", "条码"], ["", "A0"], ["家", "A1"], ["", "A2"], ["春", "A3"]]))
    assert refusals(found) == ["no_title", "", "merged_title", ""]


def test_a_line_of_lists_in_lists_costs_only_itself(tmp_path: Path) -> None:
    deep = '{"title":' + "[" * 800 + "]" * 800 + "}"
    assert refusals(reading(tmp_path, f'{{"title":"家"}}\n{deep}\n{{"title":"春"}}\n')) == ["", "bad_json", ""]


def test_json_lines_with_copies_gzipped(tmp_path: Path) -> None:
    line = json.dumps({"title": "家", "copies": [{"barcode": "T1", "branch": "zx", "call_number": "I/1"}]})
    (record,) = records(tmp_path, gzip.compress(line.encode()))
    assert record.copies == (CopyFacts("T1", "zx", "I/1"),)


def test_absurd_json_values_do_not_break_the_store(tmp_path: Path) -> None:
    line = '{"title": "家\\ud800", "pages": 1e400, "year": -5, "popularity": 99999999999999999999, "isbn": [[]]}'
    (record,) = records(tmp_path, line)
    assert (record.entry.title, record.entry.pages, record.entry.popularity) == ("家", None, 0)


# ---- for adults only (公共图书馆法 art. 50, B8) ------------------------------------------------------------


@pytest.mark.parametrize("heading", ["仅限成人", "adults_only", "Adults only", "未成年人不宜"])
@pytest.mark.parametrize(
    ("cell", "said"),
    [("是", "adults"), ("yes", "adults"), ("1", "adults"), ("√", "adults"), ("否", ""), ("", ""), ("0", "")],
)
def test_a_column_says_that_a_title_is_for_adults_only(tmp_path: Path, heading: str, cell: str, said: str) -> None:
    (record,) = records(tmp_path, f"题名,ISBN,{heading}\n书,,{cell}\n")
    assert record.entry.audience == said and reasons(record) == []


def test_a_cell_that_cannot_be_understood_marks_nothing_and_is_told(tmp_path: Path) -> None:
    (record,) = records(tmp_path, "题名,仅限成人\n书,也许\n")
    assert record.entry.audience == "" and reasons(record) == ["bad_flag"]


@pytest.mark.parametrize(
    ("note", "only"),
    [
        ("仅限成人阅读", True),
        ("限18岁以上", True),
        ("未满十八周岁请勿借阅", True),
        ("未成年人不宜", True),
        ("Adults only", True),
        ("成人", False),
        ("仅供成人高考考生使用", False),
        ("成人教育、自学考试", False),
        ("18岁以上驾驶员", False),
        ("普通成人读者", False),
    ],
)
def test_a_note_marks_a_title_only_where_it_says_so_outright(tmp_path: Path, note: str, only: bool) -> None:
    """For whom a book is written is another matter: 成人教育 is no book for adults only."""
    (record,) = records(tmp_path, f"题名,读者对象\n书,{note}\n")
    assert (record.entry.audience == "adults") is only


def test_json_lines_and_workbooks_say_it_too(tmp_path: Path) -> None:
    said = ({"adults_only": True}, {"adults_only": False}, {"仅限成人": 1})
    lines = [{"title": "书", **one} for one in said]
    found = records(tmp_path, "\n".join(json.dumps(line) for line in lines))
    assert [one.entry.audience for one in found] == ["adults", "", "adults"]
    book = openpyxl.Workbook()
    book.active.append(["书名", "仅限成人"])
    book.active.append(["甲", True])
    book.active.append(["乙", None])
    held = io.BytesIO()
    book.save(held)
    assert [one.entry.audience for one in records(tmp_path, held.getvalue())] == ["adults", ""]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("英语", "en"), ("English", "en"), ("eng", "en"), ("EN", "en"), ("中文", "zh"), ("zh-CN", "zh"), ("日语", "ja"),
        ("chu", "chu"), ("", ""),
    ],
)  # fmt: skip
def test_languages_are_kept_in_two_letters(tmp_path: Path, written: str, kept: str) -> None:
    """A2-14: books are listed by language, however the table writes it."""
    (record,) = records(tmp_path, f"题名,责任者,语种\nWalden,Thoreau,{written}\n")
    assert record.entry.language == kept
