"""漂流书: a reader's own books in the talk; registering, where they are, handing on, asking back (A1-23)."""

from __future__ import annotations

import re

from bot.books import name, place_name
from bot.events import Button
from bot.folding import fold
from bot.handlers import casework, finding, owners
from bot.rulebook import points
from bot.talk import Talk
from bot.texts import N_, menu, rows
from lending import case_records, cases, catalogue, drifting
from lending.drifting import OwnBook
from lending.transfer_records import Transfer

WORDS = ("漂流", "drift", "own book")
GIVEN = re.compile(r"捐|收.{0,2}[旧二]手?书|旧书|闲置|有.{0,4}书.{0,4}给.{0,2}(?:人|大家|读者|邻居)|自己的书.{0,4}借[出给]|\bdonat")  # a book of one's own that is to be others'
POINTS = re.compile(r"分|\bpoint")
TERMS = {"lend": N_("借出，看完还我"), "drift": N_("漂流，看完传给下一位"), "gift": N_("送给接手的人")}
SHOWN = 6


def asked(talk: Talk) -> bool:
    """Whether a book of one's own was meant rather than the library's."""
    said = fold(talk.event.text)
    return any(word in said for word in WORDS)


def hear(talk: Talk) -> None:
    """ "我的漂流书" shows them; "把这本拿去漂流" with a book on show asks for the terms."""
    said = talk.event.text
    title_id = finding.meant_title(talk) if any(word in said for word in ("这本", "登记", "《", "this")) else None
    return show(talk) if title_id is None else ask_terms(talk, str(title_id))


def gives(text: str) -> bool:
    """Whether somebody would give books away."""
    return bool(GIVEN.search(fold(text)))


def tell_ways(talk: Talk) -> None:
    """What becomes of books one would give: they drift, or a person is asked; no rule says what the library takes."""
    _, rule = talk._, talk.policy.ledger.find("donation")
    lines = [
        _("看完的书可以放上来漂流：找到它的页面，说「把这本拿去漂流」，选借出、漂流还是送给接手的人。书先留在您家，有人想看再当面转交。"),
        _("想捐给图书馆：收哪些书、交到哪里，规则里没有写，点「转人工」，馆员答复您。"),
    ]  # fmt: skip
    if rule:
        lines.append(points.line(_, rule))
    elif POINTS.search(fold(talk.event.text)):
        lines.append(_("捐书不加信用分。"))
    talk.say("\n".join(lines), rows(Button(_("我的漂流书"), "own"), menu(_, "escalate")))


def show(talk: Talk) -> None:
    """One's own and those one has from others, and what drifts elsewhere."""
    _, mine = talk._, drifting.of_reader(talk.db, talk.reader.id)
    lines = [
        _("您的漂流书：") if mine else _("您还没有漂流书。家里看完的书，找到它的页面，说「把这本拿去漂流」就能登记。")
    ]
    lines += [f"{n}. {line(talk, own)}" for n, own in enumerate(mine, 1)]
    lines += [owners.due(_, case) for case in case_records.to_hand_out(talk.db, talk.reader.id) if case.owes_owner]
    classes = talk.policy.minors.adult_classes
    others = drifting.adrift(talk.db, talk.reader.id, talk.now, SHOWN, classes)
    if others:
        lines += [_("正在漂流、等人接的："), *(f"· 《{own.title}》" for own in others)]
    lines.append(_("接书当面进行：对方给您转借码，发给我就行。"))
    buttons = [button for own in mine[:SHOWN] if (button := _actions(talk, own))]
    talk.say("\n".join(lines), (*buttons, (menu(_, "show_loans"), menu(_, "browse"))))


def line(talk: Talk, own: OwnBook) -> str:
    """Where it is and for how long; never with whom."""
    _ = talk._
    if own.holder_id == talk.reader.id:
        text = _("《{title}》在您这里", title=own.title)
        text += _("，登记了丢失") if own.lost else ""
    elif own.lost:
        return _("《{title}》在现在的读者那里找不到了，馆员在办，会赔给您", title=own.title)
    else:
        text = _.n("《{title}》在第 {n} 位读者手里", "《{title}》在第 {n} 位读者手里", own.hops, title=own.title)
        if own.near is not None:
            text += _("，常去{name}", name=place_name(_, catalogue.point(talk.db, own.near)))
        if days := own.days(talk.now):
            text += _.n("，{n} 天了", "，{n} 天了", days)
    text += _("，登记了破损") if own.damaged else ""
    return text + (_("，已请回") if own.state == "recalled" else "")


def _actions(talk: Talk, own: OwnBook) -> tuple[Button, ...]:
    _, me = talk._, talk.reader.id
    give = Button(_("转交《{title}》", title=own.title[:12]), f"ot:{own.id}")
    if own.lost:
        found = case_records.open_of_own(talk.db, own.id)
        return (Button(_("看这个个案"), f"pf:{found.number}"),) if found and own.holder_id == me else ()
    if own.damaged and (found := case_records.open_of_own(talk.db, own.id)):
        see = Button(_("《{title}》的个案", title=own.title[:12]), f"pf:{found.number}")
        return (give, see) if own.holder_id == me != own.owner_id else (see,)
    if own.holder_id == me:
        more = Button(_("收回"), f"oe:{own.id}") if own.owner_id == me else Button(_("找不到了"), f"oz:{own.id}")
        return give, more
    back = Button(_("请回《{title}》", title=own.title[:12]), f"or:{own.id}")
    return (
        (Button(_("继续漂流《{title}》", title=own.title[:12]), f"ol:{own.id}"),)
        if own.state == "recalled"
        else (back,)
    )


def ask_lost(talk: Talk, own_id: str) -> None:
    """Before the owner hears of it: whether it really cannot be found."""
    _, own = talk._, drifting.held(talk.db, int(own_id), talk.reader.id)
    found = case_records.open_of_own(talk.db, own.id)
    if found and not cases.lost_since(found, cases.LOST):
        return casework.show_case(talk, found.number)
    text = _("别着急。《{title}》是别的读者自己的书，再找找看；真的找不到了，就登记：我会告诉主人，馆员来帮着办好。", title=own.title)
    talk.say(text, rows(Button(_("找不到了，登记"), f"oz!:{own.id}"), menu(_, "cancel"), menu(_, "escalate")))


def lose(talk: Talk, own_id: str) -> None:
    """Its case; the owner is told, not with whom it was."""
    found = cases.report_own(talk.db, talk.reader.id, int(own_id), talk.policy, talk.now)
    casework.show_case(talk, found.number)


def ask_damaged(talk: Talk, own_id: str) -> None:
    """Before the other hears of it: how it came to be so."""
    _, own = talk._, drifting.held(talk.db, int(own_id), talk.reader.id)
    if found := case_records.open_of_own(talk.db, own.id):
        return casework.show_case(talk, found.number)
    since = Button(_("登记破损"), f"od!:{own.id}:{cases.DAMAGED}")
    stay = (menu(_, "cancel"), menu(_, "escalate"))
    if own.owner_id == talk.reader.id:
        text = _("您的《{title}》回来时破了？登记以后，馆员看，要不要赔、怎么赔由您选；上一位读者会听到。", title=own.title)
        return talk.say(text, rows(since, *stay))
    text = _("谢谢您告诉我们。《{title}》是别的读者自己的书，登记以后主人会听到，我不说是谁。", title=own.title)
    if own.days(talk.now) > talk.policy.cases.arrival_days:
        return talk.say(text, rows(since, *stay))
    came = Button(_("收到时就这样"), f"od!:{own.id}:{cases.ARRIVED}")
    since = Button(_("借的时候弄的"), f"od!:{own.id}:{cases.DAMAGED}")
    talk.say(_.together(text, _("是收到时就这样吗？")), rows(came, since, *stay, across=2))


def damage(talk: Talk, own_id: str, kind: str) -> None:
    """Its case; the other hears of it, and a picture helps."""
    case = cases.report_own_damaged(talk.db, talk.reader.id, int(own_id), kind, "", talk.policy, talk.now)
    casework.show_case(talk, case.number)


def ask_terms(talk: Talk, title_id: str) -> None:
    """How it may go on."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    buttons = [Button(_(words), f"own+:{title.id}:{terms}") for terms, words in TERMS.items()]
    talk.say(_("您自己的{book}，怎么漂流？", book=name(title)), (*rows(*buttons, across=1), (menu(_, "cancel"),)))


def register(talk: Talk, title_id: str, terms: str) -> None:
    """It joins, and stays at home until it is handed on."""
    most, classes = talk.policy.transfers.own_books, talk.policy.minors.adult_classes
    own = drifting.register(talk.db, talk.reader.id, int(title_id), terms, talk.now, most, classes)
    _ = talk._
    text = _(
        "登记好了：《{title}》（{terms}）。它还在您家，遇到想看的人就转交。", title=own.title, terms=_(TERMS[own.terms])
    )
    talk.say(text, (_actions(talk, own), (Button(_("我的漂流书"), "own"),)))


def rules(talk: Talk, offered: Transfer) -> list[str]:
    """What one takes on with it."""
    _, own = talk._, drifting.held(talk.db, offered.drifting_id or 0, offered.giver_id)
    if own.owner_id == talk.reader.id:
        return [_("这是您自己的书，回家了。")]
    texts = {
        "lend": _("这是一位读者自己的书，不占您的借阅名额。看完请还给主人。"),
        "drift": _("这是一位读者自己的书，不占您的借阅名额。看完请传给下一位。"),
        "gift": _("这是一位读者送出的书，接过来就是您的。"),
    }
    return [texts[own.terms]]


def recall(talk: Talk, own_id: str) -> None:
    """The owner would like it back."""
    if drifting.owned(talk.db, int(own_id), talk.reader.id).lost:
        return show(talk)
    _, own = talk._, drifting.recall(talk.db, talk.reader.id, int(own_id), talk.now)
    text = _("已经告诉现在的读者，请把《{title}》还给您；见面时用转借码交接。", title=own.title)
    talk.say(text, rows(Button(_("我的漂流书"), "own"), menu(_, "escalate")))


def release(talk: Talk, own_id: str) -> None:
    """On it goes."""
    _, own = talk._, drifting.release(talk.db, talk.reader.id, int(own_id))
    talk.say(_("好，《{title}》继续漂流。", title=own.title), rows(Button(_("我的漂流书"), "own")))


def end(talk: Talk, own_id: str) -> None:
    """At home for good, once its case is over."""
    if drifting.owned(talk.db, int(own_id), talk.reader.id).damaged:
        return show(talk)
    _, own = talk._, drifting.end(talk.db, talk.reader.id, int(own_id))
    talk.say(_("《{title}》收回了，谢谢您分享过它。", title=own.title), rows(Button(_("我的漂流书"), "own")))
