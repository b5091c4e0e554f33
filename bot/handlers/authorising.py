"""授权: a code from the one who lets another act, a yes from the one who will, and the last word (D-12)."""

from __future__ import annotations

import re

from bot import acting, family_words
from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import mandates, readers
from lending.errors import UnknownThing
from lending.mandates import Mandate
from lending.model import half_width
from lending.scopes import OFFERED

CODE = re.compile(r"\s*SQ[\s-]?(\d{4})[\s-]?(\d{4})\s*", re.IGNORECASE)


def code_in(text: str) -> str:
    """The eight digits of a mandate's code, or ''."""
    found = CODE.fullmatch(half_width(text))
    return found[1] + found[2] if found else ""


# ---- giving --------------------------------------------------------------------------------------------------------


def give(talk: Talk) -> None:
    """To whom: only what the reader calls them is kept."""
    _ = talk._
    people = [Button(_(label), f"famr:{code}") for code, label in family_words.RELATIONS.items()]
    talk.say(_("想让谁替您办？只记一个称呼。"), (*rows(*people), (menu(_, "cancel"),)))


def choose_relation(talk: Talk, relation: str) -> None:
    """Then what they may do."""
    if relation not in mandates.RELATIONS:
        raise UnknownThing("mandate", relation[:20])
    give_to(talk, relation, ["collect"])


def give_to(talk: Talk, relation: str, scopes: list[str]) -> None:
    """Each scope a switch, with what it lets the other see."""
    talk.memory["giving"] = [relation, scopes]
    _offer(talk)


def switch(talk: Talk, scope: str) -> None:
    """One scope more or less."""
    relation, chosen = talk.memory.get("giving") or ["", []]
    if relation and scope in OFFERED:
        kept = [one for one in OFFERED if (one in chosen) != (one == scope)]
        talk.memory["giving"] = [relation, kept]
        return _offer(talk, edits=True)
    give(talk)


def _offer(talk: Talk, edits: bool = False) -> None:
    _, (relation, chosen) = talk._, talk.memory["giving"]
    lines = [_("{who}可以替您做什么？点一下选上或去掉：", who=_(family_words.RELATIONS[relation]))]
    lines += [("✓ " if scope in chosen else "○ ") + _(family_words.MEANS[scope]) for scope in OFFERED]
    lines.append(_("{days} 天后自动结束，随时可以取消。密码、卡号都不用给。", days=talk.policy.family.mandate_days))
    marks = [
        Button(("✓ " if scope in chosen else "○ ") + _(family_words.SCOPES[scope]), f"fams:{scope}")
        for scope in OFFERED
    ]
    done = (Button(_("选好了，给我授权码"), "fam!"),) if chosen else ()
    talk.say("\n".join(lines), (done, *rows(*marks), (menu(_, "cancel"),)) if done else rows(*marks), edits=edits)


def code(talk: Talk) -> None:
    """The one-time code, and who may have it."""
    relation, chosen = talk.memory.get("giving") or ["", []]
    if not relation or not chosen:
        return give(talk)
    _, key = talk._, talk.service.card_key
    said, made = mandates.offer(talk.db, talk.reader.id, relation, chosen, key, talk.policy, talk.now)
    talk.memory.pop("giving", None)
    say_code(talk, said, made)


def say_code(talk: Talk, said: str, made: Mandate) -> None:
    """For whoever acts, and for a guardian alike."""
    _ = talk._
    text = _(
        "授权码：{code}\n请把它告诉{who}，TA 在自己的聊天里发这个码。{time} 前有效，只能用一次；TA 接受以后还要您再同意一次。",
        code=said, who=family_words.relation(_, made), time=_.time(made.expires_at),
    )  # fmt: skip
    talk.say(text, rows(Button(_("收回这个码"), f"famw:{made.id}"), family_words.button(_)))


def confirm(talk: Talk, mandate_id: str) -> None:
    """The giver's last word."""
    _, active = talk._, mandates.confirm(talk.db, talk.reader.id, int(mandate_id), talk.policy, talk.now)
    text = _(
        "好了，{who}可以替您办：{scopes}，到 {day}。做了什么，我都会告诉您。",
        who=family_words.relation(_, active), scopes=family_words.scopes(_, active.scopes),
        day=family_words.until(active),
    )  # fmt: skip
    talk.say(text, rows(family_words.button(_), menu(_, "show_loans")))


def withdraw(talk: Talk, mandate_id: str) -> None:
    """The code leads nowhere any more; or: that was not who I meant."""
    mandates.withdraw(talk.db, talk.reader.id, int(mandate_id), talk.now)
    talk.say(talk._("收回了，什么也没有变。"), rows(family_words.button(talk._), menu(talk._, "help")))


# ---- taking --------------------------------------------------------------------------------------------------------


def take(talk: Talk, said: str) -> None:
    """What a code offers, before anything is agreed to."""
    _, key = talk._, talk.service.card_key
    offered = mandates.look(talk.db, talk.reader.id, said, key, talk.policy, talk.now)
    name = acting.called(readers.reader(talk.db, offered.grantor_id))
    if offered.kind == "guardian":
        text = _("{name} 请您做监护人：孩子借书要您同意，您能看到、也能替 TA 办借阅，到 TA 成年为止。", name=name)
    else:
        text = _("{name} 想请您代办：{scopes}。", name=name, scopes=family_words.scopes(_, offered.scopes))
    text += "\n" + _("您做了什么，对方都会知道；不想办了，随时可以说「取消授权」。")
    talk.memory["confirm"] = f"fama:{said}"
    talk.say(text, rows(Button(_("愿意"), f"fama:{said}"), menu(_, "cancel")))


def accept(talk: Talk, said: str) -> None:
    """Yes; the giver is asked once more."""
    _, key = talk._, talk.service.card_key
    mandates.accept(talk.db, talk.reader.id, said, key, talk.policy, talk.now)
    talk.say(_("好，已经请对方最后确认，同意了就告诉您。"), rows(family_words.button(_), menu(_, "help")))


def decline(talk: Talk, mandate_id: str) -> None:
    """Not after all."""
    mandates.decline(talk.db, talk.reader.id, int(mandate_id), talk.now)
    talk.say(talk._("好，不接了，已经告诉对方。"), rows(family_words.button(talk._), menu(talk._, "help")))
