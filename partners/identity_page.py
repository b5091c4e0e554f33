"""The simulated verifier's page, and what the simulated card system is to answer."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lending.errors import UnknownThing
from lending.model import Verdict
from partners import identity_simulator
from partners.stage import N_, Stage

FACES = {Verdict.YES: N_("是本人"), Verdict.NO: N_("不是本人"), Verdict.CANNOT_TELL: N_("看不清")}
CARDS = {Verdict.YES: N_("对得上"), Verdict.NO: N_("对不上"), Verdict.CANNOT_TELL: N_("答不上来")}
KINDS = {"library": N_("读者证"), "citizen": N_("市民卡")}


def show_face(stage: Stage, reference: str) -> tuple[str, int]:
    """What a verifier's own page would show, without a camera."""
    try:
        asked = identity_simulator.question(stage.db, reference)
    except UnknownThing:
        text = stage.say()("没有这个核验链接，请回到聊天里重新来一次。")
        return render_template("partners/problem.html", text=text), 404
    return render_template(
        "partners/face.html", asked=asked, reference=reference, verdicts=FACES, kinds=KINDS, yes=Verdict.YES
    ), 200


def answer_face(stage: Stage) -> AnyResponse | tuple[str, int]:
    """The answer is kept for whoever asks; a second one changes nothing. The person goes back where they came from."""
    reference = request.form.get("reference", "")
    try:
        asked = identity_simulator.question(stage.db, reference)
        identity_simulator.answer(stage.db, reference, Verdict(request.form.get("verdict", "")))
    except UnknownThing:
        return show_face(stage, reference)
    except ValueError:
        return render_template("partners/problem.html", text=stage.say()("请选一个回答。")), 400
    return redirect(asked["back"])


def set_cards(stage: Stage) -> AnyResponse:
    """What the card system answers from now on."""
    _, said = stage.say(), request.form.get("verdict", "")
    if said not in CARDS:
        return stage.done(_("请选一个回答。"), "cards", "stop")
    identity_simulator.let_cards_say(stage.db, Verdict(said))
    return stage.done(_("读者证系统现在回答「{verdict}」。", verdict=_(CARDS[Verdict(said)])), "cards")
