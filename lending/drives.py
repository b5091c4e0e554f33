"""志愿送书: who drove one of the library's own rounds, that it was done, and the points for it (D 36, A6-4).

The table is a drive's life. The stops themselves are the proof: each has been answered, one at least was served.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import credit, parcels
from lending.appeals import SameEyes
from lending.database import Database, writing
from lending.errors import CannotChange
from lending.model import stamp
from lending.policy import Policy
from lending.rounds import Run

STEPS = {  # name: from which state, to which
    "finish": ("taken", "done"),  # 开完了: a reader who drove gets the points, once
    "release": ("taken", "released"),  # 不开了: somebody else may take the round
    "undo": ("done", "undone"),  # 记错了: the points are taken back, by two people
}
RUNNING = "('taken', 'done')"


@dataclass(frozen=True, slots=True)
class Drive:
    """A round of one day with whoever drives it: a reader, or a colleague by the name they are shown under."""

    id: int
    reader_id: int | None
    colleague: str
    state: str
    delivered: int  # stops handed over, once it is done
    finished_by: str


COLUMNS = ", ".join(Drive.__dataclass_fields__)


def of_run(db: Database, run: Run) -> Drive | None:
    """Who drives this run; None while nobody has taken it."""
    row = db.one(
        f"SELECT {COLUMNS} FROM drives WHERE round = :r AND round_at = :at AND state IN {RUNNING}",
        r=run.name, at=stamp(run.starts_at),
    )  # fmt: skip
    return Drive(**row) if row else None


def take(db: Database, run: Run, reader_id: int | None, colleague: str, now: datetime) -> None:
    """Somebody drives it: a reader, or with none the colleague. Raises CannotChange when somebody does already."""
    with writing(db) as db:
        taken = db.run(
            "INSERT INTO drives (round, round_at, reader_id, colleague, state, taken_at, changed_at) "
            "VALUES (:r, :at, :reader, :colleague, 'taken', :now, :now) ON CONFLICT DO NOTHING",
            r=run.name, at=stamp(run.starts_at), reader=reader_id, colleague="" if reader_id else colleague,
            now=stamp(now),
        )  # fmt: skip
        if taken != 1:
            raise CannotChange("drive", run.name, "taken")


def stops(db: Database, run: Run) -> tuple[int, int]:
    """How many parcels of the run nobody has spoken of yet, and how many were handed over."""
    ends = ", ".join(f"'{state}'" for state in parcels.ENDS)
    row = db.one(
        f"SELECT COUNT(CASE WHEN state NOT IN ({ends}) THEN 1 END) AS open, "
        "COUNT(CASE WHEN state = 'signed' THEN 1 END) AS signed FROM parcels WHERE round = :r AND round_at = :at",
        r=run.name, at=stamp(run.starts_at),
    )  # fmt: skip
    assert row is not None
    return row["open"], row["signed"]


def finish(db: Database, run: Run, drive: Drive, actor: str, note: str, policy: Policy, now: datetime) -> int:
    """It was driven; a reader's `volunteer` line is written once, for the hours of the round. Returns the points.

    Raises CannotChange while a stop is open, where nothing was handed over, or when it is done already.
    """
    with writing(db) as db:
        still_open, delivered = stops(db, run)
        if still_open or not delivered:
            raise CannotChange("drive", run.name, "open")
        _step(db, drive, "finish", now, delivered=delivered, finished_by=actor)
        if drive.reader_id is None:
            return 0
        hours = -(-(run.ends_at - run.starts_at).seconds // 3600)
        said = " ".join(part for part in (run.name, note) if part)
        obj = f"drive:{drive.id}"
        return credit.post(
            db, drive.reader_id, "volunteer", obj, policy, now, actor, said, run.starts_at, max(1, hours)
        )


def release(db: Database, drive: Drive, now: datetime) -> None:
    """They do not drive after all. Raises CannotChange once it is done."""
    with writing(db) as db:
        _step(db, drive, "release", now)


def undo(db: Database, drive: Drive, actor: str, policy: Policy, now: datetime) -> int:
    """It was noted wrongly: the line is taken back, and the round may be noted anew. Returns the points that go.

    A line takes two people to be taken back. Raises SameEyes for whoever noted it, CannotChange when it is undone.
    """
    with writing(db) as db:
        _step(db, drive, "undo", now)
        line = db.value(
            "SELECT id FROM credit_lines WHERE reader_id = :r AND event = 'volunteer' AND object = :o",
            r=drive.reader_id, o=f"drive:{drive.id}",
        )  # fmt: skip
        if line is None:
            return 0
        if actor == drive.finished_by:
            raise SameEyes(f"drive:{drive.id}", "undo")
        return credit.reverse(db, line, drive.finished_by, actor, f"drive:{drive.id}", policy, now)


def _step(db: Database, drive: Drive, name: str, now: datetime, delivered: int = 0, finished_by: str = "") -> None:
    before, after = STEPS[name]
    changed = db.run(
        "UPDATE drives SET state = :after, delivered = delivered + :delivered, "
        "finished_by = CASE WHEN :by = '' THEN finished_by ELSE :by END, changed_at = :now "
        "WHERE id = :id AND state = :before",
        after=after, delivered=delivered, by=finished_by, now=stamp(now), id=drive.id, before=before,
    )  # fmt: skip
    if changed != 1:
        raise CannotChange("drive", str(drive.id), drive.state)


def forget(db: Database, reader_id: int) -> None:
    """That this reader drove is kept nowhere but in their points. Call in `writing`."""
    db.run("DELETE FROM drives WHERE reader_id = :r", r=reader_id)
