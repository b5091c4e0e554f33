"""申诉: a line of the ledger looked at and objected to, in the reader's own words, with pictures, and followed (A6)."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import awaiting, promise_words
from bot.awaiting import PHOTO_MINUTES
from bot.events import Button
from bot.folding import fold
from bot.handlers import reporting, returning
from bot.handlers.trust import EVENTS
from bot.offered import bare
from bot.rulebook import points
from bot.talk import Rows, Talk
from bot.texts import APPEAL_STATES, N_, Words, menu, rows
from lending import appeal_records, appeals, credit, events, loans
from lending.appeal_records import Appeal, AppealState
from lending.credit import Line
from lending.errors import CannotChange, UnknownThing
from lending.evidence import NoPhoto
from lending.model import parse_stamp, stamp

TAKEN = re.compile(r"扣|减|少了|丢分|掉分|deduct|\b(?:lost|lose|took|taken|minus)\b")
NOT_BY_ME = re.compile("不是(?:我|我们|我家.{0,3})(?:弄|搞|撕|画|写|折|泼|造成)|(?:收到|借来|拿到)(?:的时候|时)?就(?:是|有|这)")
LOOK_BACK = 500  # lines of a ledger a button may lead to


def appeal(talk: Talk) -> None:
    """ "申诉": which line, those that took points first; "我已经还了" of a book still on the list is looked for instead."""
    if returning.says_back(talk):
        return returning.ask_back(talk)
    _, found = talk._, [line for line in credit.lines(talk.db, talk.reader.id, 30) if line.event not in credit.LASTING]
    taken = [line for line in found if line.delta < 0 and not line.reversed]
    said = fold(talk.event.text)
    if not taken and NOT_BY_ME.search(said) and loans.of_reader(talk.db, talk.reader.id):
        return reporting.report_damaged(talk)
    chosen = (taken or ([] if TAKEN.search(said) else found))[:5]  # gains are no answer to "why did I lose points"
    running = [_see(_, one) for one in appeal_records.waiting(talk.db, talk.reader.id)[:3]]
    if not chosen:
        text = _("您的信用记录里没有扣分。有别的疑问，馆员在这里。")
        return talk.say(text, rows(*running, menu(_, "show_credit"), menu(_, "escalate")))
    buttons = [Button(line_words(_, line), f"appeal:{line.id}") for line in chosen]
    text = _("哪一条您觉得不对？选一条，馆员会核实并答复您。别的记录在「我的信用」里，每一条都可以申诉。")
    talk.say(text, (*rows(*buttons, across=1), *rows(*running, menu(_, "show_credit"), menu(_, "escalate"))))


def line_words(_: Words, line: Line) -> str:
    """A line of the ledger in a few words."""
    return _("{day} {event} {delta}", day=_.day(line.at), event=_(EVENTS[line.event]), delta=f"{line.delta:+d}")


def show_line(talk: Talk, line_id: str) -> None:
    """One line and why it is there: the rule and its version, the book, whether it was taken back; and the way on."""
    _, line = talk._, _own_line(talk, int(line_id))
    lines = [line_words(_, line), _("依据：{rule}。", rule=points.basis(_, line.event, line.version, talk.policy))]
    if title := _title(talk, line.object):
        lines.append(_("图书：《{title}》", title=title))
    if name := _activity(talk, line.object):
        lines.append(_("活动：「{name}」", name=name))
    if line.reversed:
        lines.append(_("这一条已经改正，不算了。"))
    known = appeal_records.of_line(talk.db, line.id)
    if known:
        lines.append(appeal_line(_, known))
    own = _see(_, known) if known else Button(_("申诉这一条"), f"appeal:{line.id}")
    talk.say("\n".join(lines), rows(own, menu(_, "show_credit"), menu(_, "faq")))


def _own_line(talk: Talk, line_id: int) -> Line:
    for line in credit.lines(talk.db, talk.reader.id, LOOK_BACK):
        if line.id == line_id:
            return line
    raise UnknownThing("line", str(line_id))


def _title(talk: Talk, obj: str) -> str:
    kind, _, number = obj.partition(":")
    if kind != "loan" or not number.isdigit():
        return ""
    try:
        return loans.loan(talk.db, int(number), talk.reader.id).title
    except UnknownThing:  # the way from the line to the book has been cut since
        return ""


def _activity(talk: Talk, obj: str) -> str:
    kind, _, number = obj.partition(":")
    return events.event(talk.db, int(number)).name if kind == "event" and number.isdigit() else ""


def appeal_pressed(talk: Talk, line_id: str) -> None:
    """One line objected to: a number and a promised time at once; what the reader writes next belongs to it."""
    _ = talk._
    found, new = appeals.open_appeal(talk.db, talk.reader.id, int(line_id), "", talk.policy, talk.now)
    if not new:
        return _tell(talk, found)
    talk.step = "appeal"
    _await(talk, found)
    text = _(
        "申诉收到了，编号 {number}，馆员 {moment} 前看完答复您。改记录要两位馆员都看过，每一步都告诉您。\n请说说是怎么回事，有照片也可以发来；不补充也没关系。",
        number=found.number, moment=_.moment(found.promised_at),
    )  # fmt: skip
    below = rows(Button(_("不补充了"), f"ga:{found.number}"), menu(_, "escalate"))
    talk.say(text, (*awaiting.button(talk), *below))


def _await(talk: Talk, found: Appeal) -> None:
    """Words and pictures that come soon belong to this appeal, and to no case before it."""
    talk.memory["appeal"] = [found.number, stamp(talk.now + timedelta(minutes=PHOTO_MINUTES))]
    talk.memory.pop("photo_for", None)


def on_show(talk: Talk) -> bool:
    """Whether the last thing said was about the appeal that waits for words."""
    number = talk.memory.get("appeal", [""])[0]
    about = (f"ga:{number}", f"gam:{number}")
    return any(bare(action) in about for action, _label in talk.memory.get("choices", []))


def hear_words(talk: Talk) -> None:
    """The reader's own words for the appeal, as long as they are about it; a picture sent with them is kept too."""
    _, number = talk._, talk.memory["appeal"][0]
    found = appeals.say_more(talk.db, number, talk.reader.id, talk.event.text)
    if talk.event.photo:
        _keep_photo(talk, found)
    text = _("记下了，放进申诉 {number}。还想补充就再写，照片也可以发来。", number=number)
    talk.say(text, rows(_more(_, found), _see(_, found), menu(_, "show_credit")))


def ask_more(talk: Talk, number: str) -> None:
    """The next words belong to this appeal."""
    _, found = talk._, appeal_records.by_number(talk.db, number, talk.reader.id)
    if not found.waiting:
        raise CannotChange("appeal", found.number, found.state)
    talk.step = "appeal"
    _await(talk, found)
    talk.say(_("好的，请写下来，或者发照片。"), rows(_see(_, found), menu(_, "escalate")))


def awaits_photo(talk: Talk) -> bool:
    """Whether a picture sent now belongs to an appeal."""
    return "appeal" in talk.memory and talk.now <= parse_stamp(talk.memory["appeal"][1])


def hear_photo(talk: Talk) -> None:
    """A picture as evidence; only librarians see it, and it goes some days after the decision."""
    _, found = talk._, appeal_records.by_number(talk.db, talk.memory["appeal"][0], talk.reader.id)
    held = _keep_photo(talk, found)
    text = _.n(
        "照片收到了，放进申诉 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        "照片收到了，放进申诉 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        held, number=found.number, days=talk.policy.cases.photo_days,
    )  # fmt: skip
    talk.say(text, rows(_more(_, found), _see(_, found), menu(_, "show_credit")))


def _keep_photo(talk: Talk, found: Appeal) -> int:
    if talk.event.photo is None:
        raise NoPhoto()
    return appeal_records.add_photo(talk.db, found, talk.event.photo.content, talk.policy, talk.now)


# ---- following -----------------------------------------------------------------------------------------------------

CHOICES = {"again": N_("请另一位馆员再看一次"), "withdraw": N_("撤回申诉")}


def show(talk: Talk, number: str) -> None:
    """Where an appeal stands, what was answered, and what can be done now."""
    talk.step = ""
    _tell(talk, appeal_records.by_number(talk.db, number, talk.reader.id))


def _tell(talk: Talk, found: Appeal) -> None:
    _ = talk._
    lines = [appeal_line(_, found)]
    if found.waiting:
        lines.append(promise_words.answer_by(_, found.promised_at, talk.now))
    if found.note:
        lines.append(_("您说：{text}", text=found.note))
    if found.answer:
        lines.append(_("馆员说：{text}", text=found.answer))
    talk.say("\n".join(lines), buttons(_, found))


def appeal_line(_: Words, found: Appeal) -> str:
    """An appeal in one line."""
    what = f"{_(EVENTS[found.event])} {found.points:+d}"
    return _("申诉 {number}（{what}）：{state}", number=found.number, what=what, state=_(APPEAL_STATES[found.state]))


def buttons(_: Words, found: Appeal) -> Rows:
    """What the reader may do about it now; a person is always among it."""
    own = [
        Button(_(CHOICES[step.name]), f"gac:{found.number}:{step.name}") for step in appeals.may_take(found, "reader")
    ]
    more = [_more(_, found)] if found.waiting else []
    return rows(*more, *own, menu(_, "show_credit"), menu(_, "escalate"))


def _see(_: Words, found: Appeal) -> Button:
    return Button(_("看申诉 {number}", number=found.number), f"ga:{found.number}")


def _more(_: Words, found: Appeal) -> Button:
    return Button(_("再补充"), f"gam:{found.number}")


def choose(talk: Talk, number: str, step: str) -> None:
    """The reader's own step: another look, or taking it back. Pressed twice, it says where the appeal stands."""
    found = appeal_records.by_number(talk.db, number, talk.reader.id)
    if step in {one.name for one in appeals.may_take(found, "reader")}:
        found = appeals.choose(talk.db, number, talk.reader.id, step, talk.policy, talk.now)
    if found.state is AppealState.OPEN:
        talk.step = "appeal"
        _await(talk, found)
    _tell(talk, found)
