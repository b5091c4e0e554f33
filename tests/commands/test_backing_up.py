"""`flask backup` and the reader's own copy: a file that is whole, or none; a full disk in one plain line (A11-5)."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from commands import files
from tests.commandline import FLASK, ROOT, here, settings
from tests.commands.test_commands import complaint


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A data folder with the sample library."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


def test_a_backup_holds_what_the_library_holds_and_is_never_written_over(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "copy.sqlite"
    said = here(data, "backup", str(kept)).stdout
    with closing(sqlite3.connect(data / "shuxin.sqlite")) as one, closing(sqlite3.connect(kept)) as other:
        assert list(one.iterdump()) == list(other.iterdump())
        assert f"{one.execute('SELECT COUNT(*) FROM copies').fetchone()[0]} copies" in said
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite"]
    before = kept.read_bytes()
    assert "is there already" in complaint(data, "backup", str(kept))
    assert kept.read_bytes() == before


def test_a_full_disk_leaves_no_backup_that_looks_whole(data: Path, tmp_path: Path) -> None:
    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    kept = tmp_path / "copy.sqlite"
    done = subprocess.run(
        [*FLASK, "backup", str(kept)], cwd=ROOT, env=settings(data), capture_output=True, text=True, preexec_fn=fill
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert done.stderr.endswith(f"'{kept}'; make room on that disk, then run it again\n")
    assert not list(tmp_path.glob("copy*"))


def test_a_full_disk_leaves_no_half_copy_of_a_readers_data(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said again at the next visit, and written then."""
    (folder := tmp_path / "mine").mkdir()
    monkeypatch.chdir(folder)
    here(data, "chat", "--as", "甲", said="你好\n")

    def full(opened: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files.os, "fsync", full)
        done = here(data, "chat", "--as", "甲", said="/mydata\n")
    assert done.returncode == 1 and "shuxin-R" in done.stderr and "make room on that disk" in done.stderr
    assert not list(folder.iterdir())
    here(data, "chat", "--as", "甲", said="你好\n")
    assert {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        ".html": 0o600, ".json": 0o600,
    }  # fmt: skip
