"""`flask export`: a file that is whole or not there, never over another, and each change told once (A2-7)."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from pathlib import Path

import pytest

from commands import files
from lending import checkouts, credit, readers
from lending.database import Store
from lending.policy import load_policy
from tests.commandline import here
from tests.commands.test_commands import complaint
from tests.talking import FRIDAY


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A data folder with one loan taken from the shelf."""
    folder = Path(shutil.copytree(prepared, tmp_path / "data"))
    lend(folder)
    return folder


def lend(folder: Path) -> None:
    """Another reader takes another copy."""
    store = Store(folder / "shuxin.sqlite", synchronous="OFF")
    with store.writing() as db:
        who = readers.join(db, "zh_Hans", FRIDAY)
        credit.open_ledger(db, who.id, load_policy(), FRIDAY)
        readers.set_standing(db, who.id, "trusted")
        barcode = db.value("SELECT barcode FROM copies WHERE state = 'available' ORDER BY id")
        checkouts.check_out(db, barcode, who.id, load_policy(), FRIDAY)
    store.close()


def test_each_run_brings_what_changed_since(data: Path, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("1.csv", "2.jsonl", "3.csv"))
    assert here(data, "export", "loans", str(first)).stdout.startswith("1 loans")
    with first.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["state"] == "open" and row["card"] == "" and row["lent_at"] == "2026-11-20T10:00:00+08:00"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    lend(data)
    here(data, "export", "loans", str(second))
    assert [json.loads(line)["loan"] for line in second.read_text().splitlines()] == [int(row["loan"]) + 1]
    assert here(data, "export", "loans", str(third)).stdout.startswith("0 loans")
    assert third.read_text().count("\n") == 1, "the head alone"


def test_a_run_that_breaks_off_leaves_no_file_and_marks_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files.os, "fsync", full)
        said = complaint(data, "export", "loans", str(tmp_path / "1.csv"))
    assert f"No space left on device: '{tmp_path}/1.csv'; make room on that disk" in said
    assert not list(tmp_path.glob("1.csv*"))
    assert here(data, "export", "loans", str(tmp_path / "1.csv")).stdout.startswith("1 loans")


def test_days_are_told_whole_and_leave_the_last_export_as_it_was(data: Path, tmp_path: Path) -> None:
    days = ("--from", "2026-11-20", "--to", "2026-11-20")
    for name in ("1.csv", "2.csv"):
        assert here(data, "export", "loans", str(tmp_path / name), *days).stdout.startswith("1 loans")
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert here(data, "export", "loans", str(tmp_path / "3.csv")).stdout.startswith("1 loans")


def test_copies_are_all_told(data: Path, tmp_path: Path) -> None:
    said = here(data, "export", "copies", str(tmp_path / "c.jsonl")).stdout
    rows = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert said.startswith(f"{len(rows)} copies") and len(rows) > 100
    assert sum(row["state"] == "on_loan" for row in rows) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("x.xlsx",), "has to end in .csv or .jsonl"),
        (("x",), "has to end in .csv or .jsonl"),
        (("x.csv", "--from", "2026-11-20"), "--from and --to belong together"),
        (("x.csv", "--to", "2026-11-20"), "--from and --to belong together"),
        (("x.csv", "--from", "2026-11-21", "--to", "2026-11-20"), "--from 2026-11-21 is after --to 2026-11-20"),
        (("x.csv", "--from", "0001-01-01", "--to", "9999-12-31"), "beyond what a calendar can count"),
        (("no/such/x.csv",), "No such file"),
        (("x.csv", "--cards", "none.txt"), "No such file"),
        (("x.csv", "--cards", "gbk.txt"), "is not written in UTF-8"),
        (("there.csv",), "is there already"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("not fetched yet")
    (tmp_path / "gbk.txt").write_bytes("卡号".encode("gbk"))
    before = sorted(tmp_path.iterdir())
    assert says in complaint(data, "export", "loans", *arguments)
    assert sorted(tmp_path.iterdir()) == before and (tmp_path / "there.csv").read_text() == "not fetched yet"
