"""图书馆的信用: what was promised and whether it was kept, month by month, as readers see it (A1-16, D-1)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

from admin.desk import N_, Desk
from admin.pages import page
from lending import kept_promises

KINDS = {
    "review": N_("看完订单"), "pack": N_("打包"), "ready": N_("备好书"), "answer": N_("馆员答复"),
    "case": N_("核定丢失和破损"), "appeal": N_("答复申诉"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """One table."""
    made.add_url_rule("/promises", "promises", partial(show, desk))


def show(desk: Desk) -> str:
    """A row for each month and kind."""
    return page("promises.html", months=kept_promises.by_month(desk.db), kinds=KINDS)
