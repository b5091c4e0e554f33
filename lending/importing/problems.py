"""What can be wrong with a file, a row or a cell: a short code with facts, and the one table of words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

EXCERPT = 80


def N_(text: str) -> str:
    """Marks a text for translation where it is written; it is translated where it is shown."""
    return text


class Place(NamedTuple):
    """Where in the file: a line (of a sheet), or a record with the byte it begins at. Zero or -1: not known."""

    line: int = 0
    record: int = 0
    offset: int = -1
    sheet: str = ""


@dataclass(frozen=True)
class Problem:
    """Something wrong at a place. `reason` is a key of WORDS, `facts` fill its braces."""

    place: Place
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    excerpt: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "excerpt", self.excerpt[:EXCERPT])


class ImportRefused(Exception):
    """The file as a whole cannot be read; `problem` says why."""

    def __init__(self, reason: str, **facts: Any) -> None:
        self.problem = Problem(Place(), reason, facts)
        super().__init__(reason, facts)


WORDS = {
    # the whole file
    "no_file": N_("找不到这个文件。"),
    "directory": N_("这是一个文件夹，请给出其中的一个文件。"),
    "empty_file": N_("文件是空的。"),
    "unreadable": N_("文件读不了：{detail}"),
    "binary": N_("看不出这是什么格式的文件。可以导入 CSV、XLSX、JSONL、MARC（ISO 2709）和 MARCXML。"),
    "old_xls": N_("这是旧版 Excel（.xls）文件，请另存为 .xlsx 再导入。"),
    "broken_workbook": N_("这个 Excel 文件打不开，可能没有传完整。"),
    "swollen_workbook": N_("这个 Excel 文件展开以后大得不正常，没有读。请另存一份再导入。"),
    "big_json": N_("这个 JSON 整个是一块，太大了，没有读。请存成一行一条（JSON Lines）再导入。"),
    "no_title_column": N_("没有找到书名一栏。表头是：{header}"),
    "unsafe_xml": N_("这个 XML 文件里有实体定义，为安全起见不读取。"),
    "no_records": N_("文件里没有书目记录。"),
    "bad_toml": N_("这个 TOML 文件写得不对：{detail}"),
    "too_deep_toml": N_("这个 TOML 文件读不了：有个数字太长，或者括号套得太深。"),
    "no_points": N_("这个文件里没有网点：每个网点以 [[point]] 一行开头。"),
    # a row or a record that stays out
    "no_title": N_("没有书名，未导入。"),
    "merged_title": N_("没有书名，未导入。书名要是和上一行合并了单元格，请取消合并，每一行都填上。"),
    "title_too_long": N_("书名有 {length} 个字，像是串行了，未导入。"),
    "columns": N_("这一行有 {found} 栏，表头只有 {expected} 栏，未导入。"),
    "header_again": N_("这一行又是表头，未导入。"),
    "bad_json": N_("这一行不是完整的 JSON，未导入。"),
    "not_an_object": N_("这一行的 JSON 不是一条书目，未导入。"),
    "bad_record": N_("这不是一条完整的 MARC 记录，未导入。"),
    "record_too_long": N_("这条记录超过 {limit} 字节，未导入。"),
    "truncated": N_("文件到这里中断了，后面的内容缺失。"),
    "broken_xml": N_("XML 从这里开始损坏，后面的内容没有读到。"),
    # the title goes in, something of it does not
    "short_row": N_("这一行只有 {found} 栏，表头有 {expected} 栏。"),
    "error_cell": N_("有一格是表格软件的出错标记“{value}”，未录入。"),
    "bad_isbn": N_("ISBN“{value}”不正确，未录入。"),
    "isbn_destroyed": N_("ISBN“{value}”已被 Excel 改成科学计数，无法恢复，未录入。"),
    "unified_number": N_("“{value}”是统一书号，不是 ISBN，未录入。"),
    "bad_flag": N_("看不懂“仅限成人”一栏里的“{value}”，这本没有标，请核对。"),
    "bad_year": N_("看不懂出版年“{value}”，未录入。"),
    "publisher_is_date": N_("出版社一栏里是日期“{value}”，已改作出版年。"),
    "publisher_unclear": N_("出版社一栏里的“{value}”不像出版社，未录入。"),
    "publisher_is_person": N_("出版社一栏里是人名“{value}”，已移到作者一栏或略去。"),
    "cut_off": N_("“{value}”像是被截断了，请核对补全。"),
    "damaged_characters": N_("有损坏的字符，请核对。"),
    "unknown_branch": N_("不认识馆藏地“{branch}”，这册书未录入。"),
    "no_branch": N_("没有写明馆藏地，这册书未录入。"),
    # of a points.toml
    "point_without": N_("网点「{name}」没有写 {field}，未导入。"),
    "point_kind": N_("网点「{name}」的 kind 是“{value}”，只能是 branch 或 locker，未导入。"),
    "point_field": N_("网点「{name}」：没有 {field} 这一项，未录入。"),
    "point_value": N_("网点「{name}」：{field} 写得不对，未录入。"),
    "bad_city": N_("网点「{name}」的城市看不懂，先不归任何城市，请核对。"),
    "city_in_english_only": N_("网点「{name}」只有英文的城市“{value}”，没有中文的，先不归任何城市，请补上 city。"),
    "city_without_english": N_("城市“{value}”没有英文名，英文读者看到的是中文，请补上 city_en。"),
    "city_two_names": N_("城市“{city}”有两个英文名，用“{kept}”，没有用“{value}”。"),
    "barcode_taken": N_("条码“{barcode}”已属于另一种书，这册书未录入。"),
    "placed_by_hand": N_("条码“{barcode}”的馆藏地、索书号或架位是馆员改过的，照旧没有动。"),
}
PLACES = {
    "": N_("整个文件"),
    "line": N_("第 {line} 行"),
    "sheet": N_("工作表“{sheet}”第 {line} 行"),
    "record": N_("第 {record} 条记录"),
    "offset": N_("第 {record} 条记录（第 {offset} 字节）"),
}


def message(problem: Problem) -> tuple[str, dict[str, Any]]:
    """The text to be translated, and what fills its braces."""
    return WORDS[problem.reason], dict(problem.facts)


def where(place: Place) -> tuple[str, dict[str, Any]]:
    """The place as a text to be translated, and what fills its braces."""
    if place.record:
        kind = "offset" if place.offset >= 0 else "record"
    elif place.line:
        kind = "sheet" if place.sheet else "line"
    else:
        kind = ""
    return PLACES[kind], place._asdict()
