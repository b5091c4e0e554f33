"""演示台: the page on which someone trying the service plays courier, locker, bureau and time itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from lending import catalogue, clock, loans, orders, readers
from lending.clock import Clock
from lending.database import Database, Row, Store
from lending.errors import CannotChange, UnknownThing
from lending.model import LIBRARY_ZONE, library_day, typed
from lending.policy import Policy
from partners import (
    bureau_page,
    bureau_simulator,
    console_lockers,
    console_parcels,
    identity_page,
    identity_simulator,
    locker_simulator,
)
from partners.moving import move
from partners.stage import LANGUAGE_TAGS, LANGUAGES, N_, Stage, Words

DAYS = (1, 3, 7, 37)  # the last is three days before the end of a loan of forty
WAKING_HOUR = 10  # moves land here, so that quiet hours do not hold reminders back
FORM_SECONDS = 12 * 3600
MOST_LOANS = 50  # shown to play with
ACTOR = "simulator"
HANDED_OVER = ("collect", "sign")  # what readers do themselves
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


STEPS = {
    "approve": N_("馆员审核通过"), "pick": N_("馆员开始备书"), "pack": N_("馆员打包"), "ship": N_("快递取件"),
    "load": N_("放入书柜"), "shelve": N_("放到取书架"), "collect": N_("读者取走"), "sign": N_("快递送达，读者签收"),
}  # fmt: skip


def blueprint(
    store: Store,
    policy: Policy,
    clock: Clock,
    words: Callable[[str], Words],
    library: str,
    order_states: Mapping[str, str],
    fulfilments: Mapping[str, str],
    tick: Callable[[], object],
    door_key: bytes = b"",
) -> Blueprint:
    """The console at /simulator, for demonstrations. `tick()` does what has come due, after each move.

    `door_key` is what the lockers' own keys come from, by which their screens sign codes.
    """
    made = Blueprint(
        "simulator", __name__, url_prefix="/simulator", template_folder="templates", static_folder="static"
    )
    stage = Stage(store, policy, clock, words, library, order_states, fulfilments, tick, door_key)
    made.before_request(partial(_from_our_page, stage))
    made.after_request(_with_headers)
    made.context_processor(partial(_for_templates, stage))
    made.add_url_rule("", "console", partial(show, stage))
    made.add_url_rule("/bureau/<token>", "bureau", partial(bureau_page.show_bureau, stage))
    made.add_url_rule("/face/<reference>", "face", partial(identity_page.show_face, stage))
    for path, view in POSTS.items():
        made.add_url_rule(f"/{path}", view.__name__, partial(view, stage), methods=["POST"])
    return made


def _from_our_page(stage: Stage) -> tuple[str, int] | None:
    """No other site may move a visitor's orders or the clock."""
    if request.method == "POST":
        try:
            validate_csrf(request.form.get("csrf_token"), time_limit=FORM_SECONDS)
        except ValidationError:
            text = stage.say()("这一页放得太久，或者不是从这里打开的。请返回刷新后再试。")
            return render_template("partners/problem.html", text=text), 400
    return None


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.endpoint != "simulator.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _for_templates(stage: Stage) -> dict[str, object]:
    language = stage.language()
    return {
        "_": stage.say(), "library": stage.library, "csrf_token": generate_csrf, "now": stage.clock.now(),
        "languages": LANGUAGES, "language": language, "lang": LANGUAGE_TAGS[language],
    }  # fmt: skip


# ---- the page ------------------------------------------------------------------------------------------------------


def show(stage: Stage) -> str:
    """Everything that waits for somebody who is not there."""
    db = stage.db
    board = orders.board(db)
    found = [(order, orders.books(db, order.id), orders.next_step(order)) for order in board]
    lent = [(loan, readers.reader(db, loan.reader_id)) for loan in _open_loans(db)]
    return render_template(
        "partners/console.html", days=DAYS, moved=clock.moved_by(db), found=found, lent=lent,
        parcels=console_parcels.of_orders(stage, board), says=console_parcels.SAYS, ago=console_parcels.HOURS_AGO,
        lockers=console_lockers.shown(stage, board, [loan for loan, _who in lent]), groups=console_lockers.GROUPS,
        questions=bureau_simulator.waiting(db), points=catalogue.points(db), steps=STEPS, states=stage.order_states,
        ways=stage.fulfilments, handed_over=HANDED_OVER,
        cards_say=identity_simulator.cards_say(db), card_answers=identity_page.CARDS,
    )  # fmt: skip


def _open_loans(db: Database) -> list[loans.Loan]:
    """Open loans of everybody, the latest readers first."""
    rows: list[Row] = db.all(
        "SELECT reader_id FROM loans WHERE returned_at IS NULL GROUP BY reader_id ORDER BY MAX(id) DESC LIMIT :n",
        n=MOST_LOANS,
    )
    return [loan for row in rows for loan in loans.of_reader(db, row["reader_id"])][:MOST_LOANS]


# ---- time ----------------------------------------------------------------------------------------------------------


def morning_in(days: int, now: datetime) -> datetime:
    """Ten in the library's morning, that many days on."""
    return datetime.combine(library_day(now) + timedelta(days=days), time(WAKING_HOUR), LIBRARY_ZONE)


def move_clock(stage: Stage) -> AnyResponse:
    """On by some days, or back to the real time."""
    _, asked = stage.say(), request.form.get("days", "")
    if asked == "back":
        clock.move(stage.db, -clock.moved_by(stage.db))
        return stage.done(_("时钟回到了真实时间。已经发生的事不会撤销。"), "clock")
    if not asked.isdecimal() or int(asked) not in DAYS:
        return stage.done(_("时钟没有动。"), "clock", "stop")
    now = stage.clock.now()
    ahead = math.ceil((morning_in(int(asked), now) - now).total_seconds())  # not a moment before ten
    clock.move(stage.db, timedelta(seconds=ahead))
    return stage.done(_("现在是 {moment}。到期的提醒已经发出。", moment=_.moment(stage.clock.now())), "clock")


# ---- orders, lockers, loans ----------------------------------------------------------------------------------------


def move_order(stage: Stage) -> AnyResponse:
    """One step, or all steps until the reader's own hands are needed."""
    _, number = stage.say(), request.form.get("order", "")
    try:
        order = orders.by_number(stage.db, number)
        if order.state != request.form.get("state"):
            raise CannotChange("order", order.number, order.state)
        moved = _on(stage, order, all_the_way=request.form.get("far") == "1")
    except UnknownThing:
        return stage.done(_("没有这个订单。"), "orders", "stop")
    except CannotChange as error:
        text = _("订单 {number} 已经是「{state}」了。", number=number, state=_(stage.order_states[error.state]))
        return stage.done(text, "orders", "stop")
    text = _("订单 {number} 现在是「{state}」。", number=number, state=_(stage.order_states[moved.state]))
    return stage.done(text, "orders")


def _on(stage: Stage, order: orders.Order, all_the_way: bool) -> orders.Order:
    step = orders.next_step(order)
    while step is not None:
        move(stage.db, order.number, step.name, ACTOR, stage.policy, stage.clock.now())
        order = orders.by_number(stage.db, order.number)
        step = orders.next_step(order)
        if not all_the_way or (step and step.name in HANDED_OVER):
            break
    return order


def open_locker(stage: Stage) -> AnyResponse:
    """The visitor stands at the locker and types the code."""
    _, code = stage.say(), typed(request.form.get("code", ""))[:12]
    try:
        locker_simulator.report(stage.db, {"event": "opened", "code": code}, stage.policy, stage.clock.now())
    except UnknownThing:
        return stage.done(_("取书码「{code}」不对，或者书已经取走了，门没有开。", code=code), "lockers", "stop")
    return stage.done(_("门开了，书取走了。借期从现在算起。"), "lockers")


def return_book(stage: Stage) -> AnyResponse:
    """The visitor brings a book back to any branch or locker."""
    _, form = stage.say(), request.form
    try:
        point = catalogue.point_by_code(stage.db, form.get("point", ""))
        back = loans.check_in(stage.db, form.get("barcode", ""), point.id, stage.policy, stage.clock.now())
    except UnknownThing:
        return stage.done(_("没有这本书或这个网点。"), "loans", "stop")
    if back.loan_id is None:
        return stage.done(_("《{title}》已经还过了。", title=back.title), "loans", "stop")
    return stage.done(_("《{title}》还到了{point}。", title=back.title, point=point.name), "loans")


def set_language(stage: Stage) -> AnyResponse:
    """The console's language."""
    if request.form.get("language") in LANGUAGES:
        session["console_language"] = request.form["language"]
    return redirect(url_for("simulator.console"))


POSTS: dict[str, Callable[[Stage], Any]] = {
    "clock": move_clock,
    "order": move_order,
    "parcel": console_parcels.move_parcel,
    "locker": open_locker,
    "door": console_lockers.play_door,
    "network": console_lockers.set_network,
    "return": return_book,
    "bureau": bureau_page.answer_bureau,
    "face": identity_page.answer_face,
    "cards": identity_page.set_cards,
    "language": set_language,
}
