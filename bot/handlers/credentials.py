"""我的证件: which cards and chats speak for a reader, a form to link a card by, and taking one away (A1-9, A3-32)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot import address_words, card_words, contacts
from bot.confiding import CITIZEN, LIBRARY, bare_number
from bot.conversations import Memory
from bot.events import Button
from bot.handlers import numbered
from bot.talk import Talk
from bot.texts import N_, menu, rows
from lending import cards, proof_codes, proofs, secret_forms
from lending.model import parse_stamp, stamp
from lending.proofs import Proof

ASKED = re.compile(
    rf"(连接?|連接?|(?<!解)绑定?|(?<!解)綁定?|关联|關聯|添加|登记|登記)(上|到|我的|我|一下|一张|一張|张|張|这里|這裡|旧|舊|的)*({LIBRARY}|{CITIZEN})"
    rf"|({LIBRARY}|{CITIZEN})(怎么|怎麼|怎样|如何|能|可以|能不能|可不可以|想|要)*(连|連|绑|綁|关联|關聯)"
    r"|\b(link|add|connect) (my |a |an |the )*(library|reader|citizen|borrower)('s|s)? card",
    re.IGNORECASE,
)
MINE = re.compile(
    rf"(我的|我有哪些|有哪些|看|管理)+(证件|證件|证|證|卡|卡片|{LIBRARY}|{CITIZEN})"
    r"|(show |list )?my (cards|credentials|library cards?)",
    re.IGNORECASE,
)
LONGEST = 40  # characters; longer texts are about something else
CHANNELS = {"web": N_("网页"), "telegram": "Telegram", "terminal": N_("终端")}
STANDS = {"face": N_("等核验的回答"), "desk": N_("等馆员核对")}


def asked(text: str) -> str:
    """Which kind of card somebody wants to link, or ''."""
    found = ASKED.search(text) if len(text) <= LONGEST else None
    return ("citizen" if re.search(f"{CITIZEN}|citizen", found[0], re.IGNORECASE) else "library") if found else ""


def asked_mine(text: str) -> bool:
    """Whether somebody wants to see their own cards."""
    return bool(MINE.fullmatch(text.strip(" 。.!！?？/")))


def typed_here(step: str, memory: Memory, text: str, now: datetime) -> bool:
    """Whether a bare number answers a form that was just given: it belongs into the form, not into the chat.

    A number we told the reader ourselves, of an order or a case, is none of a card; nor is a telephone's where a parcel's
    address is asked for.
    """
    if not bare_number(text) or memory.get("card_form", "") <= stamp(now):
        return False
    told = numbered.NUMBER.fullmatch(text.strip().lower())
    return not told and not (step == "address" and address_words.only_phone(text))


def show(talk: Talk) -> None:
    """Kind, the last two digits, since when; what still waits; and how to link or take away one."""
    _, mine = talk._, cards.of_reader(talk.db, talk.reader.id)
    pending = [one for one in proofs.of_reader(talk.db, talk.reader.id) if one.state in STANDS]
    lines = [_("您的证件（只存尾号，号码本身不存）：") if mine or pending else _("还没有连过卡。不连也能借书。")]
    lines += [
        _(
            "{card}，{day}连上",
            card=card_words.named(_, card["kind"], card["tail"]),
            day=_.day(parse_stamp(card["made_at"])),
        )
        for card in mine
    ]
    lines += [
        _("{card}，{state}", card=card_words.named(_, one.kind, one.tail), state=_(STANDS[one.state]))
        for one in pending
    ]
    lines.append(_("能说上话的聊天：{chats}", chats=_.listed(_channels(talk))))
    talk.say("\n".join(lines), rows(*_ways(talk, mine, pending), across=2))


def _channels(talk: Talk) -> list[str]:
    names = dict.fromkeys(channel for channel, _address in contacts.all_of(talk.db, talk.reader.id))
    return [talk._(CHANNELS.get(name, name)) for name in names]


def _ways(talk: Talk, mine: list[dict[str, str]], pending: list[Proof]) -> list[Button]:
    _ = talk._
    ways = [Button(_("连读者证"), "card:library"), Button(_("连市民卡"), "card:citizen")]
    tails = [(card["tail"][-card_words.SHOWN :], f"cardx:{card['mark']}") for card in mine[:4]]
    ways += [Button(_("去掉尾号 {tail}", tail=tail), action) for tail, action in tails]
    ways += [Button(_("不核对尾号 {tail} 了", tail=one.tail), f"cardw:{one.id}") for one in pending[:2]]
    return [*ways, Button(_("连接另一个聊天"), "links"), Button(_("谁看过我的资料"), "looks")]


def give_form(talk: Talk, kind: str) -> None:
    """A page of one's own for the number, short-lived and used once. Raises NoMoreForms."""
    if kind not in secret_forms.KINDS:
        return show(talk)
    _, (address, minutes) = talk._, form_address(talk, kind)
    text = _(
        "卡号和密码请不要发在聊天里。点下面的按钮，在只给您的一页上填，{n} 分钟内有效，只能用一次。我只留下尾号。没有密码，也可以请馆员核对。",
        n=minutes,
    )
    talk.memory["card_form"] = stamp(talk.now + timedelta(minutes=minutes))
    way = (Button(_("打开填卡号的网页"), url=address),) if opens(talk, address) else ()
    if not way:
        text = _("这里打不开填卡号的网页。请带着卡到服务台，馆员帮您连上；卡号请不要发在聊天里。")
    talk.say(text, rows(*way, menu(_, "find_branches"), menu(_, "escalate")))


def form_address(talk: Talk, kind: str) -> tuple[str, int]:
    """The address of a new form, and for how many minutes it holds. Raises NoMoreForms."""
    service = talk.service
    token, _until = secret_forms.make(talk.db, talk.reader.id, kind, service.card_key, talk.policy, talk.now)
    return f"{service.public_url}/secret/{token}", talk.policy.credentials.form_minutes


def opens(talk: Talk, address: str) -> bool:
    """A page of ours without a public address can only be opened from our own pages."""
    return address.startswith("http") or talk.event.channel in ("web", "terminal")


def take_code(talk: Talk, code: str) -> None:
    """What a librarian read out on the card's own telephone; the news of the card itself follows at once."""
    _, key = talk._, talk.service.card_key
    said = proof_codes.take(talk.db, talk.reader.id, code, key, talk.policy, talk.now)
    texts = {
        proof_codes.WRONG: _("这个核对码不对，或者过了时间。请对一下电话里报的码，或请馆员再报一个。"),
        proof_codes.SPENT: _("核对码试得太多了，为了保护持卡人先停下。带着卡到服务台，馆员当面核对。"),
    }
    if said in texts:
        talk.say(texts[said], rows(Button(_("我的证件"), "cards"), menu(_, "find_branches"), menu(_, "escalate")))
    else:
        talk.say(_("核对码对上了，谢谢！"))


def ask_remove(talk: Talk, mark: str) -> None:
    """What goes and what stays, before it is done."""
    _ = talk._
    found = [card for card in cards.of_reader(talk.db, talk.reader.id) if card["mark"] == mark]
    if not found:
        return show(talk)
    name = card_words.named(_, found[0]["kind"], found[0]["tail"])
    text = _("去掉{card}？它在自助机上就打不开您的账户了；书、预约和信用都不变，以后可以再连。", card=name)
    talk.memory["confirm"] = f"cardx!:{mark}"
    talk.say(text, rows(Button(_("去掉"), f"cardx!:{mark}"), menu(_, "cancel")))


def remove(talk: Talk, mark: str) -> None:
    """It opens nothing any more. Raises UnknownThing for a card of somebody else's."""
    _, gone = talk._, proofs.remove(talk.db, talk.reader.id, mark, talk.now)
    text = _("{card}去掉了，它的号码没有留下任何痕迹。", card=card_words.named(_, gone.kind, gone.tail))
    talk.say(text, rows(Button(_("我的证件"), "cards"), menu(_, "show_loans")))


def withdraw(talk: Talk, proof_id: str) -> None:
    """Nobody looks at it any more; another way is open at once."""
    _ = talk._
    done = proofs.withdraw(talk.db, talk.reader.id, int(proof_id), talk.now)
    text = _("好，不核对了。想换一种方式，随时重新来。") if done else _("这件事已经有结果了，看看「我的证件」。")
    talk.say(text, rows(Button(_("我的证件"), "cards"), Button(_("连读者证"), "card:library"), menu(_, "help")))


LOGGED = {  # what the reader's own log says of a card, by how it was proved and what became of it
    ("password", "linked"): N_("凭密码连上了{card}"), ("face", "linked"): N_("核验本人后连上了{card}"),
    ("desk", "linked"): N_("馆员{who}核对后连上了{card}"), ("desk", "declined"): N_("馆员{who}没能核对上{card}"),
    ("face", "declined"): N_("核验没有认出{card}的持卡人"),
}  # fmt: skip
ENDED = {
    "removed": N_("{card}去掉了"), "taken": N_("{card}已经连着另一个账户，没有连上"), "withdrawn": N_("不再核对{card}"),
    "lapsed": N_("{card}太久没能核对，作罢了"), "face": N_("请外面的核验机构核对{card}"), "desk": N_("请馆员核对{card}"),
    "declined": N_("没能核对上{card}"), "linked": N_("连上了{card}"),
}  # fmt: skip


def log_lines(talk: Talk) -> list[str]:
    """What became of the reader's cards, each with its moment, the latest first."""
    _ = talk._
    return [
        f"{_.moment(one.changed_at)} "
        + _(_log_text(one), card=card_words.named(_, one.kind, one.tail), who=one.decided_by)
        for one in proofs.of_reader(talk.db, talk.reader.id, 10)
    ]


def _log_text(one: Proof) -> str:
    """A librarian decides also what a verifier could not tell."""
    way = "desk" if one.decided_by else one.way
    return LOGGED.get((way, one.state), ENDED[one.state]) if way != "desk" or one.decided_by else ENDED[one.state]
