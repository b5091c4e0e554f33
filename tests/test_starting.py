"""What each start waits for: a command imports only what every command needs, and whoever serves is warm before."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest

from app import build
from bot import likeness, phrasebook, texts
from bot.service import Service
from bot.texts import Words
from bot.understanding import Intent, understand
from commands import running, shared
from lending import importing
from lending.database import Store
from lending.errors import StoreOutgrown, StoreUnwritable
from lending.policy import load_policy
from search import analysis, pinyin
from search.locks import holding
from settings import Settings
from tests.commandline import ROOT, run

HEAVY = ["aiohttp", "httpx", "jieba", "openpyxl", "pypinyin", "telegram"]
READ_ONCE: list[_lru_cache_wrapper] = [
    phrasebook.phrasebook, likeness.examples, likeness.english, texts._traditional,
    analysis._cutter, analysis._fold, analysis._spell, pinyin._known,
]  # fmt: skip


def test_a_command_imports_nothing_that_few_need() -> None:
    """Telegram and the partners are for those who have them; dictionaries for those who search: half of each start."""
    asked = f"import sys, app; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_who_has_got_ready_reads_nothing_while_somebody_waits(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for once in (*READ_ONCE, understand, texts._in_traditional, pinyin.split_pinyin, pinyin.readable):
        once.cache_clear()
    shared.prepare_search(service)
    assert not phrasebook.phrasebook.cache_info().currsize, "who only searches waits for no wordings"
    shared.prepare(service)
    assert [once.__name__ for once in READ_ONCE if not once.cache_info().currsize] == []

    def again(*_: object, **__: object) -> None:
        raise AssertionError("read while somebody waits")

    for place in ("tomllib.loads", "opencc.OpenCC", "jieba.Tokenizer"):
        monkeypatch.setattr(place, again)
    assert understand("帮我续借") == understand("please renew my books") == Intent("renew")
    assert understand("我那本想多留几天行不行") and analysis.key("圍城") == "围城" and analysis.syllables("围城")
    assert Words("zh_Hant").called("云栖", "") == "雲棲"


def _settings(folder: Path) -> Settings:
    return Settings(data=folder, library="云栖", policy=load_policy(), secret="s" * 40)


@pytest.mark.parametrize("last", ["load_sample_events", "load_sample_appointments"])
def test_a_first_start_that_broke_off_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    """Half a sample library would stay half for ever: there are titles, so nobody would bring the rest."""
    service = build(_settings(tmp_path))

    def refuse(*_: object) -> None:
        raise StoreUnwritable("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(importing, last, refuse)
        with pytest.raises(StoreUnwritable):
            shared.prepare(service)
    assert service.store.db.value("SELECT COUNT(*) FROM titles") == 0
    shared.prepare(service)
    counts = "SELECT (SELECT COUNT(*) FROM titles) > 2000 AND (SELECT COUNT(*) FROM copies) > 2000"
    assert service.store.db.value(f"{counts} AND (SELECT COUNT(*) FROM events) > 0")
    service.store.close()


def test_two_first_starts_at_once_bring_the_sample_library_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each found the library empty, and each brought it: every activity stood there twice."""
    one, other = build(_settings(tmp_path)), build(_settings(tmp_path))
    both_look = importing.load_sample_points

    def meanwhile(store: Store) -> None:
        monkeypatch.setattr(importing, "load_sample_points", both_look)
        shared.prepare_search(other)

    monkeypatch.setattr(importing, "load_sample_points", meanwhile)
    shared.prepare_search(one)
    assert one.store.db.value("SELECT COUNT(*) - COUNT(DISTINCT name) FROM events") == 0
    one.store.close()
    other.store.close()


def test_who_starts_while_another_builds_the_index_is_told_to_wait(tmp_path: Path) -> None:
    build(_settings(tmp_path)).store.close()
    (tmp_path / "index").mkdir(exist_ok=True)
    with holding(tmp_path / "index", "build", 0):
        done = run(tmp_path, "reindex")
    assert "another process" in done.stderr and done.stderr.endswith("; wait until it has ended, then run it again\n")


def test_a_store_that_a_newer_version_has_written_is_told_and_left_alone(tmp_path: Path) -> None:
    """An older programme started on it without a word, and broke what the newer one counts on."""
    with build(_settings(tmp_path)).store.writing() as db:
        db.run("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('lending', 'of_tomorrow', '')")
        before = db.value("SELECT COUNT(*) FROM sqlite_master")
    done = run(tmp_path, "tick")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "newer version" in done.stderr and "put back the copy" in done.stderr
    with closing(sqlite3.connect(tmp_path / "shuxin.sqlite")) as left:
        assert left.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0] == before


def test_who_still_runs_when_a_newer_version_begins_writes_nothing_more_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old worker beside a new server went on by its old rules: only whoever starts looked which version wrote."""
    service, sent, outgrown = build(_settings(tmp_path)), list[int](), threading.Event()
    monkeypatch.setattr(os, "kill", lambda _, number: sent.append(number))
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.01)
    watching = threading.Thread(target=running._leave_to_newer, args=(service, outgrown, threading.Event()))
    watching.start()
    with closing(sqlite3.connect(tmp_path / "shuxin.sqlite")) as newer:
        newer.execute("CREATE TABLE of_tomorrow (id INTEGER)")
        newer.commit()
    with service.store.writing() as db:
        db.run("UPDATE clock SET ahead_seconds = ahead_seconds")  # another table is no newer version yet
    assert not outgrown.is_set()
    with closing(sqlite3.connect(tmp_path / "shuxin.sqlite")) as newer:
        newer.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('bot', 'newer', '')")
        newer.commit()
    with pytest.raises(StoreOutgrown, match="newer version"), service.store.writing():
        pass
    watching.join(10)
    assert (sent, outgrown.is_set()) == ([signal.SIGTERM], True)
    service.store.close()


def test_bringing_an_older_store_up_to_date_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(_settings(tmp_path)).store.close()
    assert capsys.readouterr().err == "", "nothing is said of a new one"
    with closing(sqlite3.connect(tmp_path / "shuxin.sqlite")) as older:
        older.execute("DROP TABLE staff_sign_outs")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = 'what_was_signed_out_of_is_over'")
        older.commit()
    build(_settings(tmp_path)).store.close()
    assert "shuxin.sqlite: of an older version" in capsys.readouterr().err
    build(_settings(tmp_path)).store.close()
    assert capsys.readouterr().err == ""
