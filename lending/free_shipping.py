"""The library's money for free delivery: so much a day, taken when an order is placed, given back when it is cancelled.

Never a fen more than the day's budget, however many ask at once (A2-27): each taking is one guarded statement, and
the table refuses anything else. How the money is promised to winners of a draw stands in drawing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending import notices
from lending.database import Database, Row
from lending.errors import PriceChanged
from lending.model import library_day, stamp
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Freed:
    """What the library pays of an order: fen out of a day's money, and the draw's entry that won it, if one did."""

    fen: int = 0
    day: str = ""
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """A day's money in fen."""

    day: date
    budget_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        """What can still be given."""
        return self.budget_fen - self.used_fen


NOTHING = Freed()


def funder(policy: Policy) -> str:
    """Who gives the day's money; '' the library itself (A2-5)."""
    return policy.free_shipping.funder or policy.fees.funder


def budget(db: Database, policy: Policy, day: date) -> Budget:
    """That day's money: what was set aside for it and what is given or promised."""
    row = db.one("SELECT budget_fen, used_fen FROM free_days WHERE day = :day", day=str(day))
    return Budget(day, row["budget_fen"], row["used_fen"]) if row else Budget(day, policy.free_shipping.daily_fen, 0)


def offered(db: Database, reader_id: int, fee_fen: int, policy: Policy, now: datetime) -> int:
    """How much of a fee the library would pay if the reader ordered now, in fen; nothing is taken."""
    won = db.value(
        "SELECT granted_fen FROM draw_entries WHERE reader_id = :r AND state = 'won' AND valid_until > :now",
        r=reader_id, now=stamp(now),
    )  # fmt: skip
    if won is not None:
        return min(fee_fen, won)
    free = policy.free_shipping
    wanted = min(fee_fen, free.most_fen)
    today = free.mode == "first_come" and wanted <= budget(db, policy, library_day(now)).left_fen
    return wanted if today else 0


def take(db: Database, reader_id: int, fee_fen: int, agreed_fen: int | None, policy: Policy, now: datetime) -> Freed:
    """Take what the library pays of a fee: a win, else all that `most_fen` allows, or nothing. Call in `writing`.

    Raises PriceChanged when the reader had agreed to less than is left to pay.
    """
    freed = _take(db, reader_id, fee_fen, policy, now) if fee_fen else NOTHING
    if agreed_fen is not None and fee_fen - freed.fen > agreed_fen:
        raise PriceChanged(fee_fen - freed.fen)
    return freed


def _take(db: Database, reader_id: int, fee_fen: int, policy: Policy, now: datetime) -> Freed:
    """A win is honoured whatever the rules have become since: the reader was told of it."""
    won = _use_win(db, reader_id, fee_fen, now)
    free, day = policy.free_shipping, str(library_day(now))
    wanted = min(fee_fen, free.most_fen)
    if won != NOTHING or free.mode != "first_come" or not wanted:
        return won
    return Freed(wanted, day) if _take_from_day(db, day, wanted, free.daily_fen) else NOTHING


def _take_from_day(db: Database, day: str, fen: int, daily_fen: int) -> bool:
    """One statement opens the day or takes from it; it changes nothing when the rest is less than `fen`."""
    return bool(
        db.run(
            "INSERT INTO free_days (day, budget_fen, used_fen) SELECT :day, :budget, :fen WHERE :fen <= :budget "
            "ON CONFLICT (day) DO UPDATE SET used_fen = used_fen + :fen WHERE used_fen + :fen <= budget_fen",
            day=day, fen=fen, budget=daily_fen,
        )
    )  # fmt: skip


def _use_win(db: Database, reader_id: int, fee_fen: int, now: datetime) -> Freed:
    """The reader's win of a draw; what it was promised beyond the fee goes back to its day."""
    won = db.one(
        "UPDATE draw_entries SET state = 'used' WHERE reader_id = :r AND state = 'won' AND valid_until > :now "
        "RETURNING id, day, granted_fen",
        r=reader_id, now=stamp(now),
    )  # fmt: skip
    if won is None:
        return NOTHING
    fen = min(fee_fen, won["granted_fen"])
    if won["granted_fen"] > fen:
        put_back(db, won["day"], won["granted_fen"] - fen)
    return Freed(fen, won["day"], won["id"])


def open_day(db: Database, day: str, policy: Policy) -> Budget:
    """The day's money, set aside now if it was not yet. Call in `writing`."""
    db.run(
        "INSERT INTO free_days (day, budget_fen) VALUES (:day, :budget) ON CONFLICT (day) DO NOTHING",
        day=day, budget=policy.free_shipping.daily_fen,
    )  # fmt: skip
    return budget(db, policy, date.fromisoformat(day))


def promise(db: Database, day: str, fen: int) -> None:
    """Set aside for the winners of a draw; the table refuses more than there is. Call in `writing`."""
    db.run("UPDATE free_days SET used_fen = used_fen + :fen WHERE day = :day", fen=fen, day=day)


def put_back(db: Database, day: str, fen: int) -> None:
    """Money that was not needed flows back to its day, and so to the next window of that day. Call in `writing`."""
    db.run("UPDATE free_days SET used_fen = used_fen - :fen WHERE day = :day", fen=fen, day=day)


def give_back(db: Database, order_id: int) -> None:
    """An order that will not be sent gives its money back; its free_day still says it was free. Call in `writing`."""
    for row in of_order(db, order_id):
        put_back(db, row["free_day"], row["free_fen"])
        db.run("UPDATE draw_entries SET state = 'returned' WHERE id = :e AND state = 'used'", e=row["free_entry"])
    db.run("UPDATE orders SET free_fen = 0 WHERE id = :o", o=order_id)
    db.run("UPDATE order_additions SET free_fen = 0 WHERE order_id = :o", o=order_id)


def of_order(db: Database, order_id: int) -> list[Row]:
    """What an order and its additions were given, out of which day's money, for which win."""
    return db.all(
        "SELECT free_fen, free_day, free_entry FROM orders WHERE id = :o AND free_fen > 0 UNION ALL "
        "SELECT free_fen, free_day, free_entry FROM order_additions WHERE order_id = :o AND free_fen > 0",
        o=order_id,
    )


def called_off_by_us(db: Database, order_id: int, reader_id: int, policy: Policy, now: datetime) -> None:
    """As `give_back`, and the reader has the win again, for as long as a new one (D-3). Call in `writing`."""
    given = of_order(db, order_id)
    give_back(db, order_id)
    for row in given:
        _win_again(db, row, reader_id, policy, now)


def lost_by_courier(db: Database, order_id: int, reader_id: int, policy: Policy, now: datetime) -> None:
    """A win that brought no book: the reader has it again, and what was lost is the library's own to pay.

    Call in `writing`.
    """
    given = of_order(db, order_id)
    if any(row["free_entry"] for row in given):
        called_off_by_us(db, order_id, reader_id, policy, now)
        fen = sum(row["free_fen"] for row in given)
        db.run("UPDATE orders SET lost_fen = lost_fen + :fen WHERE id = :o", fen=fen, o=order_id)


def _win_again(db: Database, row: Row, reader_id: int, policy: Policy, now: datetime) -> None:
    """Worth what it was, or what the order had of it where the rest of its day is spent.

    Nothing for a reader who takes part in another draw by now: of entries and wins there is one at most.
    """
    won = db.one(
        "SELECT id, granted_fen FROM draw_entries e WHERE id = :e AND reader_id = :r AND state = 'returned' AND NOT "
        "EXISTS (SELECT 1 FROM draw_entries d WHERE d.reader_id = :r AND d.state IN ('entered', 'won'))",
        e=row["free_entry"], r=reader_id,
    )  # fmt: skip
    if won is None:
        return
    full, had = won["granted_fen"], row["free_fen"]
    fen = next(fen for fen in (full, had) if _promise_again(db, row["free_day"], fen))
    until = now + timedelta(hours=policy.free_shipping.use_hours)
    changed = db.run(
        "UPDATE draw_entries SET state = 'won', granted_fen = :fen, valid_until = :until "
        "WHERE id = :e AND state = 'returned'",
        fen=fen, until=stamp(until), e=won["id"],
    )  # fmt: skip
    assert changed == 1, "the entry was read inside this transaction"
    due = notices.outside_quiet_hours(now, policy)
    notices.record(db, reader_id, "drawn", f"draw:{won['id']}", f"back@{stamp(now)}", now, due, entry=won["id"])


def _promise_again(db: Database, day: str, fen: int) -> bool:
    return bool(
        db.run(
            "UPDATE free_days SET used_fen = used_fen + :fen WHERE day = :day AND used_fen + :fen <= budget_fen",
            fen=fen, day=day,
        )
    )  # fmt: skip


def give_some_back(db: Database, order_id: int, fen: int) -> None:
    """So much of what an order and its additions were given is not needed any more, the last given first.

    At most all of it. Call in `writing`.
    """
    for table, mine in (("order_additions", "order_id"), ("orders", "id")):
        asked = f"SELECT id, free_day, free_fen FROM {table} WHERE {mine} = :o AND free_fen > 0 ORDER BY id DESC"
        for row in db.all(asked, o=order_id):
            less = min(fen, row["free_fen"])
            put_back(db, row["free_day"], less)
            db.run(f"UPDATE {table} SET free_fen = free_fen - :less WHERE id = :id", less=less, id=row["id"])
            fen -= less


def given(db: Database, day: date) -> dict[str, int]:
    """What the day's money went to: free orders and their fen, and fen still promised to winners (audit)."""
    row = db.one(
        "SELECT COUNT(DISTINCT id) AS orders, COALESCE(SUM(free_fen), 0) AS spent_fen, "
        "(SELECT COALESCE(SUM(granted_fen), 0) FROM draw_entries WHERE day = :day AND state = 'won') AS promised_fen "
        "FROM (SELECT id, free_fen, free_day FROM orders UNION ALL "
        "SELECT order_id, free_fen, free_day FROM order_additions) AS freed WHERE free_day = :day AND free_fen > 0",
        day=str(day),
    )
    assert row is not None
    return row
