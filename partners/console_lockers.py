"""演示台, the lockers' part: what happens at each locker's doors, with and without a network (D-13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from lending import lockers, orders, points
from lending.database import Row
from lending.errors import UnknownThing
from lending.loans import Loan
from lending.model import OrderState
from lending.points import Point
from partners import locker_machine, locker_simulator
from partners.locker_machine import Machine
from partners.stage import N_, Stage, Words

NEEDS = {  # an event, and the facts that follow it in a form's value, parted by bars
    "loaded": ("order",), "opened": ("order", "code"), "returned": ("barcode", "box"), "emptied": ("box",),
    "broken": ("box",), "mended": ("box",), "alive": (),
}  # fmt: skip
GROUPS = {
    "loaded": N_("放进书"), "opened": N_("凭码取走"), "returned": N_("还书进来"), "emptied": N_("清空格口"),
    "broken": N_("门坏了"), "mended": N_("门修好了"), "alive": N_("什么也没记上"),
}  # fmt: skip
RESULTS = {
    "done": N_("第 {seq} 条报告办好了。"), "waiting": N_("第 {seq} 条报告先放着：它之前的事还没听说。"),
    "disputed": N_("第 {seq} 条报告和记录对不上，馆员页「书柜」里看。"),
    "already": N_("第 {seq} 条报告早就有了，什么都没变。"),
    "kept": N_("书柜断网了，第 {seq} 条先记在机器里。"),
}  # fmt: skip
BOOKS_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """One locker on the page: its machine, its boxes in use, and what may happen, group by group."""

    point: Point
    machine: Machine
    boxes: list[Row]
    chances: list[tuple[str, list[tuple[str, str]]]]  # event, then value and label


def shown(stage: Stage, found: list[orders.Order], lent: list[Loan]) -> list[Shown]:
    """Every locker."""
    every = locker_simulator.boxes(stage.db)
    return [
        Shown(point, _machine(stage, point.code), [box for box in every if box["point_id"] == point.id and box["use"]],
              list(_chances(stage, point, [box for box in every if box["point_id"] == point.id], found, lent)))
        for point in points.points(stage.db, "locker")
    ]  # fmt: skip


def _machine(stage: Stage, code: str) -> Machine:
    return stage.machines.setdefault(code, Machine(code))


def _chances(
    stage: Stage, point: Point, boxes: list[Row], found: list[orders.Order], lent: list[Loan]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What can happen now; a wrong or impossible one can be tried by its webhook."""
    _ = stage.say()
    mine = [order for order in found if order.point_id == point.id and order.state is OrderState.PACKED]
    yield "loaded", [(f"loaded|{order.number}", order.number) for order in mine]
    opens = lockers.opens_for(stage.db, point.id)
    yield "opened", [(f"opened|{one['number']}|{one['code']}", f"{one['number']} · {one['code']}") for one in opens]
    free = next((box["label"] for box in boxes if box["state"] == "free"), "")
    if free:
        yield (
            "returned",
            [
                (f"returned|{loan.barcode}|{free}", _("《{title}》放进 {box}", title=loan.title, box=free))
                for loan in lent[:BOOKS_OFFERED]
            ],
        )
    for event, wanted in (("emptied", "to_empty"), ("broken", "free"), ("mended", "out_of_order")):
        yield event, [(f"{event}|{box['label']}", box["label"]) for box in boxes if box["state"] == wanted]
    yield "alive", [("alive", _("读者站在门前，只给一个凭证码"))]


# ---- what the visitor does ------------------------------------------------------------------------------------------


def play_door(stage: Stage) -> AnyResponse:
    """Something happens at a locker's doors; the screen shows the visitor's code."""
    _, now = stage.say(), stage.clock.now()
    event, *given = request.form.get("what", "")[:200].split("|")
    if event not in NEEDS or len(given) != len(NEEDS[event]):
        return stage.done(_("请选一件在书柜门前发生的事。"), "lockers", "stop")
    try:
        machine = _known(stage)
        facts = dict(zip(NEEDS[event], given, strict=True))
        told = locker_machine.happen(machine, stage.db, event, facts, stage.door_key, stage.policy, now)
    except UnknownThing:
        return stage.done(_("没有这个书柜。"), "lockers", "stop")
    except ValueError:
        return stage.done(_("这台机器记满了，先让它连上网。"), "lockers", "stop")
    code = _("屏幕上的凭证码：{code}", code=told.code)
    return stage.done(f"{_said(_, told)} {code}", "lockers", "stop" if told.result == "disputed" else "done")


def _known(stage: Stage) -> Machine:
    """Raises UnknownThing for a locker there is not."""
    return _machine(stage, points.point_by_code(stage.db, request.form.get("locker", "")).code)


def _said(_: Words, told: locker_machine.Told) -> str:
    return _(RESULTS[told.result], seq=told.seq)


def set_network(stage: Stage) -> AnyResponse:
    """Cut off; connected again, with the last first; or the last line once more."""
    _, deed, now = stage.say(), request.form.get("network", ""), stage.clock.now()
    try:
        machine = _known(stage)
    except UnknownThing:
        return stage.done(_("没有这个书柜。"), "lockers", "stop")
    if deed == "off":
        locker_machine.cut_off(machine)
        return stage.done(_("书柜断网了。门还能开，只是我们听不到。"), "lockers")
    if deed == "again":
        again = locker_machine.say_again(machine, stage.db, stage.policy, now)
        return stage.done(
            _said(_, again) if again else _("没有可以再送的报告。"), "lockers", "done" if again else "stop"
        )
    told = locker_machine.reconnect(machine, stage.db, stage.policy, now)
    lines = [_("连上了，攒着的 {n} 条倒着送来。", n=len(told)), *(_said(_, one) for one in told)]
    return stage.done(" ".join(lines), "lockers")
