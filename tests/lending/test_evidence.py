"""One home for pictures: those of cases and appeals moved in whole, and each goes with its thing and its reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending import evidence
from lending.database import Store
from lending.errors import UnknownThing
from lending.migrations import migrations
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
