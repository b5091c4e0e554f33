"""The simulated bureau's consent page: who asks, for what, and the answer chosen by the visitor."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lending.errors import UnknownThing
from lending.model import Verdict
from partners import bureau_simulator
from partners.stage import N_, Stage

VERDICTS = {Verdict.YES: N_("达到"), Verdict.NO: N_("未达到"), Verdict.CANNOT_TELL: N_("无法评估")}


def show_bureau(stage: Stage, token: str) -> tuple[str, int]:
    """What a bureau's own consent page would show, and what this one is: a play."""
    check = bureau_simulator.question(stage.db, token)
    if check is None:
        text = stage.say()("没有这个授权链接，请回到聊天里重新点一次。")
        return render_template("partners/problem.html", text=text), 404
    return render_template("partners/bureau.html", check=check, verdicts=VERDICTS), 200


def answer_bureau(stage: Stage) -> AnyResponse | tuple[str, int]:
    """The answer goes to the library; a second one changes nothing."""
    token = request.form.get("token", "")
    try:
        event = {"token": token, "verdict": request.form.get("verdict")}
        bureau_simulator.report(stage.db, event, stage.clock.now())
    except UnknownThing:
        return show_bureau(stage, token)
    except ValueError:
        return render_template("partners/problem.html", text=stage.say()("请选一个回答。")), 400
    stage.tick()
    return redirect(url_for("simulator.bureau", token=token))
