"""Names, phones, addresses and words lie sealed in the file; the key is turned; a lost key is said at once (A11-5)."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from lending import readers, sealed
from lending.database import Store
from lending.migrations import migrations
from lending.vault import KeyLost, Vault
from tests.lending.world import World

SECRETS = ("林书", "13800000000", "文三路")


def bytes_of(store: Store) -> bytes:
    """Everything on the disk, the log folded in."""
    with store.writing():
        pass
    store.db.conn.execute("PRAGMA wal_checkpoint(FULL)")
    return b"".join(file.read_bytes() for file in store.path.parent.glob(f"{store.path.name}*"))


def everyday(world: World) -> int:
    """A reader whose order went to the door."""
    reader = world.reader()
    world.order(reader, *world.books(1), way="delivery")
    return reader


def test_the_file_holds_no_name_phone_or_address(world: World) -> None:
    reader = everyday(world)
    raw = bytes_of(world.store)
    assert [word for word in SECRETS if word.encode() in raw] == []
    who = readers.reader(world.db, reader)
    assert (who.name, who.phone) == ("林书", "13800000000") and "文三路" in who.address


def test_what_was_overwritten_is_not_left_in_the_page(world: World) -> None:
    """A row as it stood before the sealing migration."""
    with world.store.writing() as db:
        db.run("INSERT INTO readers (number, phone, joined_at) VALUES ('R9', '13911112222', '2026-01-01T00:00:00Z')")
    assert b"13911112222" in bytes_of(world.store)
    with world.store.writing() as db:
        db.run("UPDATE readers SET phone = seal(phone) WHERE number = 'R9'")
    world.store.close()
    assert b"13911112222" not in world.store.path.read_bytes()


def test_rows_from_before_are_sealed_by_the_migration(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db, stop_before="addresses_are_sealed")
        db.run(
            "INSERT INTO readers (number, name, phone, address, joined_at) "
            "VALUES ('R1', '李四', '13700001234', '和平路1号', '2026-01-01T00:00:00Z')"
        )
        migrations.apply(db)
    assert sealed.state(store.db, sealed.COLUMNS) == sealed.State(newest=3, older=0, clear=0)
    assert readers.by_number(store.db, "R1").address == "和平路1号"
    assert readers.by_phone(store.db, "1234") == [1]
    store.close()
    raw = store.path.read_bytes()
    assert [word for word in ("李四", "13700001234", "和平路") if word.encode() in raw] == []


def test_a_reader_is_found_by_the_end_of_the_phone_and_by_no_less(world: World) -> None:
    reader, other = world.reader(), world.reader()
    readers.set_phone(world.db, other, "13912345678")
    assert readers.by_phone(world.db, "5678") == [other]
    assert readers.by_phone(world.db, "13912345678") == [other]
    assert readers.by_phone(world.db, "99995678") == []
    assert readers.by_phone(world.db, "678") == []
    assert readers.by_phone(world.db, "0000") == [reader]


def test_the_same_word_never_looks_the_same(world: World) -> None:
    vault = world.store.vault
    assert vault.seal("文三路") != vault.seal("文三路")
    assert vault.keyed("文三路") == vault.keyed("文三路")
    assert vault.seal("") == "" and vault.seal(None) is None


def test_after_the_key_was_turned_nothing_needs_the_old_one(world: World) -> None:
    reader = everyday(world)
    world.store.vault.rotate()
    world.later(seconds=1)
    everyday(world)
    before = sealed.state(world.db, sealed.COLUMNS)
    assert before.older and before.newest and not before.clear
    assert sealed.seal_anew(world.store, sealed.COLUMNS) > 0
    after = sealed.state(world.db, sealed.COLUMNS)
    assert after == sealed.State(newest=before.newest + before.older, older=0, clear=0)
    assert world.store.vault.drop_old() == 1
    assert readers.reader(world.db, reader).phone == "13800000000"
    assert reader in readers.by_phone(world.db, "0000")
    assert sealed.seal_anew(world.store, sealed.COLUMNS) == 0


def test_turning_the_key_may_stop_half_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        everyday(world)
    monkeypatch.setattr(sealed, "CHUNK", 1)
    world.store.vault.rotate()
    with world.store.writing() as db:
        db.run("UPDATE readers SET phone = seal(unseal(phone)) WHERE id = 1")
    assert readers.reader(world.db, 2).phone == "13800000000", "old and new stand side by side"
    sealed.seal_anew(world.store, sealed.COLUMNS)
    assert sealed.state(world.db, sealed.COLUMNS).older == 0


def test_another_process_that_turns_the_key_is_noticed(world: World) -> None:
    elsewhere = Store(world.store.path, synchronous="OFF")
    reader = everyday(world)
    assert readers.reader(elsewhere.db, reader).name == "林书"
    world.store.vault.rotate()
    sealed.seal_anew(world.store, sealed.COLUMNS)
    world.store.vault.drop_old()
    assert readers.reader(elsewhere.db, reader).name == "林书"
    assert str(elsewhere.vault.seal("x")).startswith(world.store.vault.marks()[0])
    elsewhere.close()


def test_the_key_file_is_for_its_owner_only(world: World) -> None:
    everyday(world)
    assert stat.S_IMODE(world.store.vault.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("refused", ["fsync", "replace"])
def test_a_disk_that_takes_no_new_key_file_leaves_no_copy_of_the_keys(
    world: World, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """A copy left behind would open, long after, what was sealed with keys that have been thrown away."""
    vault = world.store.vault
    vault.keys()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk, pytest.raises(KeyLost, match="cannot be written"):
        disk.setattr(os, refused, full)
        vault.rotate()
    assert list(vault.path.parent.glob("keys*")) == [vault.path]


def test_a_lost_key_is_said_at_the_start(world: World, tmp_path: Path) -> None:
    everyday(world)
    sealed.check(world.store, sealed.COLUMNS)
    other = tmp_path / "other"
    with pytest.raises(KeyLost, match="missing; put back the key file"):
        sealed.check(Store(world.store.path, keys=other), sealed.COLUMNS)
    assert not other.exists(), "no new key beside what it cannot open"
    other.write_text(f"{'0' * 64}\n")
    with pytest.raises(KeyLost, match="put back the key file"):
        sealed.check(Store(world.store.path, keys=other), sealed.COLUMNS)


def test_one_of_two_keys_that_is_lost_is_said_at_the_start(world: World) -> None:
    """Every reader joined before it; what they did since was sealed with it."""
    reader = everyday(world)
    old = world.store.vault.path.read_text()
    world.store.vault.rotate()
    for _ in range(2):
        world.order(reader, *world.books(1), way="delivery")
    world.store.vault.path.write_text(old)
    with pytest.raises(KeyLost, match="put back the key file"):
        sealed.check(Store(world.store.path), sealed.COLUMNS)


@pytest.mark.parametrize(
    "change", ["SUBSTR(name, 1, 20) || 'AAAA' || SUBSTR(name, 25)", "'~deadbeef.' || SUBSTR(name, 11)"]
)
def test_one_damaged_row_stops_no_start(world: World, change: str) -> None:
    everyday(world)
    with world.store.writing() as db:
        db.run(f"UPDATE readers SET name = {change}")
    sealed.check(world.store, sealed.COLUMNS)


def test_a_key_file_that_goes_while_the_service_runs_is_not_made_anew(world: World) -> None:
    everyday(world)
    kept = world.store.vault.path.read_text()
    world.store.vault.path.unlink()
    with pytest.raises(KeyLost, match="put it back"):
        world.reader()
    world.store.vault.path.write_text(kept)
    assert readers.reader(world.db, world.reader()).name == "林书"


@pytest.mark.parametrize("text", ["", "not a key\n", "ff\n"])
def test_a_spoilt_key_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(KeyLost, match="not a key file"):
        Vault(tmp_path / "keys").seal("x")


def test_a_changed_text_is_not_taken_for_what_was_written(world: World) -> None:
    sealed_text = str(world.store.vault.seal("文三路 1 号"))
    other = "A" if sealed_text[-6] != "A" else "B"
    with pytest.raises(KeyLost, match="was changed"):
        world.store.vault.unseal(sealed_text[:-6] + other + sealed_text[-5:])


def test_whoever_opens_the_file_without_the_key_reads_nothing(world: World) -> None:
    everyday(world)
    with sqlite3.connect(world.store.path) as stranger:
        assert "文三路" not in "".join(stranger.iterdump())
