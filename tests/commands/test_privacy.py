"""`flask keys …` and `flask privacy report`: the key turned, the proof that nothing is kept longer (A11-5, D-51)."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest

from bot import contacts, forgetting
from bot.events import Event
from commands import privacy, privacy_stores
from lending import readers, retention
from lending.clock import Clock
from lending.database import Store
from lending.policy import load_policy
from tests.commandline import here


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which the service has been started once, with a reader in it."""
    assert here(tmp_path, "keys", "show").returncode == 0
    store = Store(tmp_path / "shuxin.sqlite")
    with store.writing() as db:
        who = readers.join(db, "zh_Hans", Clock().now(), "林书")
        readers.set_delivery(db, who.id, "林书", "13800000000", "文三路 1 号", "city")
    store.close()
    return tmp_path


def test_turning_the_key_leaves_one_key_and_every_reader_readable(data: Path) -> None:
    before = (data / "keys").read_text()
    assert "1 rows sealed with a new key; 1 old keys thrown away." in here(data, "keys", "rotate").stdout
    after = (data / "keys").read_text()
    assert after != before and len(after.split()) == 1
    store = Store(data / "shuxin.sqlite")
    assert readers.reader(store.db, 1).phone == "13800000000"
    store.close()


def test_old_keys_stay_when_asked(data: Path) -> None:
    here(data, "keys", "rotate", "--keep-old")
    assert len((data / "keys").read_text().split()) == 2


def test_the_report_names_each_table_with_its_days_and_finds_nothing(data: Path) -> None:
    done = here(data, "privacy", "report")
    assert done.returncode == 0
    assert "loans：0 行，90 天" in done.stdout
    assert "compensations：0 行，365 天" in done.stdout
    assert "inbox：0 行，30 天" in done.stdout
    assert "过期未断的联系 0 处，没有加密的 0 处。" in done.stdout


def test_the_report_finds_what_is_kept_too_long_and_clears_it(data: Path) -> None:
    with sqlite3.connect(data / "shuxin.sqlite") as other:
        other.execute(
            "INSERT INTO inbox (channel, event_id, address, kind, text, received_at) "
            "VALUES ('web', '1', 'a', 'text', '~', '2020-01-01T00:00:00Z')"
        )
    found = here(data, "privacy", "report")
    assert found.returncode == 1 and "过期未断的联系 1 处，没有加密的 1 处。" in found.stdout
    assert here(data, "privacy", "report", "--clear").returncode == 0


def test_the_report_knows_every_table_that_is_cleared(data: Path) -> None:
    """A table added to the clearing must be told of."""
    said = here(data, "privacy", "report").stdout
    store = Store(data / "shuxin.sqlite")
    words = forgetting.words_over(store.db, load_policy(), Clock().now())
    store.close()
    assert [table for table in (*retention.OVER, *words, "staff_log") if f"{table}：" not in said] == []


PEOPLE = re.compile(
    r"reader_id|(owner|holder|giver|receiver|grantor|proxy|guardian|actor|gone|kept)_id|asked_by|address"
)


def columns(data: Path) -> dict[str, set[str]]:
    """Every table of the store and its columns."""
    store = Store(data / "shuxin.sqlite")
    found = {
        table.name: {column.name for column in table.columns}
        for table in store.db.tables if not table.name.startswith(("sqlite_", "_sqlite_"))
    }  # fmt: skip
    store.close()
    return found


def test_every_table_there_is_is_spoken_for_once(data: Path) -> None:
    """B2-21: a new table says how long it names a reader and why, or that it names nobody."""
    told = [*privacy.KEPT, *privacy_stores.LASTING, *privacy_stores.OF_NOBODY]
    assert sorted(told) == sorted(set(told)) == sorted(columns(data))


def test_a_table_of_nobody_has_no_column_for_anybody(data: Path) -> None:
    """A branch's own address is nobody's."""
    found = columns(data)
    named = {table for table in privacy_stores.OF_NOBODY if any(PEOPLE.fullmatch(name) for name in found[table])}
    assert named == {"points"}


def test_the_report_names_every_table_what_is_sealed_and_every_other_store(data: Path) -> None:
    said = here(data, "privacy", "report").stdout
    assert [table for table in columns(data) if not re.search(rf"\b{table}\b", said)] == []
    assert "加密的：readers 的 name、phone、address、called，3 处，没有加密的 0 处" in said
    assert "加密的：contacts 的 chat" in said and "加密的：staff_log 的 facts" in said
    assert [file.name for file in data.iterdir() if f"{file.name}：" not in said] == []
    assert "索引里每本书只有：id" in said and "reader" not in said.partition("索引里每本书只有")[2]


def test_an_old_copy_of_the_store_is_found(data: Path) -> None:
    """A11-5: a copy made for safety holds what it held then."""
    copy = data / "before-the-move.sqlite"
    copy.write_bytes((data / "shuxin.sqlite").read_bytes())
    assert here(data, "privacy", "report").returncode == 0
    long_ago = Clock().now().timestamp() - 91 * 86_400
    os.utime(copy, (long_ago, long_ago))
    done = here(data, "privacy", "report")
    assert done.returncode == 1 and "before-the-move.sqlite：资料库的副本" in done.stdout
    (data / "notes.txt").write_text("李明 13800000000")
    assert "notes.txt：不是本服务写的" in here(data, "privacy", "report").stdout


def test_a_lost_key_file_stops_the_start(data: Path) -> None:
    (data / "keys").unlink()
    with pytest.raises(SystemExit, match="put back the key file"):
        here(data, "keys", "show")


def test_a_lost_key_file_is_noticed_where_readers_came_by_the_page_alone(tmp_path: Path) -> None:
    """They have no name; with a new key each of them would be a newcomer."""
    assert here(tmp_path, "keys", "show").returncode == 0
    store = Store(tmp_path / "shuxin.sqlite")
    with store.writing() as db:
        contacts.resolve(db, Event("web", "a-session", "e1", text="你好"), load_policy(), Clock().now())
    store.close()
    (tmp_path / "keys").unlink()
    with pytest.raises(SystemExit, match="put back the key file"):
        here(tmp_path, "tick")
    assert not (tmp_path / "keys").exists()


def damage(data: Path, change: str) -> None:
    """As a bad disk would."""
    store = Store(data / "shuxin.sqlite")
    with store.writing() as db:
        assert db.run(change) == 1
    store.close()


@pytest.fixture
def two(data: Path) -> Path:
    """A second reader, so that one damaged row is not all there is."""
    store = Store(data / "shuxin.sqlite")
    with store.writing() as db:
        who = readers.join(db, "zh_Hans", Clock().now(), "李明")
        readers.set_delivery(db, who.id, "李明", "13900000000", "文三路 2 号", "city")
    store.close()
    return data


HALF_GONE = "UPDATE readers SET address = SUBSTR(address, 1, 30) || 'AAAA' || SUBSTR(address, 35) WHERE id = 1"


def test_a_damaged_row_is_named_and_left_when_the_key_is_turned(two: Path) -> None:
    """It stopped there, each try adding a key."""
    damage(two, HALF_GONE)
    for tries in range(1, 4):
        before = (two / "keys").read_text().split()
        said = here(two, "keys", "rotate").stdout
        after = (two / "keys").read_text().split()
        assert "1 rows sealed with a new key" in said and "1 rows cannot be opened" in said and "readers 1" in said
        assert after[0] != before[0] and after[1] == before[-1] and len(after) == 2, tries
    store = Store(two / "shuxin.sqlite")
    assert readers.reader(store.db, 2).address == "文三路 2 号"
    damaged = store.db.one("SELECT unseal(phone) AS phone, legible(address) AS address FROM readers WHERE id = 1")
    assert damaged == {"phone": "13800000000", "address": ""}
    store.close()


def test_a_turn_that_stopped_half_way_goes_on_with_the_key_it_made(two: Path) -> None:
    store = Store(two / "shuxin.sqlite")
    store.vault.rotate()
    newest = (two / "keys").read_text().split()[0]
    store.close()
    assert "2 rows sealed with a new key; 1 old keys thrown away." in here(two, "keys", "rotate").stdout
    assert (two / "keys").read_text().split() == [newest]


def test_no_key_goes_while_a_text_bears_a_mark_nobody_knows(two: Path) -> None:
    damage(two, "UPDATE readers SET address = '~deadbeef.' || SUBSTR(address, 11) WHERE id = 1")
    assert "0 old keys thrown away.\n1 rows cannot be opened" in here(two, "keys", "rotate").stdout
    assert len((two / "keys").read_text().split()) == 2


def test_pictures_lying_open_are_counted_and_sealed_when_the_key_is_turned(data: Path) -> None:
    """Those from before they were sealed: the report is not content until they are."""
    store = Store(data / "shuxin.sqlite")
    with store.writing() as db:
        db.run(
            "INSERT INTO evidence_photos (about, object_id, reader_id, kind, content, at) "
            "VALUES ('case', 1, 1, 'png', X'89504E47', '2026-01-02T01:00:00Z')"
        )
    store.close()
    done = here(data, "privacy", "report")
    assert done.returncode == 1 and "还没有加密的照片 1 张" in done.stdout and "没有加密的 1 处" in done.stdout
    assert "in the clear 1" in here(data, "keys", "show").stdout
    assert "2 rows sealed with a new key" in here(data, "keys", "rotate").stdout
    done = here(data, "privacy", "report")
    assert done.returncode == 0 and "evidence_photos 的 lock，1 处" in done.stdout
