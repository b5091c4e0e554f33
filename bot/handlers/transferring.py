"""转借: a code from the one who has the book, a yes from the one who wants it, and the hand-over confirmed (F-7)."""

from __future__ import annotations

import re

from bot import awaiting, offered, transfer_news
from bot.books import name
from bot.events import Button
from bot.folding import fold
from bot.handlers import at_home, drifting, finding
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, evidence, loans, transfer_photos, transfer_records, transfers
from lending.errors import UnknownThing
from lending.evidence import NoPhoto
from lending.loans import Loan
from lending.model import half_width
from lending.transfer_records import Transfer

LETTERS = f"[{transfers.ALPHABET}{transfers.ALPHABET.lower()}]"
CODE = re.compile(rf"\D*?(?P<code>{LETTERS}{{4}}-{LETTERS}{{4}})", re.ASCII)
TAKEN_BACK = re.compile("(取消|撤销|撤回|停止).{0,4}转|(?<![能可要会])[不别](想|要|用|再)?转|cancel")
BEFORE = re.compile(
    r"[\s:：]*(?:(?:我要|我来|接受|接|收|转借|转借码|借|码|transfer|code|accept|take)[\s:：]*)*", re.IGNORECASE
)

ALSO = "也想看"  # what unlike.toml makes of somebody else who would like to read it


def code_in(text: str) -> str:
    """The code a reader typed, alone or after "接受转借"; '' when none. A year span ("2345-2346") is no code."""
    text = half_width(text)
    rest = text[BEFORE.match(text).end() :].strip()  # type: ignore[union-attr]
    found = CODE.fullmatch(rest)
    return found["code"] if found and any(letter.isalpha() for letter in found["code"]) else ""


def shown(code: str) -> str:
    """As it is read aloud: 7K3M-9Q2P."""
    return f"{code[:4]}-{code[4:]}"


# ---- the one who gives -----------------------------------------------------------------------------------------------


def transfer(talk: Talk) -> None:
    """ "转借" · "转借第2本" · "把《围城》转给朋友": which book, then its code; the books of one's own are there too."""
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    if drifting.asked(talk):
        return drifting.hear(talk)
    if TAKEN_BACK.search(fold(talk.event.text)):
        return withdraw_all(talk)
    if talk.slot("query") == ALSO:
        return tell_how_to_share(talk)
    n = talk.number()
    if n is not None:
        held = at_home.counted(talk, held, n)
    elif talk.slot("title"):
        held = [loan for loan in held if talk.slot("title") in loan.title]
    else:
        held = at_home.named_in(talk.event.text, held) or held
    if agreed := _awaits_my_yes(talk, held):
        asked = transfer_news.please_confirm(_, agreed)
        return talk.say(asked.text, (*asked.buttons, (Button(_("换一个转借码"), f"tr:{agreed.loan_id}"),)))
    if len(held) == 1:
        return offer(talk, str(held[0].id))
    buttons = [Button(f"《{loan.title}》"[:24], f"tr:{loan.id}") for loan in held[:8]]
    how = _("想把借着的书当面转给朋友：您选一本，我给一个码；朋友把码发给我，您再确认，就换到朋友名下。")
    mine = Button(_("我的漂流书"), "own")
    if not held:
        text = _("您手上现在没有能转借的书。朋友给了您转借码的话，直接发给我。")
        return talk.say(f"{text}\n{how}", rows(menu(_, "show_loans"), mine, menu(_, "browse")))
    talk.say(f"{how}\n{_('转哪一本？')}", (*rows(*buttons, across=1), (mine, menu(_, "show_loans"))))


def tell_how_to_share(talk: Talk) -> None:
    """ "我妹妹也想看": handed on later, or a copy of their own. Nothing is done by saying so."""
    _, held, n = talk._, loans.of_reader(talk.db, talk.reader.id), talk.number()
    if any(offered.kind(action) in ("t", "b") for action, _label in talk.memory.get("choices", [])):
        mine = [loan for loan in held if loan.title_id == finding.meant_title(talk)]
    else:
        mine = at_home.counted(talk, held, n) if n is not None else at_home.named_in(talk.event.text, held) or held
    if not mine:
        return own_copy(talk, str(finding.meant_title(talk) or ""))
    lines = [
        _("TA 想看，有两个办法：您看完了，当面转给 TA，点「转借」，我给一个码，TA 发给我就行。"),
        _("不想等，TA 用自己的账号也能借一册，不用办卡。"),
    ]
    pass_on = [Button(_("转借《{title}》", title=one.title[:12]), f"tr:{one.id}") for one in mine[:8]]
    another = [Button(_("看这本书"), f"t:{mine[0].title_id}")] if len(mine) == 1 else []
    talk.say("\n".join(lines), (*rows(*pass_on, across=1), *rows(*another, menu(_, "show_loans"))))


def own_copy(talk: Talk, title_id: str) -> None:
    """Two of a household who would like the same book."""
    _ = talk._
    its = [Button(_("借这本"), f"b:{title_id}")] if title_id else []
    told = _("同一本书一个人借一册。家里人也想看，TA 用自己的账号也能借一册，不用办卡。")
    talk.say(told, rows(*its, Button(_("我的家人"), "fam"), menu(_, "escalate")))


def _awaits_my_yes(talk: Talk, held: list[Loan]) -> Transfer | None:
    """The other side has agreed to one of these: whoever asks again looks for that question, and a new code would end it."""
    made = [transfer_records.transfer(talk.db, one) for one in transfers.open_of_giver(talk.db, talk.reader.id, talk.now)]
    mine = {loan.id for loan in held}
    return next((one for one in made if one.state == "accepted" and one.loan_id in mine), None)


def offer(talk: Talk, loan_id: str) -> None:
    """The code, as letters and as a picture, for a few minutes."""
    code, made = transfers.offer(talk.db, talk.reader.id, int(loan_id), talk.policy, talk.now)
    show_code(talk, code, made)


def offer_own(talk: Talk, own_id: str) -> None:
    """The same for a book that drifts."""
    code, made = transfers.offer_own(talk.db, talk.reader.id, int(own_id), talk.policy, talk.now)
    show_code(talk, code, made)


def show_code(talk: Talk, code: str, made: Transfer) -> None:
    """For a loan and for a book of one's own alike."""
    _, minutes = talk._, talk.policy.transfers.code_minutes
    text = _(
        "《{title}》的转借码：{code}\n请对方在{minutes}分钟内扫码，或把码发给我。只能用一次，别给不相干的人看。",
        title=made.title, code=shown(code), minutes=minutes,
    )  # fmt: skip
    link = f"{talk.service.public_url}/?start=x{code}"  # each channel makes it lead to itself
    buttons = (picture_button(talk, made.id), Button(_("不转了"), f"tw:{made.id}"), menu(_, "show_loans"))
    talk.say(text, rows(*buttons), qr=link)


def finish(talk: Talk, transfer_id: str) -> None:
    """The book is in the other's hands."""
    _, done = talk._, transfers.finish(talk.db, talk.reader.id, int(transfer_id), talk.policy, talk.now)
    lines = [_("《{title}》交出去了，之后由对方负责归还。谢谢您让书多走一站。", title=done.title)]
    if done.loan_id is not None and (saved := transfers.fee_saved(talk.db, done.receiver_id or 0, talk.policy)):
        lines.append(_("这一转省下了一来一回的运费 {money}。", money=_.money(saved)))
    talk.say("\n".join(lines), rows(picture_button(talk, done.id), menu(_, "show_loans"), menu(_, "recommend")))


def withdraw(talk: Talk, transfer_id: str) -> None:
    """The giver keeps it."""
    _, over = talk._, transfers.withdraw(talk.db, talk.reader.id, int(transfer_id), talk.now)
    talk.say(_("好，《{title}》不转了，还在您这里。", title=over.title), rows(menu(_, "show_loans")))


def withdraw_all(talk: Talk) -> None:
    """ "取消转借": whatever of theirs waits for a yes."""
    _, open_ones = talk._, transfers.open_of_giver(talk.db, talk.reader.id, talk.now)
    for one in open_ones:
        withdraw(talk, str(one))
    if not open_ones:
        talk.say(_("现在没有在等对方接的转借；书都还在您这里。"), rows(menu(_, "show_loans")))


# ---- the one who takes -----------------------------------------------------------------------------------------------


def take(talk: Talk, code: str) -> None:
    """The book, until when, and what one takes on; then a yes or no."""
    _, offered = talk._, transfers.look(talk.db, talk.reader.id, code, talk.policy, talk.now)
    lines = [_("有人想把这本书转给您："), name(catalogue.title(talk.db, offered.title_id))]
    lines += _loan_rules(talk, offered) if offered.loan_id is not None else drifting.rules(talk, offered)
    for photo in evidence.of(talk.db, "transfer", offered.id):
        talk.say(_("对方拍的《{title}》现在的样子：", title=offered.title), picture=photo["id"])
    yes = Button(_("我要接过来"), f"ta:{transfers.tidy(code)}")
    talk.say("\n".join(lines), rows(yes, menu(_, "cancel")))


def _loan_rules(talk: Talk, offered: Transfer) -> list[str]:
    """Every number from the policy (B2-12)."""
    _, loan = talk._, loans.loan(talk.db, offered.loan_id or 0, offered.giver_id)
    terms = loans.terms(talk.db, talk.reader.id, talk.policy, loan.pool)
    more = loans.extra_days(talk.db, talk.reader.id, talk.policy)
    due = loans.due_date(talk.db, talk.now, talk.policy, loan.pool, more)
    return [
        _("接过来就算您借的，{day} 到期，可续借 {times} 次。", day=_.day(due), times=terms.renewals),
        _("先看看书有没有破损：接了以后，书由您负责归还。"),
    ]


def accept(talk: Talk, code: str) -> None:
    """Yes; the giver is asked to confirm."""
    _, asked = talk._, transfers.accept(talk.db, talk.reader.id, code, talk.policy, talk.now)
    text = _(
        "好，已经请对方确认。书到您手上、对方点了确认，《{title}》就在您名下；{moment} 前有效。",
        title=asked.title, moment=_.time(asked.expires_at),
    )  # fmt: skip
    talk.say(text, rows(picture_button(talk, asked.id), Button(_("不接了"), f"td:{asked.id}"), menu(_, "show_loans")))


def decline(talk: Talk, transfer_id: str) -> None:
    """The receiver has thought again."""
    _, over = talk._, transfers.decline(talk.db, talk.reader.id, int(transfer_id), talk.now)
    talk.say(
        _("好，《{title}》不接了，已经告诉对方。", title=over.title), rows(menu(_, "browse"), menu(_, "show_loans"))
    )


# ---- what the book looks like ---------------------------------------------------------------------------------------


def picture_button(talk: Talk, transfer_id: int) -> Button:
    """To keep what the book looks like as it changes hands."""
    return Button(talk._("拍下书的样子"), f"tp:{transfer_id}")


def ask_photo(talk: Talk, transfer_id: str) -> None:
    """The next picture belongs to this hand-over (D-9). Raises UnknownThing for one that is over."""
    _, moved = talk._, transfer_photos.of_party(talk.db, talk.reader.id, int(transfer_id))
    if not transfer_photos.goes_on(talk.db, moved, talk.policy, talk.now):
        raise UnknownThing("transfer", transfer_id)
    awaiting.picture(talk, "transfer", str(moved.id))
    text = _(
        "好，请把《{title}》的照片发来：封面、书角、有破损的地方。您和对方都看得到，馆员也看得到。", title=moved.title
    )
    talk.say(text, (*awaiting.button(talk), *rows(menu(_, "show_loans"), menu(_, "escalate"))))


def hear_photo(talk: Talk, transfer_id: str) -> None:
    """Kept with the hand-over, and shown to the other side."""
    if talk.event.photo is None:
        raise NoPhoto()
    _, content = talk._, talk.event.photo.content
    held = transfer_photos.add(talk.db, talk.reader.id, int(transfer_id), content, talk.policy, talk.now)
    text = _.n(
        "照片收到了，跟这次转借放在一起，现在有 {n} 张。这本书还回来 {days} 天后删掉。",
        "照片收到了，跟这次转借放在一起，现在有 {n} 张。这本书还回来 {days} 天后删掉。",
        held, days=talk.policy.cases.photo_days,
    )  # fmt: skip
    talk.say(text, rows(menu(_, "show_loans"), menu(_, "escalate")))
