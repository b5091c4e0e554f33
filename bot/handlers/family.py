"""我的家人: letting somebody act for oneself, acting for them, and ending either at once (D-12, A10-3)."""

from __future__ import annotations

import re
from functools import lru_cache

from bot import acting, family_words, several_wishes
from bot.events import Button
from bot.folding import REMEMBERED, fold
from bot.handlers import authorising, guardians
from bot.talk import Talk, Wish
from bot.texts import menu, rows
from bot.understanding import without_courtesies
from lending import deeds, mandates, readers
from lending.mandates import Mandate
from lending.readers import Reader
from lending.scopes import allows
from search import browse

LONGEST = 50
KIN = {
    "mother": "妈|妈妈|母亲|老妈|婆婆|岳母|奶奶|外婆|姥姥|mum|mom|mother|grandma|grandmother",
    "father": "爸|爸爸|父亲|老爸|公公|岳父|爷爷|外公|姥爷|dad|father|grandpa|grandfather",
    "partner": "爱人|老公|老婆|丈夫|妻子|先生|太太|对象|wife|husband|partner|girlfriend|boyfriend",
    "child": "孩子|儿子|女儿|小孩|宝宝|娃|闺女|孙子|孙女|child|children|kid|kids|son|daughter|grandson|granddaughter",
    "friend": "朋友|同学|同事|邻居|室友|friend|flatmate|roommate|classmate|colleague|neighbour|neighbor",
    "family": "家人|家里人|哥哥|姐姐|弟弟|妹妹|亲戚|family|brother|sister",
}  # fmt: skip
CHILD = KIN["child"].split("|")
ANY_KIN = "|".join(KIN.values())
DONE = {  # by what is asked for
    "collect": "取|拿|pick|collect|fetch", "return": "还|续|return|renew|bring", "borrow": "借|borrow",
    "see": "看|查|see|view",
}  # fmt: skip
LETS = re.compile(
    rf"(让|请|叫|找|麻烦)我?的?(?P<kin>{ANY_KIN})(来|去)?"
    r"((帮我|替我|代我|帮忙|帮|替|代)(?P<what>取|拿|还|续|借|看|查)|(?P<brings>取|拿|还)).{0,4}"
    rf"|(?!(?:can|could|may) my .{{2,20}} (?:return|bring back)\b)"  # anybody may bring them
    rf"(let |have |ask |can |could |may )?my (?P<whose>{ANY_KIN}) (to |can |could |may |will |is going to )?"
    r"(?P<does>pick up|collect|fetch|return|bring back|renew|see|view|borrow(?=.* for me$))( \w+){0,4}( for me)?"
)
GIVES = re.compile(
    r"(我要|我想|想)?(授权|添加|加)(一个|一位)?(给)?(我|我的)?(家人|家属|别人|他人|亲友)(代办|代取|代借)?|代办授权|(let|authori[sz]e) (my )?(family|someone).*"
    r"|(let|allow|authori[sz]e) (someone|somebody|others|another person)( else)? (to )?(act|borrow|collect|pick up|renew).*"
)
GIVES_TO = re.compile(
    rf"(我?[要想])?[给帮为替](我的?|我家)?(?P<kin>{ANY_KIN})(代办|借书)?授权"
    rf"|(我?[要想])?把(我的?|我家)?(?P<kin4>{ANY_KIN})[加拉](进来|进去|入|到我?的?(家人|[账帐帳][号户戶])(里|中)?)"
    rf"|(我?[要想])?授权给?(我的?|我家)?(?P<to>{ANY_KIN})(([帮替代]我)?(办|取书?|借书?)|代[办取借])?"
    rf"|(let |allow |authori[sz]e |add |can |could |may )?my (?P<kind>{ANY_KIN}) (to |can |could )?(use|access|manage|share|act for|help)( \w+){{1,4}}"
    rf"|(let|allow|authori[sz]e|add)( a| my)? (?P<kind2>{ANY_KIN})( member)?( to my (family|account)| act for me)?"
    rf"|share my (account|card|loans?|books) with( a| my)? (?P<kind3>{ANY_KIN})"
)
SHOWS = re.compile(
    r"(我的|看看|查看)(我的)?(家人|家庭成员|家庭)|家人授权|(谁|哪些人)(能|可以|在)替我(办|借|取)?.{0,4}"
    r"|我?(现在)?在?替谁(办|借).{0,3}|my family|who (can|may) act for me"
)
DONE_FOR_ME = re.compile(
    r"(有|都有)?(谁|哪些人|家人|别人)?都?替我(办|借|续|还|取)过(什么?|哪些)?(书|事)?|what (did|have) (others|my family) (do|done) for me"
)
REVOKES = re.compile(
    r"(取消|撤销|收回|解除|结束|撤回|停止)(我的|给)?(家人|代办|所有|全部)?的?授权|(revoke|cancel)( the| my)? (mandate|authori[sz]ation)s?"
)
ENDS = re.compile(
    r"(我)?不(再)?替.{0,8}(办|借|取)?了?|(换回|切回|切换回|切换到|回到)(我)?自己|(我)?(给|替|为)(我)?自己(借|办)书?|act for myself|(stop|end) acting.*"
)
ACTS = re.compile(
    r"(我)?(怎么|怎样|如何|能不能|可不可以|能|可以|要|想|来)?(替|帮|代|给|为)(我的|我家|我)?(?P<who>.{1,12}?)(代?(借|续借|还|取|拿|办|看))(一?本|些|几本)?(书|事|一下)?(行|可以)?|act for (?P<name>.{1,20})"
    r"|(borrow|renew|return|collect|pick up|check out|take out)( \w+){0,4} (for|on behalf of) my (?P<whom>[a-z]{1,15})"
)
SEES = re.compile(
    rf"(我?(能|可以|想|要|怎么))?(看到?|看看|查看?)?(我的?|我家的?)?({ANY_KIN})(借了?(的书|什么书?|哪些书?)|的借阅)(我?(能|可以)(看到?|看见|查到?))?"
)
HELPLESS = re.compile(
    rf"(我的?|我家的?)?({ANY_KIN}).{{0,8}}(不会|不太会|不懂|没有|不用)(用|弄|玩|使|操作)?(智能)?(手机|微信|上网|电脑|这个)了?(怎么办|怎么借书?)?"
)
DOES = "代?续|代?还|代?取|代?拿|代?借|预约|取消|看看?(?:借|书|订单)|查查?(?:借|书|订单)|都续|都还"
FOR = re.compile("[替帮代给为]")
MY_OWN = re.compile("我(?:自己)?的|我自己|自己的|我借的")
ASKED_FOR = "asked_for"  # what is to be done once it is known for whom
LOOSE = ("search", "unknown", "borrow", "faq", "checkout")  # nothing else is meant for certain
NOBODY = ("我", "你", "您", "忙", "自己", "大家", "谁")


# ---- heard in plain words ------------------------------------------------------------------------------------------


def asked(talk: Talk) -> bool:
    """Whether the words are about acting for one another; a name counts where the reader acts for somebody so called."""
    said = _said(talk)
    if not said or len(said) > LONGEST:
        return False
    if _of_acting(said):
        return True
    loose = talk.intent.likened or talk.intent.name in LOOSE
    return bool(_meant(talk, said) or _beside(talk)) or (loose and bool(re.fullmatch(f"{ANY_KIN}|[他她]", _who(said))))


@lru_cache(REMEMBERED)
def _of_acting(said: str) -> bool:
    return any(pattern.fullmatch(said) for pattern in (LETS, GIVES, GIVES_TO, SHOWS, DONE_FOR_ME, REVOKES, ENDS, SEES, HELPLESS))


def hear(talk: Talk) -> None:
    """What was meant, the narrowest first."""
    said = _said(talk)
    if ENDS.fullmatch(said):
        return stop(talk)
    if found := LETS.fullmatch(said):
        scopes = [scope for scope, words in DONE.items() if re.search(words, found["what"] or found["brings"] or found["does"])]
        return authorising.give_to(talk, _relation(found["kin"] or found["whose"]), scopes)
    if GIVES.fullmatch(said):
        return authorising.give(talk)
    if found := GIVES_TO.fullmatch(said):
        return authorising.choose_relation(talk, _relation(next(filter(None, found.group("kin", "to", "kind", "kind2", "kind3", "kin4")))))
    if SHOWS.fullmatch(said) or HELPLESS.fullmatch(said):
        return show(talk)
    if DONE_FOR_ME.fullmatch(said):
        return show_deeds(talk)
    if REVOKES.fullmatch(said):
        return ask_revoking(talk)
    whom = _meant(talk, said) or _beside(talk)
    if not whom and talk.step == "child" and _who(said) in CHILD:
        talk.say(talk._("卡办好了就能替 TA 借书。"))
        return guardians.add(talk)
    return act(talk, str(whom[0].grantor_id)) if len(whom) == 1 else choose_whom(talk)


def _said(talk: Talk) -> str:
    return without_courtesies(fold(talk.event.text).strip(" .,!?。，！？吧了啊呢吗么")) if talk.event.text else ""


def _relation(word: str) -> str:
    return next(name for name, words in KIN.items() if word in words.split("|"))


def _who(said: str) -> str:
    """小明 of "替小明借"; '' where nobody is named."""
    found = ACTS.fullmatch(said)
    return (found["who"] or found["name"] or found["whom"] or "") if found else ""


def _meant(talk: Talk, said: str) -> list[Mandate]:
    """For whom "替小明借" is: those so called; whoever there is where only a kinship is named ("替孩子借")."""
    who = _who(said)
    if not who or who.startswith(NOBODY):
        return []
    return _so_called(talk, who) or (_akin(talk, who) if re.fullmatch(ANY_KIN, who) else [])


def _beside(talk: Talk) -> list[Mandate]:
    """For whom a part of what was said is: 「替妈妈续借三体」, 「帮我妈续借，再看看我的订单」."""
    found = _phrase(talk, said := _said(talk)).search(said)
    return _whose(talk, found["who"]) if found and talk.acting is None else []


def _phrase(talk: Talk, said: str) -> re.Pattern[str]:
    """What says for whom a clause of it is; nothing does for whom nobody has let act."""
    mine = for_whom(talk) if FOR.search(said) else []
    whom = "|".join([*(re.escape(_name(talk, one)) for one in mine), "她", "他", ANY_KIN])
    return re.compile(rf"{FOR.pattern}(?:我的|我家|我)?(?P<who>{whom})(?=(?:把书?)?(?:{DOES}))" if mine else "(?!)")


def _whose(talk: Talk, who: str) -> list[Mandate]:
    """For whom "妈", "她" or a name may stand; several where that does not say which of them."""
    return _so_called(talk, who) or _akin(talk, who)


def _so_called(talk: Talk, who: str) -> list[Mandate]:
    return [one for one in for_whom(talk) if _name(talk, one) == who]


def _akin(talk: Talk, who: str) -> list[Mandate]:
    """Whom a kinship may mean: a guardian's mandate is never for 妈."""
    return [one for one in for_whom(talk) if who in CHILD or one.kind == "given"]


def named(talk: Talk, act: str) -> Reader | None:
    """The one reader whom the words name, among those for whom this may be asked."""
    said = _said(talk)
    found = [one for one in for_whom(talk) if allows(one.scopes, act) and _name(talk, one) in said]
    if not found and (kin := re.search(ANY_KIN, said)):
        found = [one for one in _akin(talk, kin[0]) if allows(one.scopes, act)]
    return readers.reader(talk.db, found[0].grantor_id) if len(found) == 1 else None


def _name(talk: Talk, one: Mandate) -> str:
    return fold(acting.called(readers.reader(talk.db, one.grantor_id)))


def for_another(talk: Talk) -> list[tuple[int, Wish]]:
    """Each wish of a line that names another, and whose it is (0: one's own); [] where one of them is not clear, or it
    is not known who is meant."""
    talk.memory.pop(ASKED_FOR, None)
    return _each(talk, talk.event.text, 0) if talk.event.text and not talk.step else []


def asked_for(talk: Talk, grantor_id: str) -> list[tuple[int, Wish]]:
    """The same once it has been said who is meant."""
    return _each(talk, str(talk.memory.pop(ASKED_FOR, "")), int(grantor_id))


def _each(talk: Talk, text: str, meant: int) -> list[tuple[int, Wish]]:
    phrase, whose = _phrase(talk, said := fold(text)), talk.acting.reader.id if talk.acting else 0
    parts = [part for part in several_wishes.APART.split(said) if part.strip()]
    if len(parts) > several_wishes.MOST or not any(map(phrase.search, parts)):
        return []
    each: list[tuple[int, str]] = []
    for part in parts:
        if found := phrase.search(part):
            whom = [meant] if meant else [one.grantor_id for one in _whose(talk, found["who"])]
            if len(whom) != 1:
                return []
            whose, part = whom[0], part[: found.start()] + part[found.end() :]
        each.append((0 if not found and MY_OWN.search(part) else whose, part))
    wishes = talk.look_up(several_wishes.each, *(part for _whose, part in each))
    return [(whose, wish) for (whose, _part), wish in zip(each, wishes, strict=True)] if wishes else []


def for_whom(talk: Talk) -> list[Mandate]:
    """The standing mandates by which this reader may act."""
    mine = mandates.of_reader(talk.db, talk.reader.id, talk.now)
    return [one for one in mine if one.proxy_id == talk.reader.id and one.state == "active"]


def stands(talk: Talk) -> bool:
    """Whether the reader has given or got a mandate."""
    return bool(mandates.of_reader(talk.db, talk.reader.id, talk.now))


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
    talk.say("\n".join(deed_lines(talk)), rows(family_words.button(talk._), menu(talk._, "escalate")))


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


# ---- acting --------------------------------------------------------------------------------------------------------


def choose_whom(talk: Talk) -> None:
    """Several, or nobody yet."""
    _, mine = talk._, for_whom(talk)
    if not mine:
        text = _("还没有人请您代办。请 TA 在自己的聊天里说「授权家人」，把码给您；孩子没有手机，就给孩子办一张卡。")
        ways = [Button(_("给孩子办卡"), "famc"), family_words.button(talk._)]
        if _who(_said(talk)) in CHILD:
            ways.append(Button(_("少儿读物"), f"group:{browse.CHILDREN.code}"))
        return talk.say(text, rows(*ways))
    if _beside(talk):
        talk.memory[ASKED_FOR] = talk.event.text
    them = [readers.reader(talk.db, one.grantor_id) for one in mine]
    names = [acting.called(one) for one in them]
    labels = [name if names.count(name) == 1 else f"{name} {one.number}" for one, name in zip(them, names, strict=True)]
    ways = [Button(label, f"act:{one.id}") for label, one in zip(labels, them, strict=True)]
    talk.say(_("替谁办？"), rows(*ways))


def act(talk: Talk, grantor_id: str) -> None:
    """From now on for this one, and what that reaches."""
    acting.switch(talk, int(grantor_id))
    assert talk.acting is not None
    talk.own = False
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
    talk.say(text, rows(menu(_, "show_loans"), family_words.button(talk._)))


# ---- ending --------------------------------------------------------------------------------------------------------


def ask_revoking(talk: Talk) -> None:
    """Which, or at once where there is one only."""
    _, mine = talk._, mandates.of_reader(talk.db, talk.reader.id, talk.now)
    given = [one for one in mine if one.state == "active" and one.kind == "given"]  # a child's guardian: by the list
    if len(given) != 1:
        return show(talk)
    revoke(talk, str(given[0].id))


def revoke(talk: Talk, mandate_id: str) -> None:
    """Over this moment, by whichever side says so."""
    _, over = talk._, mandates.revoke(talk.db, talk.reader.id, int(mandate_id), talk.now)
    if talk.acting and talk.acting.mandate.id == over.id:
        acting.stop(talk)
    if over.grantor_id == talk.reader.id:
        text = _("取消了。从现在起，{who}不能再替您办任何事。", who=family_words.relation(_, over))
    else:
        text = _("取消了。您不再替{name}办事。", name=acting.called(readers.reader(talk.db, over.grantor_id)))
    talk.say(text, rows(family_words.button(talk._), menu(_, "show_loans")))
