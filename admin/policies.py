"""规则预演: a pack, ours or typed here, tried on what really happened before anybody lives under it (D-14)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Blueprint, request

from admin.desk import N_, Desk
from admin.pages import page
from lending import rehearsal
from lending.policy import PolicyError, load_policy, load_text, pack_of, packs
from lending.rehearsal import Change

PERIODS = (30, 90, 365)  # days
SHOWN = 200
TEXT = 'inherits = "{pack}"\nname = "{name}"\n\n[lending]\nloan_days = {days}\n'
NUMBERS = {
    "balance": N_("信用分"),
    "limit": N_("一次可借"),
    "frozen_days": N_("暂停天数"),
    "refused": N_("借不成的次数"),
    "fee_fen": N_("快递费"),
}
OUTCOMES = {"gains": N_("更好"), "loses": N_("更差"), "both": N_("有好有坏"), "same": N_("不变")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """One page: choose or type a pack, and read what it would have come to."""
    made.add_url_rule("/policies", "policies", partial(show, desk))
    made.add_url_rule("/policies", "rehearse", partial(rehearse, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """The form, with the rules in force to begin from."""
    return _page(desk, pack=pack_of(desk.policy), text="", days=PERIODS[1])


def rehearse(desk: Desk) -> tuple[str, int] | str:
    """What would have come of it; a pack that cannot be used is refused with its line."""
    text, pack = request.form.get("text", "").strip(), request.form.get("pack", "")
    days = next((period for period in PERIODS if str(period) == request.form.get("days")), PERIODS[1])
    asked = {"pack": pack, "text": text, "days": days}
    try:
        planned = load_text(text) if text else load_policy(pack if pack in packs() else "default")
    except PolicyError as error:
        return _page(desk, problem=str(error), **asked), 400
    now = desk.now()
    outcome = rehearsal.rehearse(desk.db, desk.policy, planned, now - timedelta(days=days), now)
    return _page(desk, outcome=outcome, planned=planned, **asked)


def _page(desk: Desk, **what: object) -> str:
    current = desk.policy
    hint = TEXT.format(pack=pack_of(current), name=current.name, days=current.lending.loan_days)
    choices = [(name, load_policy(name).name) for name in packs()]
    return page(
        "policies.html", choices=choices, periods=PERIODS, hint=hint, current=current, shown=SHOWN, numbers=NUMBERS,
        outcomes=OUTCOMES, told=partial(told, desk), differs=differs, **what,
    )  # fmt: skip


def differs(change: Change, field: str) -> bool:
    """Whether a number is not the same before and after."""
    return bool(getattr(change.before, field) != getattr(change.after, field))


def told(desk: Desk, field: str, value: int) -> str:
    """A number as a person reads it."""
    return desk.say().money(value) if field == "fee_fen" else str(value)
