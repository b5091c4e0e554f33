"""Who is who in a family, what may be done for each other and what was done: one wording for talk, news and rules."""

from __future__ import annotations

from collections.abc import Iterable

from bot.events import Button
from bot.texts import N_, Words
from lending.mandates import Mandate
from lending.model import library_day

RELATIONS = {
    "mother": N_("妈妈"), "father": N_("爸爸"), "partner": N_("爱人"), "child": N_("孩子"), "friend": N_("朋友"),
    "family": N_("家人"),
}  # fmt: skip
SCOPES = {
    "collect": N_("代取"), "return": N_("代还代续"), "borrow": N_("代借"), "see": N_("查看借阅"),
    "address": N_("送到家"), "care": N_("资料和信用"),
}  # fmt: skip
MEANS = {  # what each lets the other see and do
    "collect": N_("代取：看得到等您取的书和取书码"),
    "return": N_("代还代续：看得到借着的书，能续借、说已还"),
    "borrow": N_("代借：能用您的名额借书、预约、取消"),
    "see": N_("查看借阅：只看，什么也不能改"),
    "address": N_("送到家：看得到您的送书地址"),
}
DEEDS = {  # {who} did it, {book} or {order} is what it was done to, {place} where it went while that is known
    "renewed": N_("{who}替您续借了{book}"),
    "claimed": N_("{who}替您说{book}已经还了"),
    "fetching": N_("{who}替您请快递来取{book}"),
    "unfetched": N_("{who}替您取消了上门取{book}"),
    "ordered": N_("{who}替您下了订单 {order}"),
    "cancelled": N_("{who}替您取消了订单 {order}"),
    "received": N_("{who}替您取到了{book}"),
    "held": N_("{who}替您预约了{book}"),
    "let_go": N_("{who}替您取消了{book}的预约"),
    "lost": N_("{who}替您登记{book}丢了"),
    "found": N_("{who}替您说{book}找到了"),
    "changed_hold": N_("{who}替您改了{book}的预约"),
    "kept_longer": N_("{who}替您请馆里把订单 {order} 多留几天"),
    "comes": N_("{who}替您约了订单 {order} 的取书时间"),
    "comes_not": N_("{who}替您退了订单 {order} 约的取书时间"),
    "arrived": N_("{who}到了服务台，来取订单 {order}"),
    "elsewhere": N_("{who}替您把订单 {order} 换到{place}取"),
    "taken_out": N_("{who}替您把{book}从订单 {order} 里拿出来了"),
    "not_here": N_("{who}替您说订单 {order} 的包裹没有收到"),
    "moved": N_("{who}替您改了姓名、电话或送书地址"),
    "appealed": N_("{who}替您提了申诉"),
    "reported": N_("{who}替您报了书的丢失或破损"),
    "settling": N_("{who}替您选了丢失或破损的书怎么赔"),
    "signed_up": N_("{who}替您报名了一个活动"),
    "left_event": N_("{who}替您取消了一个活动的报名"),
    "erased": N_("{who}替您删除了资料"),
    "see_ready": N_("{who}看了等您取的订单"),
    "see_loans": N_("{who}看了您借着的书"),
    "see_orders": N_("{who}看了您的订单"),
    "see_holds": N_("{who}看了您的预约"),
    "see_record": N_("{who}看了您的信用记录"),
}


def button(_: Words) -> Button:
    """To both sides of everything that stands."""
    return Button(_("我的家人"), "fam")


def scopes(_: Words, names: Iterable[str]) -> str:
    """代取、代还代续."""
    return _.listed(_(SCOPES[name]) for name in names)


def until(one: Mandate) -> str:
    """2027-11-20: with its year, for it is far off."""
    return library_day(one.expires_at).isoformat()


def relation(_: Words, one: Mandate) -> str:
    """What the giver calls who acts for them; a guardian is the guardian."""
    return _("家长") if one.kind == "guardian" else _(RELATIONS[one.relation])


def deed(_: Words, what: str, who: str, book: str, order: str, place: str = "") -> str:
    """One thing done, as a sentence."""
    return _(DEEDS[what], who=who, book=book or _("一本书"), order=order, place=place or _("别的地方"))
