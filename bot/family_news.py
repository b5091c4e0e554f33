"""What readers hear by themselves about those who act for them: each deed, and what became of a mandate (D-12)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import acting, contacts, family_words
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import catalogue, mandates, readers
from lending.model import stamp
from lending.notices import Notice


def _mandate(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Where it stands; a question that was answered meanwhile is not asked any more (B2-7)."""
    _, step = say.words, group[-1].step
    one = mandates.mandate(say.db, group[-1].facts["mandate"])
    giver = one.grantor_id == say.reader.id
    other = acting.called(readers.reader(say.db, (one.proxy_id if giver else one.grantor_id) or 0))
    who = family_words.relation(_, one) if giver else other
    if step == "accepted":
        return _ask_last(say, one, other) if one.state == "accepted" else None
    if step == "active":
        return _begins(say, one, other) if one.state == "active" else None
    texts = {
        "declined": _("{name} 没有接受授权，什么也没有变。", name=other),
        "withdrawn": _("{name} 把授权收回了，什么也没有变。", name=other),
        "revoked": _("和{who}之间的授权取消了，从现在起不能再代办。", who=who),
        "ended": _("馆员按登记结束了和{who}之间的授权。", who=who),
        "expired": _("和{who}之间的授权到期，自动结束了。", who=who),
    }
    return Reply(texts[step], rows(family_words.button(_), menu(_, "escalate")))


def _ask_last(say: Saying, one: mandates.Mandate, other: str) -> Reply:
    _ = say.words
    text = _(
        "{name} 接受了您的授权（{scopes}）。是您要找的人吗？您同意以后才生效。",
        name=other, scopes=family_words.scopes(_, one.scopes),
    )  # fmt: skip
    return Reply(text, rows(Button(_("是，同意"), f"famok:{one.id}"), Button(_("不是"), f"famw:{one.id}")))


def _begins(say: Saying, one: mandates.Mandate, other: str) -> Reply:
    _, until = say.words, family_words.until(one)
    if one.kind == "guardian":
        text = _("您现在是{name}的监护人，到 {day} 自动结束。孩子要借书，还要您同意一次。", name=other, day=until)
        return Reply(text, rows(Button(_("看看要同意什么"), f"mc:{one.grantor_id}"), family_words.button(_)))
    text = _(
        "{name} 同意了，您可以替 TA 办：{scopes}，到 {day} 为止。做了什么，对方都会知道。",
        name=other, scopes=family_words.scopes(_, one.scopes), day=until,
    )  # fmt: skip
    return Reply(text, rows(Button(_("替{name}办", name=other), f"act:{one.grantor_id}"), family_words.button(_)))


def _deed(say: Saying, group: Sequence[Notice]) -> Reply:
    """Everything of one turn in one message."""
    _ = say.words
    titles = catalogue.titles(say.db, [one.facts["title"] for one in group if "title" in one.facts])
    lines = []
    for one in group:
        who = _("家长") if one.facts["guardian"] else _(family_words.RELATIONS[one.facts["relation"]])
        title = titles.get(one.facts.get("title", 0))
        book = _.books([title.title]) if title else ""
        points = catalogue.points_by_id(say.db, [one.facts["point"]] if "point" in one.facts else [])
        place = "".join(place_name(_, point) for point in points.values())
        lines.append(family_words.deed(_, one.facts["what"], who, book, one.facts.get("order", ""), place))
    return Reply(_("。").join(lines) + _("。"), rows(menu(_, "show_loans"), family_words.button(_)))


def _minor(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, one = say.words, group[-1]
    if one.step == "grown":
        text = _("生日快乐！从今天起借书由您自己做主，家长不再代管，也不再看得到您的借阅。")
        return Reply(text, rows(menu(_, "show_credit"), menu(_, "show_loans")))
    if one.step == "grows":
        return _grows(say, one)
    if one.step == "asks":
        text = _("{name} 想借书，等您同意。", name=acting.called(readers.reader(say.db, one.facts["child"])))
        return Reply(text, rows(Button(_("看看要同意什么"), f"mc:{one.facts['child']}"), family_words.button(_)))
    texts = {
        ("borrow", "given"): _("家长同意您借书了，想看什么书？"),
        ("borrow", "withdrawn"): _("家长暂时不同意借新书；借着的书照常看、照常续借、照常还。"),
        ("more", "given"): _("家长同意了：可以为您猜书，也可以发书评。"),
        ("more", "withdrawn"): _("家长收回了同意：不再猜书，也不再发书评。借书不受影响。"),
    }
    return Reply(texts[one.facts["what"], one.step], rows(menu(_, "show_loans"), menu(_, "new_books")))


def _grows(say: Saying, one: Notice) -> Reply | None:
    """To the guardian: who has a chat of their own simply goes on there, and hears of it on the day."""
    _, child = say.words, one.facts["child"]
    standing = mandates.between(say.db, say.reader.id, child, say.now)
    if standing is None or stamp(standing.expires_at) != one.facts["until"] or contacts.of_reader(say.db, child):
        return None
    text = _(
        "{name} 到 {day} 就成年了，从那天起由 TA 自己做主，您不再代管。"
        "请把记录交给 TA：让 TA 在自己的聊天里发一个连接码。过了那天，请 TA 到服务台来办。",
        name=acting.called(readers.reader(say.db, child)), day=family_words.until(standing),
    )  # fmt: skip
    return Reply(text, rows(Button(_("要一个连接码"), f"as:{child}:links"), family_words.button(_), across=1))


OF_THE_GUARDIAN = ("deed", "minor")  # what whoever answers for a child did themselves is not told to them
SAY: dict[str, Sentences] = {"mandate": _mandate, "deed": _deed, "minor": _minor}
