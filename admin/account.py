"""The librarian's own account: password, and the name readers see."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response as AnyResponse

from admin import passwords, staff
from admin.desk import Desk
from admin.guard import tell
from admin.pages import page
from bot import escalations
from lending.database import writing


def add_to(made: Blueprint, desk: Desk) -> None:
    """One page, two forms."""
    made.add_url_rule("/account", "account", show)
    made.add_url_rule("/account/password", "change_password", partial(change_password, desk), methods=["POST"])
    made.add_url_rule("/account/name", "rename", partial(rename, desk), methods=["POST"])


def show() -> str:
    """The page."""
    return page("account.html", shortest=passwords.SHORTEST)


def change_password(desk: Desk) -> AnyResponse | tuple[str, int]:
    """Old one right, new one long enough and typed twice alike."""
    problem = _problem_with_password(desk)
    if problem:
        return page("account.html", shortest=passwords.SHORTEST, problem=problem), 400
    changed = staff.change_password(desk.db, current_user.name, request.form["new"])
    login_user(changed)
    staff.log(desk.db, changed.name, "change_password", f"staff:{changed.name}", desk.now())
    tell(desk.say()("密码已经换好了，别处的登录都已退出。"))
    return redirect(url_for("admin.account"))


def _problem_with_password(desk: Desk) -> str:
    _, form = desk.say(), request.form
    new = form.get("new", "")
    if len(new) < passwords.SHORTEST:
        return _("新密码至少 {n} 个字符。", n=passwords.SHORTEST)
    if len(new) > passwords.LONGEST:
        return _("新密码最多 {n} 个字符。", n=passwords.LONGEST)
    if new != form.get("again", ""):
        return _("两次输入的新密码不一样。")
    if staff.check(desk.db, current_user.name, form.get("old", "")) is None:
        return _("现在的密码不对。")
    return _("新密码要和现在的不同。") if new == form.get("old") else ""


def rename(desk: Desk) -> AnyResponse:
    """What readers see under an answer: 馆员小信."""
    _, wanted = desk.say(), request.form.get("shown_as", "").strip()[:20]
    with writing(desk.db) as db:
        if wanted and staff.rename(db, current_user.name, wanted):
            escalations.call_otherwise(db, current_user.shown_as, wanted)
            staff.log(db, current_user.name, "rename", f"staff:{current_user.name}", desk.now(), shown_as=wanted)
            tell(_("以后读者看到的是「馆员{name}」。", name=wanted))
        else:
            tell(_("这个称呼是空的，或者已有同事在用，请换一个。"), "stop")
    return redirect(url_for("admin.account"))
