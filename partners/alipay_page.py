"""Where Alipay's consent page leads back to: the code is kept for the worker, the reader goes back to the chat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lending.errors import StoreUnwritable, UnknownThing
from partners.alipay_gate import AlipayGate, TooManyCodes, heard
from partners.stage import LANGUAGE_TAGS, Words, known_language

LONGEST = 200
STATIC = "/webhooks/credit/alipay/static"


def pages(gate: AlipayGate, words: Callable[[str], Words]) -> Blueprint:
    """GET /webhooks/credit/alipay?auth_code=…&state=…."""
    made = Blueprint("alipay", __name__, template_folder="templates", static_folder="static", static_url_path=STATIC)
    made.add_url_rule("/webhooks/credit/alipay", "back", partial(_back, gate, words))
    return made


def _back(gate: AlipayGate, words: Callable[[str], Words]) -> ResponseReturnValue:
    """Nothing is asked here: a reload of the page must not wait for anybody."""
    _ = words(next(filter(None, map(known_language, request.accept_languages.values())), "zh_Hans"))
    code, token = request.args.get("auth_code", ""), request.args.get("state", "")
    if not code or len(code) > LONGEST:
        return _page(_, _("没有授权，什么也没有问。"), _("回到聊天里，可以选「不查信用」，马上就能借。"), 200)
    try:
        heard(gate, token, code)
    except UnknownThing:
        return _page(_, _("这个链接不能用了。"), _("请回到聊天里重新点一次。"), 404)
    except TooManyCodes:
        text = _("这一次没有问芝麻。请明天再点一次；现在就想借，回到聊天里选「不查信用」。")
        return _page(_, _("今天来回太多次了"), text, 429)
    except StoreUnwritable:
        return _page(_, _("暂时存不上，请稍后再试。"), _("请过一会儿刷新这一页。"), 503)
    return _page(_, _("收到，谢谢！"), _("结果马上回到聊天里，这一页可以关了。"), 200)


def _page(_: Words, title: str, text: str, status: int) -> ResponseReturnValue:
    tag = LANGUAGE_TAGS[_.language]
    return render_template("partners/alipay_back.html", title=title, text=text, tag=tag, home=_("回到聊天")), status
