"""我的家人: letting somebody act for oneself, acting for them, and ending either at once (D-12, A10-3)."""

from __future__ import annotations

import re

from bot import acting, family_words
from bot.events import Button
from bot.folding import fold
from bot.talk import Talk
from bot.texts import menu, rows
from lending import deeds, mandates, readers
from lending.errors import UnknownThing
from lending.mandates import Mandate
from lending.scopes import OFFERED

CODE = re.compile(r"\s*SQ[\s-]?(\d{4})[\s-]?(\d{4})\s*", re.IGNORECASE)
KIN = {
    "mother": "妈|妈妈|母亲|老妈|婆婆|岳母|奶奶|外婆|姥姥", "father": "爸|爸爸|父亲|老爸|公公|岳父|爷爷|外公|姥爷",
    "partner": "爱人|老公|老婆|丈夫|妻子|先生|太太|对象", "child": "孩子|儿子|女儿|小孩|宝宝|娃|闺女|孙子|孙女",
    "friend": "朋友|同学|同事|邻居|室友", "family": "家人|家里人|哥哥|姐姐|弟弟|妹妹|亲戚",
}  # fmt: skip
ANY_KIN = "|".join(KIN.values())
DONE = {"collect": "取|拿", "return": "还|续", "borrow": "借", "see": "看|查"}  # by what is asked for
LETS = re.compile(
    rf"(让|請|请|叫|找|麻烦)(我)?(?P<kin>{ANY_KIN})(来|去)?(帮我|替我|代我|帮忙|帮|替)?(?P<what>代?(取|拿|还|续|借|看|查)).{{0,4}}"
)
GIVES = re.compile(
    r"(我要|我想|想)?(授权|添加|加)(一个|一位)?(给)?(我|我的)?(家人|家属|别人|他人|亲友)(代办|代取|代借)?|代办授权|(let|authori[sz]e) (my )?(family|someone|mom|mum|dad|wife|husband).*"
)
SHOWS = re.compile(
    r"(我的|看看|查看)?(家人|家庭成员|家庭|授权)(列表|管理)?|(谁|哪些人)(能|可以|在)替我(办|借|取)?.{0,4}|(我)?(现在)?(在)?替谁(办|借).{0,3}|my family|family|who (can|may) act for me"
)
REVOKES = re.compile(
    r"(取消|撤销|收回|解除|结束|撤回|停止)(我的|给)?(家人|代办|所有|全部)?的?授权|(revoke|cancel)( the| my)? (mandate|authori[sz]ation)s?"
)
ENDS = re.compile(
    r"(我)?不(再)?替.{0,8}(办|借|取)?了?|(换回|切回|回到)(我)?自己|(我)?(给|替|为)(我)?自己(借|办)书?|act for myself|(stop|end) acting.*"
)
ACTS = re.compile(
    r"(我)?(要|想|来)?(替|帮|代|给|为)(我的|我家|我)?(?P<who>.{1,12}?)(代?(借|续借|还|取|拿|办|看))(一?本|些|几本)?(书|事|一下)?|act for (?P<name>.{1,20})"
)
NOBODY = ("我", "你", "您", "忙", "自己", "大家", "谁")


# ---- heard in plain words ------------------------------------------------------------------------------------------


def code_in(text: str) -> str:
    """The eight digits of a mandate's code, or ''."""
    found = CODE.fullmatch(text)
    return found[1] + found[2] if found else ""


def asked(talk: Talk) -> bool:
    """Whether the words are about acting for one another; a name counts where the reader acts for somebody so called."""
    said = _said(talk)
    if not said or len(said) > 40:
        return False
    if any(pattern.fullmatch(said) for pattern in (LETS, GIVES, SHOWS, REVOKES, ENDS)):
        return True
    return bool(_meant(talk, said))


def hear(talk: Talk) -> None:
    """What was meant, the narrowest first."""
    said = _said(talk)
    if ENDS.fullmatch(said):
        return stop(talk)
    if found := LETS.fullmatch(said):
        scopes = [scope for scope, words in DONE.items() if re.search(words, found["what"])]
        return give_to(talk, _relation(found["kin"]), scopes)
    if GIVES.fullmatch(said):
        return give(talk)
    if SHOWS.fullmatch(said):
        return show(talk)
    if REVOKES.fullmatch(said):
        return ask_revoking(talk)
    whom = _meant(talk, said)
    return act(talk, str(whom[0].grantor_id)) if len(whom) == 1 else choose_whom(talk)


def _said(talk: Talk) -> str:
    return fold(talk.event.text).strip(" .,!?。，！？吧了啊呢") if talk.event.text else ""


def _relation(word: str) -> str:
    return next(name for name, words in KIN.items() if word in words.split("|"))


def _meant(talk: Talk, said: str) -> list[Mandate]:
    """For whom "替小明借" is: those so called; whoever there is where only a kinship is named ("替孩子借")."""
    found = ACTS.fullmatch(said)
    who = (found["who"] or found["name"] or "") if found else ""
    if not who or who.startswith(NOBODY):
        return []
    mine = for_whom(talk)
    named = [one for one in mine if fold(acting.called(readers.reader(talk.db, one.grantor_id))) == who]
    return named or (mine if re.fullmatch(ANY_KIN, who) else [])


def for_whom(talk: Talk) -> list[Mandate]:
    """The standing mandates by which this reader may act."""
    mine = mandates.of_reader(talk.db, talk.reader.id, talk.now)
    return [one for one in mine if one.proxy_id == talk.reader.id and one.state == "active"]


# ---- who acts for whom ---------------------------------------------------------------------------------------------


def show(talk: Talk) -> None:
    """Both sides of everything that stands, and a way to end each."""
    _, mine = talk._, mandates.of_reader(talk.db, talk.reader.id, talk.now)
    lines: list[str] = []
    buttons: list[Button] = []
    for one in mine:
        line, more = _line(talk, one)
        lines.append(f"{len(lines) + 1}. {line}")
        buttons += more
    text = "\n".join(lines) or _("可以让家人替您取书、续借、借书，不用给密码和卡号；随时能取消。")
    ways = [Button(_("授权家人"), "famg"), Button(_("给孩子办卡"), "famc"), Button(_("替我办过什么"), "famd")]
    talk.say(text, (*rows(*buttons, across=2), tuple(ways)))


def _line(talk: Talk, one: Mandate) -> tuple[str, list[Button]]:
    _, giver = talk._, one.grantor_id == talk.reader.id
    name = acting.called(readers.reader(talk.db, (one.proxy_id if giver else one.grantor_id) or 0))
    facts = {"name": name, "scopes": family_words.scopes(_, one.scopes), "day": family_words.until(one)}
    if one.state == "accepted":
        if not giver:
            return _("等{name}最后同意：{scopes}", **facts), [Button(_("不接了"), f"famno:{one.id}")]
        yes, no = Button(_("同意{name}", name=name), f"famok:{one.id}"), Button(_("不是 TA"), f"famw:{one.id}")
        return _("{name}等您最后同意：{scopes}", **facts), [yes, no]
    if giver:
        who = family_words.relation(_, one)
        end = [] if one.kind == "guardian" else [Button(_("取消{who}的授权", who=who), f"famx:{one.id}")]
        return _("{who}（{name}）可以替您：{scopes}，到 {day}", who=who, **facts), end
    more = [Button(_("替{name}办", name=name), f"act:{one.grantor_id}")]
    if one.kind == "guardian":
        return _("您是{name}的监护人，到 {day}", **facts), [*more, Button(_("同意书"), f"mc:{one.grantor_id}")]
    return _("您可以替{name}：{scopes}，到 {day}", **facts), [
        *more,
        Button(_("不再替{name}", name=name), f"famx:{one.id}"),
    ]


def show_deeds(talk: Talk) -> None:
    """What others did and saw in the reader's name, the newest first."""
    talk.say("\n".join(deed_lines(talk)), rows(Button(_fam(talk), "fam"), menu(talk._, "escalate")))


def deed_lines(talk: Talk) -> list[str]:
    """The log of acting, for its own list and for who asks what was seen."""
    _, done = talk._, deeds.of_reader(talk.db, talk.reader.id)
    if not done:
        return [_("还没有人替您办过事。办了什么、看了什么，这里都会记下来。")]
    lines = [_("替您办过的事，最近的在前：")]
    for one in done:
        who = _(family_words.RELATIONS[one.relation])
        book = _.books([one.title]) if one.title else ""
        lines.append(f"{_.moment(one.at)} {family_words.deed(_, one.what, who, book, one.object.partition(':')[2])}")
    return lines


def _fam(talk: Talk) -> str:
    return talk._("我的家人")


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
    talk.say(text, rows(Button(_("收回这个码"), f"famw:{made.id}"), Button(_fam(talk), "fam")))


def confirm(talk: Talk, mandate_id: str) -> None:
    """The giver's last word."""
    _, active = talk._, mandates.confirm(talk.db, talk.reader.id, int(mandate_id), talk.policy, talk.now)
    text = _(
        "好了，{who}可以替您办：{scopes}，到 {day}。做了什么，我都会告诉您。",
        who=family_words.relation(_, active), scopes=family_words.scopes(_, active.scopes),
        day=family_words.until(active),
    )  # fmt: skip
    talk.say(text, rows(Button(_fam(talk), "fam"), menu(_, "show_loans")))


def withdraw(talk: Talk, mandate_id: str) -> None:
    """The code leads nowhere any more; or: that was not who I meant."""
    mandates.withdraw(talk.db, talk.reader.id, int(mandate_id), talk.now)
    talk.say(talk._("收回了，什么也没有变。"), rows(Button(_fam(talk), "fam"), menu(talk._, "help")))


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
    talk.say(_("好，已经请对方最后确认，同意了就告诉您。"), rows(Button(_fam(talk), "fam"), menu(_, "help")))


def decline(talk: Talk, mandate_id: str) -> None:
    """Not after all."""
    mandates.decline(talk.db, talk.reader.id, int(mandate_id), talk.now)
    talk.say(talk._("好，不接了，已经告诉对方。"), rows(Button(_fam(talk), "fam"), menu(talk._, "help")))


# ---- acting --------------------------------------------------------------------------------------------------------


def choose_whom(talk: Talk) -> None:
    """Several, or nobody yet."""
    _, mine = talk._, for_whom(talk)
    if not mine:
        text = _("还没有人请您代办。请 TA 在自己的聊天里说「授权家人」，把码给您；孩子没有手机，就给孩子办一张卡。")
        return talk.say(text, rows(Button(_("给孩子办卡"), "famc"), Button(_fam(talk), "fam")))
    names = [(one, acting.called(readers.reader(talk.db, one.grantor_id))) for one in mine]
    talk.say(_("替谁办？"), rows(*(Button(name, f"act:{one.grantor_id}") for one, name in names)))


def act(talk: Talk, grantor_id: str) -> None:
    """From now on for this one, and what that reaches."""
    acting.switch(talk, int(grantor_id))
    assert talk.acting is not None
    _, one = talk._, talk.acting
    text = _(
        "现在替{name}办：{scopes}。直接说要借的书、「续借」「我的订单」就行；说「换回自己」结束。",
        name=one.name, scopes=family_words.scopes(_, one.mandate.scopes),
    )  # fmt: skip
    ways = [("see_loans", "show_loans"), ("see_ready", "show_orders"), ("renew", "renew"), ("order", "browse")]
    talk.say(text, rows(*(menu(_, intent) for need, intent in ways if acting.allowed(talk, need))))


def stop(talk: Talk) -> None:
    """For oneself again."""
    _, one = talk._, talk.acting
    acting.stop(talk)
    text = _("好，不替{name}办了，现在办您自己的事。", name=one.name) if one else _("您现在办的就是自己的事。")
    talk.say(text, rows(menu(_, "show_loans"), Button(_fam(talk), "fam")))


# ---- ending --------------------------------------------------------------------------------------------------------


def ask_revoking(talk: Talk) -> None:
    """Which, or at once where there is one only."""
    _, mine = talk._, mandates.of_reader(talk.db, talk.reader.id, talk.now)
    open_ones = [
        one for one in mine if one.state == "active" and one.kind == "given"
    ]  # a child's guardian: by the list
    if len(open_ones) != 1:
        return show(talk)
    revoke(talk, str(open_ones[0].id))


def revoke(talk: Talk, mandate_id: str) -> None:
    """Over this moment, by whichever side says so."""
    _, over = talk._, mandates.revoke(talk.db, talk.reader.id, int(mandate_id), talk.now)
    if talk.acting and talk.acting.mandate.id == over.id:
        acting.stop(talk)
    if over.grantor_id == talk.reader.id:
        text = _("取消了。从现在起，{who}不能再替您办任何事。", who=family_words.relation(_, over))
    else:
        text = _("取消了。您不再替{name}办事。", name=acting.called(readers.reader(talk.db, over.grantor_id)))
    talk.say(text, rows(Button(_fam(talk), "fam"), menu(_, "show_loans")))
