"""Answers about the reader whose card was shown: who they are, what stands in the way, what they have."""

from __future__ import annotations

from lending import cards, decisions, holds, loans
from lending.catalogue import copies
from lending.decisions import Decision
from lending.errors import LendingError, NotAllowed
from lending.loans import Loan
from lending.readers import Reader
from partners.sip2.kiosk import CODES, LANGUAGES, Call

Answer = dict[str, str | list[str]]
BLOCKED, TOO_MANY_LOANS, OVERDUE = 4, 5, 6  # places in the patron status
DENIED = (0, 1, 2, 3)  # charging, renewing, recalling, holding


def _status(*places: int) -> str:
    return "".join("Y" if place in places else " " for place in range(14))


def _of_decision(decision: Decision) -> str:
    codes = {reason.code for reason in decision.reasons}
    places = [0] if codes else []
    places += [1] if "frozen" in codes else []
    places += [TOO_MANY_LOANS] if "limit" in codes else []
    return _status(*places, *([OVERDUE] if "overdue" in codes else []))


def _nobody(call: Call, error: LendingError) -> Answer:
    """No such card, or one that opens nothing: said in the terminal's language."""
    blocked = isinstance(error, cards.CardBlocked)
    language = call.request.fixed.get("language", "")
    return call.common() | {
        "patron_status": _status(*DENIED, *([BLOCKED] if blocked else [])),
        "language": language if language in LANGUAGES else "000",
        "AE": "", "BL": "N", "CQ": "N", "AF": call.refused(error),
    }  # fmt: skip


def _person(call: Call, reader: Reader) -> tuple[Answer, decisions.Facts]:
    facts = decisions.facts(call.db, reader.id, call.now)
    decision = decisions.may_borrow(facts, 1, call.kiosk.policy, "desk")
    decision = decisions.at_point(call.db, decision, reader.id, call.terminal.point.id, call.kiosk.policy, call.now)
    said = [] if decision.allowed else call.refused(NotAllowed(decision), reader.language)
    return call.common() | {
        "patron_status": _of_decision(decision), "language": CODES.get(reader.language, "000"),
        "AE": reader.name or reader.number, "BL": "Y", "CQ": "Y", "AF": said,
    }, facts  # fmt: skip


def patron_status(call: Call) -> Answer:
    """23 → 24. There are no PINs: a card that is known is valid."""
    try:
        answer, _ = _person(call, call.reader())
    except LendingError as error:
        return _nobody(call, error)
    return answer | {"BH": "CNY", "BV": "0.00"}


def patron_information(call: Call) -> Answer:
    """63 → 64, with the list the terminal asked for. Address and phone stay with us."""
    counted = {"holds": 0, "overdue": 0, "charged": 0, "fines": 0, "recalls": 0, "unavailable": 0}
    try:
        reader = call.reader()
    except LendingError as error:
        return _nobody(call, error) | {name: "0000" for name in counted}
    answer, facts = _person(call, reader)
    lists = _lists(call, reader)
    counted |= {name: len(items) for name, (_, items) in lists.items()}
    limit, _above = decisions.limit(facts, call.kiosk.policy, "desk")
    return (
        answer
        | {name: f"{n:04d}" for name, n in counted.items()}
        | {"BH": "CNY", "BV": "0.00", "CB": f"{limit:04d}"}
        | _asked_for(call, lists)
    )


def _lists(call: Call, reader: Reader) -> dict[str, tuple[str, list[str]]]:
    """What can be listed: field and items. A book in hand goes by its barcode, one only waited for by its title."""
    mine = loans.of_reader(call.db, reader.id)
    late = [loan for loan in mine if loan.due_at < call.now and loan.stopped_at is None]
    queue = holds.of_reader(call.db, reader.id)
    ready = [_kept(call, hold) for hold in queue if hold.state == "ready"]
    return {
        "holds": ("AS", ready),
        "overdue": ("AT", _barcodes(late)),
        "charged": ("AU", _barcodes(mine)),
        "recalls": ("BU", _barcodes([loan for loan in mine if loan.waiting])),
        "unavailable": ("CD", [hold.title for hold in queue if hold.state != "ready"]),
    }


def _barcodes(some: list[Loan]) -> list[str]:
    return [loan.barcode for loan in some]


def _kept(call: Call, hold: holds.Hold) -> str:
    kept = [copy.barcode for copy in copies(call.db, hold.title_id) if copy.hold_id == hold.id]
    return kept[0] if kept else hold.title


SUMMARY = ("holds", "overdue", "charged", "fines", "recalls", "unavailable")  # its places, in order


def _asked_for(call: Call, lists: dict[str, tuple[str, list[str]]]) -> Answer:
    """The first list marked in the summary, from item BP to item BQ, both counted from one."""
    marks = call.request.fixed["summary"]
    asked = [name for name, mark in zip(SUMMARY, marks, strict=False) if mark == "Y" and name in lists]
    if not asked:
        return {}
    field, items = lists[asked[0]]
    first, last = _number(call.request["BP"], 1), _number(call.request["BQ"], len(items))
    return {field: items[first - 1 : last]}


def _number(text: str, otherwise: int) -> int:
    """No list is so long that nine digits would not do."""
    return (int(text[:9]) if text.isascii() and text.isdigit() else 0) or otherwise


def end_session(call: Call) -> Answer:
    """35 → 36. Nothing is kept of a session, so it always ends."""
    return call.common() | {"end": "Y"}


def block_patron(call: Call) -> Answer:
    """01 → 24: a card left behind or tampered with opens nothing from now on."""
    try:
        cards.block(call.db, call.request["AA"], call.kiosk.card_key, call.now)
    except LendingError as error:
        return _nobody(call, error)
    return patron_status(call)


def enable_patron(call: Call) -> Answer:
    """25 → 26. A kiosk cannot take back a block; the reader gets a new card, or a librarian links this one again."""
    answer = patron_status(call)
    return {name: value for name, value in answer.items() if name not in ("BH", "BV")}


def fee_paid(call: Call) -> Answer:
    """37 → 38. Nothing is paid at a kiosk: what late, lost or damaged books cost is settled with a person."""
    try:
        language = call.reader().language
    except LendingError as error:
        return call.common() | {"accepted": "N", "AF": call.refused(error)}
    text = call.say(language)("这里没有要付的费用。遗失和破损请找馆员。")
    return call.common() | {"accepted": "N", "AF": call.screen(text)}
