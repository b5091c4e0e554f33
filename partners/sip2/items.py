"""Answers about books: lending, taking back, renewing, holding, and what a barcode stands for."""

from __future__ import annotations

from contextlib import suppress

from lending import catalogue, checkouts, copy_states, decisions, holds, loans, readers
from lending.checkouts import Lent
from lending.database import writing
from lending.errors import LendingError, UnknownThing
from lending.loans import Loan, Renewal
from lending.model import CopyState
from lending.readers import Reader
from partners.sip2.kiosk import Call, sip_date
from partners.sip2.patrons import Answer

BOOK = "001"  # SIP2's media type
STATES = {  # how SIP2 numbers what a copy is doing
    CopyState.AVAILABLE: "03", CopyState.RESERVED: "06", CopyState.IN_TRANSIT: "10", CopyState.AWAITING: "08",
    CopyState.ON_LOAN: "04", CopyState.DAMAGED: "01", CopyState.LOST: "12", CopyState.WITHDRAWN: "01",
    "kept": "08", "missing": "13",
}  # fmt: skip


def _loan_answer(call: Call, loan: Loan | None, said: str | list[str]) -> Answer:
    """12 and 30: the loan there is now, or the refusal."""
    answer = call.common() | {
        "ok": "1" if loan else "0", "renewal_ok": "N", "magnetic": "N", "desensitize": "Y" if loan else "N",
        "AB": call.request["AB"], "AJ": loan.title if loan else "", "AH": sip_date(loan.due_at) if loan else "",
        "AF": call.screen(said) if isinstance(said, str) else said,
    }  # fmt: skip
    return answer | ({"CK": BOOK} if loan else {})


def checkout(call: Call) -> Answer:
    """11 → 12. A book already on the reader's account stays one loan, whoever did not hear the answer."""
    language = ""
    try:
        reader = call.reader()
        language = reader.language
        here = call.terminal.point.id
        lent = checkouts.check_out(call.db, call.request["AB"], reader.id, call.kiosk.policy, call.now, here)
    except LendingError as error:
        return _loan_answer(call, None, call.refused(error, language))
    return _loan_answer(call, lent.loan, _lent(call, reader, lent))


def _lent(call: Call, reader: Reader, lent: Lent) -> str:
    _ = call.say(reader.language)
    facts = {"title": lent.loan.title, "day": _.day(lent.loan.due_at)}
    if lent.again:
        return _("《{title}》已经在您名下，{day}前归还。", **facts)
    text = _("《{title}》借好了，{day}前归还。", **facts)
    if lent.books > 1:
        text += "\n" + _("订单里的 {n} 本一起借出了，请都带走。", n=lent.books)
    if lent.ordered:
        text += "\n" + _("您的订单 {number} 里还有一册，不想要重的，在聊天里说一声。", number=lent.ordered)
    return text


def checkin(call: Call) -> Answer:
    """09 → 10, at the terminal's own point; a book somebody waits for rings. Who had it is not told."""
    answer: Answer = {
        "ok": "0", "resensitize": "N", "magnetic": "N", "alert": "N", "date": call.date(),
        "AO": call.request["AO"], "AB": call.request["AB"], "AQ": "",
    }  # fmt: skip
    point = call.terminal.point
    try:
        back = loans.check_in(call.db, call.request["AB"], point.id, call.kiosk.policy, call.now)
        copy = catalogue.scanned(call.db, call.request["AB"])
    except LendingError as error:
        return answer | {"AF": call.refused(error)}
    home = catalogue.point(call.db, copy.home_point_id)
    answer |= {"ok": "1", "resensitize": "Y", "AQ": home.name, "AJ": back.title, "CK": BOOK}
    _ = call.say(_language_of(call, back.reader_id))
    if back.kept_for_hold:
        text = _("《{title}》有读者在等，请放到预约架。谢谢您！", title=back.title)
        return answer | {"alert": "Y", "CV": "01", "CL": "hold", "AF": call.screen(text)}
    if back.loan_id is None and copy_states.promised_to(call.db, copy.id):
        text = _("《{title}》在一张还没办完的订单里，不能在这里还，请交给馆员。", title=back.title)
        return answer | {"ok": "0", "resensitize": "N", "alert": "Y", "CV": "99", "AF": call.screen(text)}
    return answer | {"AF": call.screen(_("《{title}》还好了，谢谢您！", title=back.title))}


def _language_of(call: Call, reader_id: int | None) -> str:
    """A returned book speaks its borrower's language."""
    return readers.reader(call.db, reader_id).language if reader_id is not None else ""


def renew(call: Call) -> Answer:
    """29 → 30, for the one book named."""
    language = ""
    try:
        reader = call.reader()
        language = reader.language
        with writing(call.db) as db:  # the book may be given back at another kiosk at this moment
            copy = catalogue.scanned(db, call.request["AB"])
            mine = [loan for loan in loans.of_reader(db, reader.id) if loan.barcode == copy.barcode]
            if not mine:
                raise UnknownThing("loan", copy.barcode)
            [done] = loans.renew(db, reader.id, [mine[0].id], call.kiosk.policy, call.now)
            after = loans.loan(db, mine[0].id)
    except LendingError as error:
        return _loan_answer(call, None, call.refused(error, language))
    if done.refusal:
        return _loan_answer(call, None, call.refused(done.refusal, language))
    answer = _loan_answer(call, after, _renewed(call, reader, done))
    return answer | {"renewal_ok": "Y", "desensitize": "N"}


def _renewed(call: Call, reader: Reader, done: Renewal) -> str:
    _ = call.say(reader.language)
    assert done.due_at is not None
    return _("《{title}》续借到{day}。", title=done.loan.title, day=_.day(done.due_at))


def renew_all(call: Call) -> Answer:
    """65 → 66: which were renewed, which were not, and why for each (F-5)."""
    answer: Answer = {"date": call.date(), "AO": call.request["AO"]}
    try:
        reader = call.reader()
    except LendingError as error:
        return answer | {"ok": "0", "renewed": "0000", "unrenewed": "0000", "AF": call.refused(error)}
    outcomes = loans.renew(call.db, reader.id, [], call.kiosk.policy, call.now)
    done = [outcome for outcome in outcomes if not outcome.refusal]
    left = [outcome for outcome in outcomes if outcome.refusal]
    said = [line for one in left if one.refusal for line in call.refused(one.refusal, reader.language)]
    return answer | {
        "ok": "1", "renewed": f"{len(done):04d}", "unrenewed": f"{len(left):04d}",
        "BM": [one.loan.barcode for one in done], "BN": [one.loan.barcode for one in left], "AF": said,
    }  # fmt: skip


def item_information(call: Call) -> Answer:
    """17 → 18."""
    answer: Answer = {"security": "00", "fee_type": "01", "date": call.date(), "AB": call.request["AB"], "AJ": ""}
    try:
        copy = catalogue.scanned(call.db, call.request["AB"])
    except LendingError as error:
        return answer | {"status": "01", "AF": call.refused(error)}
    due = loans.due_of_copy(call.db, copy.id)
    title = catalogue.title(call.db, copy.title_id)
    waiting = catalogue.availability(call.db, [title.id])[title.id].waiting
    on_shelf = copy.standing == CopyState.AVAILABLE
    return answer | {
        "status": STATES[CopyState.WITHDRAWN if title.withdrawn and on_shelf else copy.standing], "CF": str(waiting),
        "CK": BOOK, "AJ": title.title,
        "AQ": catalogue.point(call.db, copy.home_point_id).name, "AP": catalogue.point(call.db, copy.point_id).name,
        "AH": sip_date(due) if due else [],
    }  # fmt: skip


def item_status(call: Call) -> Answer:
    """19 → 20. Security gates' notes on a copy are not kept."""
    return {"ok": "0", "date": call.date(), "AB": call.request["AB"]}


def hold(call: Call) -> Answer:
    """15 → 16: join the queue, leave it, or change the pick-up point; a reader already in it keeps their place."""
    answer = call.common() | {"ok": "0", "available": "N", "AB": call.request["AB"]}
    language = ""
    try:
        reader = call.reader()
        language = reader.language
        title_id = _title(call)
        mode = HOLD_MODES.get(call.request.fixed["mode"], _change)
        return answer | mode(call, reader, title_id)
    except holds.NoNeedToHold as error:
        return answer | {"available": "Y", "AJ": error.title, "AF": call.refused(error, language)}
    except LendingError as error:
        return answer | {"AF": call.refused(error, language)}


def _title(call: Call) -> int:
    """The title of the copy named, or the title named by its number."""
    number = call.request["AJ"]
    if not call.request["AB"] and number.isascii() and number.isdigit():
        return catalogue.title(call.db, int(number[:15])).id
    return catalogue.scanned(call.db, call.request["AB"]).title_id


def _mine(call: Call, reader: Reader, title_id: int) -> holds.Hold:
    for one in holds.of_reader(call.db, reader.id):
        if one.title_id == title_id:
            return one
    raise UnknownThing("hold", str(title_id))


def _join(call: Call, reader: Reader, title_id: int) -> Answer:
    if code := call.request["BS"]:
        catalogue.point_by_code(call.db, code)  # refused before anything is done
    most = decisions.holds_limit(call.db, reader.id, call.kiosk.policy)
    with suppress(holds.AlreadyHeld):
        holds.place(call.db, reader.id, title_id, call.now, most, call.kiosk.policy.minors.adult_classes)
    return _change(call, reader, title_id)


def _change(call: Call, reader: Reader, title_id: int) -> Answer:
    mine = _mine(call, reader, title_id)
    if code := call.request["BS"]:
        point_id = catalogue.point_by_code(call.db, code).id
        mine = holds.pick_up_at(call.db, reader.id, mine.id, point_id, call.kiosk.policy, call.now)
    _ = call.say(reader.language)
    text = _("《{title}》排上了，您是第 {n} 位。", title=mine.title, n=mine.position)
    if mine.ready_until:
        text = _("《{title}》到了，为您留到 {day}", title=mine.title, day=_.day(mine.ready_until))
    answer: Answer = {"ok": "1", "BR": str(mine.position), "BS": code, "AJ": mine.title, "AF": call.screen(text)}
    return answer | ({"BW": sip_date(mine.ready_until)} if mine.ready_until else {})


def _leave(call: Call, reader: Reader, title_id: int) -> Answer:
    mine = _mine(call, reader, title_id)
    title = holds.cancel(call.db, reader.id, mine.id, call.kiosk.policy, call.now)
    text = call.say(reader.language)("《{title}》的预约取消了。", title=title)
    return {"ok": "1", "AJ": title, "AF": call.screen(text)}


HOLD_MODES = {"+": _join, "*": _change, "-": _leave}
