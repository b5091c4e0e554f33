"""What only people see: activities, volunteering, donations, prizes and no-shows, written into a reader's ledger."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import staff
from admin.desk import Desk
from admin.guard import tell
from admin.pages import again
from lending import credit, readers
from lending.database import writing
from lending.ledger_rules import LedgerRule
from lending.model import library_day, start_of_day
from lending.policy import Policy

SEEN_BY_PEOPLE = (
    "activity", "activity_signup", "activity_late", "activity_no_show", "volunteer", "donation", "prize",
    "rules_broken", "lost_card", "duplicate_card",
)  # fmt: skip
MOST = 99  # hours or books in one line
OLDEST = 31  # days back that something may be written down for


def add_to(made: Blueprint, desk: Desk) -> None:
    """Write one down."""
    made.add_url_rule("/readers/<number>/conduct", "conduct", partial(record, desk), methods=["POST"])


def rules(policy: Policy) -> list[LedgerRule]:
    """Which of these events the library counts."""
    return [rule for rule in policy.ledger.rules if rule.event in SEEN_BY_PEOPLE]


def record(desk: Desk, number: str) -> AnyResponse | tuple[str, int]:
    """One line with its evidence; the same event of the same day is written once (A6-3, A6-4)."""
    _, who, what = desk.say(), readers.by_number(desk.db, number), request.form.get("what", "").strip()[:60]
    rule = next((one for one in rules(desk.policy) if one.event == request.form.get("event")), None)
    day = _day(desk, request.form.get("day", ""))
    if rule is None or not what or day is None:
        tell(_("请选事由，写明是哪一次，日期在最近 {days} 天内。", days=OLDEST), "stop")
        return again("reader", number=number)
    amount, points = _number("amount") or 1, _number("points")
    with writing(desk.db) as db:
        before, paused = credit.lines(db, who.id, 1), credit.frozen_until(db, who.id)
        given = credit.post(
            db, who.id, rule.event, what, desk.policy, desk.now(), f"staff:{current_user.name}",
            what, start_of_day(day), amount, points,
        )  # fmt: skip
        if credit.lines(db, who.id, 1) == before:
            tell(_("「{what}」那天已经记过了。", what=what), "stop")
            return again("reader", number=number)
        staff.log(db, current_user.name, "conduct", f"reader:{who.number}", desk.now(), event=rule.event, points=given)
    tell(_("记下了：{points} 分。", points=f"{given:+d}"))
    if paused and not credit.frozen_until(desk.db, who.id):
        tell(_("借书恢复了，读者会收到消息。"))
    return redirect(url_for("admin.reader", number=number))


def _day(desk: Desk, text: str) -> date | None:
    today = library_day(desk.now())
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return None
    return day if today - timedelta(days=OLDEST) <= day <= today else None


def _number(name: str) -> int | None:
    """A whole number from 1 to MOST; None for anything else."""
    text = request.form.get(name, "")
    fits = text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST
    return int(text) if fits else None
