"""What a demonstration's partners were told to answer; kept, so that every process hears the same."""

from __future__ import annotations

import json

from lending.database import Database, writing
from lending.errors import UnknownThing


def ask(db: Database, name: str, about: dict[str, str]) -> None:
    """A question somebody is to answer, under a name of its own."""
    with writing(db) as db:
        db.run("INSERT INTO simulated (name, about) VALUES (:n, :a)", n=name, a=json.dumps(about))


def about(db: Database, name: str) -> dict[str, str]:
    """What a question was about, and what was `said` to it. Raises UnknownThing."""
    row = db.one("SELECT said, about FROM simulated WHERE name = :n", n=name)
    if row is None:
        raise UnknownThing("simulated", "")
    return dict(json.loads(row["about"]), said=row["said"])


def answer(db: Database, name: str, said: str) -> bool:
    """The first answer stands; False when there was one before."""
    with writing(db) as db:
        return bool(db.run("UPDATE simulated SET said = :v WHERE name = :n AND said = ''", v=said, n=name))


def said(db: Database, name: str) -> str:
    """The answer, '' when there is none."""
    return str(db.value("SELECT said FROM simulated WHERE name = :n", n=name) or "")


def say(db: Database, name: str, said: str) -> None:
    """From now on the answer is this."""
    with writing(db) as db:
        db.run(
            "INSERT INTO simulated (name, said) VALUES (:n, :s) ON CONFLICT (name) DO UPDATE SET said = excluded.said",
            n=name, s=said,
        )  # fmt: skip
