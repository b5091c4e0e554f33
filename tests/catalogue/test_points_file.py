"""A points.toml of a library's own: what is wrong with a point is told with its line, the rest goes in (A2-16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending import importing
from lending.cities import named
from lending.database import Store
from lending.importing import ImportRefused, Report
from lending.points import point_by_code, points
from tests.commandline import here

GOOD = '''[[point]]
code = "hz"
kind = "branch"
name = "湖州市图书馆"
city = "湖州市"
city_en = "Huzhou"
opens = { mon = "09:00-17:00" }

[[point]]
code = "jx"
kind = "branch"
name = "嘉兴市图书馆"
city = "嘉兴"
city_en = "Jiaxing"
'''


def load(store: Store, folder: Path, text: str) -> Report:
    file = folder / "points.toml"
    file.write_text(text, encoding="utf-8")
    return importing.load_points(store, file)


def told(report: Report) -> list[tuple[int, str]]:
    return [(one.place.line, one.reason) for one in (*report.problems, *report.warnings)]


def test_points_come_in_with_their_cities_and_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    first, again = load(store, tmp_path, GOOD), load(store, tmp_path, GOOD)
    assert (first.added, again.added, again.same) == (2, 0, 2) and told(first) == []
    assert [city[:2] for city in named(store.db)] == [("湖州", "Huzhou"), ("嘉兴", "Jiaxing")]


@pytest.mark.parametrize("wrong", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_a_file_beyond_all_reading_is_refused(store: Store, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ImportRefused, match="too_deep_toml"):
        load(store, tmp_path, f"{GOOD}\n{wrong}\n")


def test_a_moved_point_is_renewed(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, GOOD)
    assert load(store, tmp_path, GOOD.replace('"嘉兴"\ncity_en = "Jiaxing"', '"宁波"\ncity_en = "Ningbo"')).changed == 1
    assert point_by_code(store.db, "jx").city == "宁波"


@pytest.mark.parametrize(
    ("lines", "line", "reason", "city"),
    [
        ('city_en = "Ningbo"', 20, "city_in_english_only", ""),
        ('city = ""\ncity_en = "Ningbo"', 21, "city_in_english_only", ""),
        ("city = 12", 20, "bad_city", ""),
        ('city = ["宁波"]', 20, "bad_city", ""),
        ('city = "宁波:1"', 20, "bad_city", ""),
        ('city = "宁波\\n湖州"', 20, "bad_city", ""),
        ('city = "' + "宁" * 200 + '"', 20, "bad_city", ""),
        ('city = "宁波"\ncity_en = 7', 21, "bad_city", ""),
        ('city = "宁波"', 20, "city_without_english", "宁波"),
        ('city = "湖州"\ncity_en = "Hu Zhou"', 21, "city_two_names", "湖州"),
    ],
)
def test_a_wrong_or_half_filled_city_is_told_with_its_line_and_the_rest_goes_in(
    store: Store, tmp_path: Path, lines: str, line: int, reason: str, city: str
) -> None:
    report = load(store, tmp_path, f'{GOOD}\n[[point]]\ncode = "x"\nkind = "branch"\nname = "丙"\n{lines}\n')
    assert told(report) == [(line, reason)]
    assert len(points(store.db)) == 3 and point_by_code(store.db, "x").city == city
    assert point_by_code(store.db, "hz").city_en == "Huzhou"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('kind = "branch"\nname = "丙"', "point_without"), ('code = "x"\nname = "丙"', "point_without"),
        ('code = "x"\nkind = "branch"', "point_without"), ('code = 7\nkind = "branch"\nname = "丙"', "point_without"),
        ('code = "x"\nkind = "café"\nname = "丙"', "point_kind"),
    ],
)  # fmt: skip
def test_a_point_without_what_it_needs_stays_out_alone(
    store: Store, tmp_path: Path, lines: str, reason: str
) -> None:
    report = load(store, tmp_path, f"{GOOD}\n[[point]]\n{lines}\n")
    assert [why for _line, why in told(report)] == [reason] and report.problem_count == 1
    assert {point.code for point in points(store.db)} == {"hz", "jx"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('colour = "red"', "point_field"), ('lat = "north"', "point_value"), ("lat = 300.0", "point_value"),
        ("phone = 110", "point_value"), ('opens = { mon = "9 to 5" }', "point_value"),
        ("boxes = { XL = 3 }", "point_value"), ("boxes = { S = -3 }", "point_value"),
        ('branch_type = "x"', "point_value"),
        ('stops = [{ day = "someday", hours = "14:00-16:00", place = "村口" }]', "point_value"),
        ("stops = [1]", "point_value"), ("lon = true", "point_value"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_field_leaves_the_field_out(
    store: Store, tmp_path: Path, line: str, reason: str
) -> None:
    report = load(store, tmp_path, f'[[point]]\ncode = "x"\nkind = "branch"\nname = "丙"\n{line}\n')
    assert told(report) == [(5, reason)] and point_by_code(store.db, "x").name == "丙"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[[point]\n", "bad_toml"), ("x = 1\n", "no_points"), ("point = 1\n", "no_points"), ("point = [1]\n", "no_points"),
     ("", "empty_file")],
)  # fmt: skip
def test_what_is_no_list_of_points_is_refused_as_a_whole(
    store: Store, tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        load(store, tmp_path, text)
    assert refused.value.problem.reason == reason and points(store.db) == []


def test_the_command_takes_it_and_says_what_stayed_out(tmp_path: Path) -> None:
    file = tmp_path / "points.toml"
    file.write_text(f'{GOOD}\n[[point]]\nkind = "branch"\nname = "丙"\n', encoding="utf-8")
    said = here(tmp_path / "data", "import", str(file)).stdout
    assert "读了 3 个网点：新增 2" in said and "第 16 行: 网点「丙」没有写 code，未导入。" in said
    file.write_text("nonsense", encoding="utf-8")
    refused = here(tmp_path / "data", "import", str(file))
    assert refused.returncode == 1 and "TOML" in refused.stderr
