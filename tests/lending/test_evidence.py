"""One home for pictures: those of cases and appeals moved in whole, and each goes with its thing and its reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending import evidence, sealed
from lending.database import Store
from lending.errors import UnknownThing
from lending.migrations import migrations
from lending.vault import KeyLost
from tests.lending.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
OLD = """
INSERT INTO readers (number, joined_at) VALUES ('R1', '2026-01-01T00:00:00Z');
INSERT INTO credit_lines (reader_id, event, object, day, delta, rule, version, actor, at)
    VALUES (1, 'overdue', 'loan:1', '2026-01-02', -1, 'A6-7', '1', 'rule', '2026-01-02T00:00:00Z');
INSERT INTO compensations (number, reader_id, kind, state, promised_at, opened_at, changed_at) VALUES
    ('PF1', 1, 'damaged', 'reported', '2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z');
INSERT INTO appeals (number, reader_id, line_id, state, promised_at, opened_at, changed_at) VALUES
    ('GA1', 1, 1, 'open', '2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z');
INSERT INTO compensation_photos (compensation_id, kind, content, at) VALUES (1, 'png', X'01', '2026-01-02T01:00:00Z');
INSERT INTO appeal_photos (appeal_id, kind, content, at) VALUES (1, 'jpeg', X'02', '2026-01-02T02:00:00Z')
"""


def test_pictures_kept_before_are_kept_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db, stop_before="pictures_have_one_home")
        for statement in OLD.split(";\n"):
            db.run(statement)
        migrations.apply(db)
    found = {about: evidence.of(store.db, about, 1) for about in ("case", "appeal")}
    assert [(row["reader_id"], row["at"]) for (row,) in found.values()] == [
        (1, "2026-01-02T01:00:00Z"), (1, "2026-01-02T02:00:00Z"),
    ]  # fmt: skip
    assert evidence.content(store.db, "case", 1, found["case"][0]["id"]) == ("png", b"\x01")
    assert evidence.content(store.db, "appeal", 1, found["appeal"][0]["id"]) == ("jpeg", b"\x02")
    store.close()


def test_a_picture_belongs_to_its_own_thing_and_goes_with_its_sender(world: World) -> None:
    one, other = world.reader(), world.reader()
    for reader in (one, other):
        evidence.add(world.db, "transfer", 7, reader, PNG, world.policy, world.now)
    first, second = evidence.of(world.db, "transfer", 7)
    with pytest.raises(UnknownThing):
        evidence.content(world.db, "case", 7, first["id"])
    with world.store.writing() as db:
        evidence.forget(db, one)
    assert evidence.of(world.db, "transfer", 7) == [second]


@pytest.mark.parametrize("about", evidence.ABOUT)
def test_the_table_knows_everything_a_picture_may_be_about(world: World, about: str) -> None:
    assert evidence.add(world.db, about, 1, world.reader(), PNG, world.policy, world.now) == 1


# ---- sealed ----------------------------------------------------------------------------------------------------------

PICTURE = PNG + b"a face nobody else should see " * 400
COLUMNS = {"evidence_photos": sealed.COLUMNS["evidence_photos"]}


def kept(world: World, content: bytes = PICTURE) -> int:
    evidence.add(world.db, "case", 1, world.reader(), content, world.policy, world.now)
    return int(world.db.value("SELECT MAX(id) FROM evidence_photos"))


def lay_open(world: World, number: int) -> None:
    """As pictures lay before they were sealed."""
    with world.store.writing() as db:
        db.run("UPDATE evidence_photos SET lock = '', content = :c WHERE id = :id", c=PICTURE, id=number)


def on_disk(world: World) -> bytes:
    world.store._writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return world.store.path.read_bytes()


def test_a_picture_lies_sealed_and_is_shown_as_it_was(world: World) -> None:
    number = kept(world)
    assert evidence.content(world.db, "case", 1, number) == ("png", PICTURE)
    assert evidence.by_id(world.db, number) == ("png", PICTURE) and evidence.is_kept(world.db, number)
    assert b"a face nobody" not in on_disk(world) and evidence.lying_open(world.db) == 0
    assert sealed.state(world.db, COLUMNS) == sealed.State(1, 0, 0)


def test_turning_the_key_seals_short_keys_anew_and_moves_no_picture(world: World) -> None:
    number = kept(world)
    before = world.db.one("SELECT lock, content FROM evidence_photos")
    world.store.vault.rotate()
    assert sealed.half_turned(world.db, COLUMNS) and sealed.seal_anew(world.store, COLUMNS) == 1
    world.store.vault.drop_old(sealed.marks_used(world.db, COLUMNS))
    after = world.db.one("SELECT lock, content FROM evidence_photos")
    assert before and after and before["content"] == after["content"] and before["lock"] != after["lock"]
    assert evidence.by_id(world.db, number) == ("png", PICTURE)


def test_pictures_from_before_are_shown_and_sealed_by_the_clock_a_few_at_a_time(world: World) -> None:
    numbers = [kept(world) for _ in range(evidence.AT_ONCE + 2)]
    for number in numbers:
        lay_open(world, number)
    assert b"a face nobody" in on_disk(world) and evidence.by_id(world.db, numbers[0]) == ("png", PICTURE)
    assert evidence.seal_some(world.db, world.policy, world.now) == evidence.AT_ONCE
    assert evidence.lying_open(world.db) == 2 and evidence.seal_all(world.db) == 2
    assert evidence.seal_some(world.db, world.policy, world.now) == 0
    assert b"a face nobody" not in on_disk(world), "what lay there is overwritten"
    assert {evidence.by_id(world.db, number) for number in numbers} == {("png", PICTURE)}


def test_the_migration_reads_no_picture_and_leaves_them_to_the_clock(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db, stop_before="pictures_are_sealed")
        db.run("INSERT INTO readers (number, joined_at) VALUES ('R1', '2026-01-01T00:00:00Z')")
        db.run(
            "INSERT INTO evidence_photos (about, object_id, reader_id, kind, content, at) "
            "VALUES ('case', 1, 1, 'png', :c, '2026-01-02T01:00:00Z')",
            c=PICTURE,
        )
        migrations.apply(db)
    assert evidence.lying_open(store.db) == 1 and evidence.content(store.db, "case", 1, 1) == ("png", PICTURE)
    store.close()


@pytest.mark.parametrize(
    "change", ["content = CAST(content || X'00' AS BLOB)", "content = X'00'", "lock = seal('not a key')"]
)
def test_a_damaged_picture_is_said_to_be_so_and_shown_to_nobody(world: World, change: str) -> None:
    number = kept(world)
    with world.store.writing() as db:
        db.run(f"UPDATE evidence_photos SET {change}")
    with pytest.raises(KeyLost):
        evidence.by_id(world.db, number)
