"""A points.toml that comes again does not undo what a librarian has changed since: kept and told."""

from __future__ import annotations

from pathlib import Path

from lending import importing
from lending.by_hand import Differing
from lending.database import Store
from lending.importing import Report
from lending.points import point_by_code, set_branch_type, set_hours, set_stops
from lending.stops import Stop
from tests.commandline import here

HOURS = {"mon": "09:00-17:00"}
SHORT = {"mon": "10:00-12:00", "tue": ""}
FILE = """[[point]]
code = "hz"
kind = "branch"
name = "湖州馆"
branch_type = "public"
opens = { mon = "09:00-17:00" }

[[point]]
code = "bus"
kind = "branch"
name = "大篷车"
branch_type = "bus"
stops = [{ day = "sat", hours = "09:00-11:00", place = "村口" }]
"""


def load(store: Store, folder: Path, text: str = FILE, overwrite: bool = False) -> Report:
    file = folder / "points.toml"
    file.write_text(text, encoding="utf-8")
    return importing.load_points(store, file, overwrite)


def change_hours(store: Store, opens: dict[str, str], code: str = "hz") -> None:
    with store.writing() as db:
        set_hours(db, point_by_code(db, code).id, opens)


def test_hours_set_by_hand_stay_and_are_told_each_time(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    change_hours(store, SHORT)
    for report in (load(store, tmp_path), load(store, tmp_path, FILE.replace("17:00", "18:00"))):
        (told,) = report.by_hand
        assert (told.name, told.field, told.kept) == ("湖州馆", "opens", True)
    assert told.told == {"mon": "09:00-18:00"} and told.by_hand == {"mon": "10:00-12:00"}
    assert point_by_code(store.db, "hz").opens == SHORT and report.same == 2


def test_what_nobody_touched_is_still_renewed(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    change_hours(store, SHORT)
    text = FILE.replace("湖州馆", "湖州市馆").replace('"public"', '"community"')
    assert load(store, tmp_path, text).changed == 1
    point = point_by_code(store.db, "hz")
    assert (point.name, point.branch_type, point.opens) == ("湖州市馆", "community", SHORT)


def test_a_form_saved_as_it_was_is_no_change(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    change_hours(store, {"sun": "", "mon": "09:00-17:00"})
    assert load(store, tmp_path, FILE.replace("17:00", "18:00")).by_hand == []
    assert point_by_code(store.db, "hz").opens == {"mon": "09:00-18:00"}


def test_what_the_file_has_learnt_belongs_to_the_file_again(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    change_hours(store, {"mon": "10:00-12:00"})
    assert load(store, tmp_path, FILE.replace("09:00-17:00", "10:00-12:00")).by_hand == []
    assert load(store, tmp_path).by_hand == [] and point_by_code(store.db, "hz").opens == HOURS


def test_a_file_that_is_silent_empties_nothing_that_was_set_by_hand(store: Store, tmp_path: Path) -> None:
    silent = FILE.replace('opens = { mon = "09:00-17:00" }', "")
    load(store, tmp_path, silent)
    change_hours(store, SHORT)
    for overwrite in (False, True):
        assert load(store, tmp_path, silent, overwrite).by_hand == []
        assert point_by_code(store.db, "hz").opens == SHORT


def test_the_files_word_is_taken_where_that_is_asked_and_what_is_lost_is_told(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    change_hours(store, SHORT)
    report = load(store, tmp_path, overwrite=True)
    assert report.by_hand == [Differing("湖州馆", "opens", {"mon": "10:00-12:00"}, HOURS, kept=False)]
    assert point_by_code(store.db, "hz").opens == HOURS and load(store, tmp_path).by_hand == []


def test_a_bus_keeps_the_stops_that_were_set_by_hand(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    moved = (Stop("sun", "09:00-11:00", "渡口"),)
    with store.writing() as db:
        set_stops(db, point_by_code(db, "bus").id, moved)
    assert [(one.field, one.kept) for one in load(store, tmp_path).by_hand] == [("stops", True)]
    assert point_by_code(store.db, "bus").stops == moved


def test_whether_it_is_a_bus_is_said_by_the_file_alone(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    with store.writing() as db:
        set_branch_type(db, point_by_code(db, "hz").id, "home")
        set_stops(db, point_by_code(db, "bus").id, [Stop("sun", "09:00-11:00", "渡口")])
    swapped = FILE.replace('"public"', '"x"').replace('"bus"\nstops', '"public"\nstops').replace('"x"', '"bus"')
    swapped = swapped.replace('stops = [{ day = "sat", hours = "09:00-11:00", place = "村口" }]', "")
    report = load(store, tmp_path, swapped)
    assert point_by_code(store.db, "hz").is_bus and not point_by_code(store.db, "bus").is_bus
    assert {(one.field, one.kept) for one in report.by_hand} >= {("branch_type", False), ("stops", False)}


def test_of_points_from_before_the_words_were_kept_the_staff_page_goes_first(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    with store.writing() as db:
        db.run("DELETE FROM points_as_told")
    report = load(store, tmp_path, FILE.replace("17:00", "18:00").replace("湖州馆", "湖州市馆"))
    assert [(one.field, one.kept) for one in report.by_hand] == [("opens", True)]
    point = point_by_code(store.db, "hz")
    assert (point.name, point.opens) == ("湖州市馆", HOURS)


def test_the_command_says_what_it_left_what_the_file_has_and_how_to_have_that(store: Store, tmp_path: Path) -> None:
    file, data = tmp_path / "points.toml", tmp_path / "data"
    file.write_text(FILE, encoding="utf-8")
    here(data, "import", str(file))
    lent = Store(data / "shuxin.sqlite")
    change_hours(lent, SHORT)
    lent.close()
    said = here(data, "import", str(file)).stdout
    assert "馆员改过的，照旧没有动：1 处" in said and "--overwrite" in said
    assert "网点「湖州馆」的开放时间：现在是 周一 10:00-12:00；文件里是 周一 09:00-17:00" in said
    said = here(data, "import", str(file), "--overwrite").stdout
    assert "照文件改了：1 处" in said and "原来是 周一 10:00-12:00；现在是 周一 09:00-17:00" in said
    assert "馆员改过" not in here(data, "import", str(file)).stdout
