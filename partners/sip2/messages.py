"""The SIP2 2.00 messages as tables: what has a fixed width in each, and which fields an answer has, in order."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """A message: its parts of fixed width, then its fields, some of which must be there."""

    fixed: tuple[tuple[str, int], ...] = ()
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


def _fixed(text: str) -> tuple[tuple[str, int], ...]:
    """ "ok:1 date:18" → (("ok", 1), ("date", 18))."""
    return tuple((name, int(width)) for name, _, width in (part.partition(":") for part in text.split()))


def _layout(fixed: str, fields: str = "") -> Layout:
    """Fields in order; those with a star must be there."""
    names = fields.split()
    return Layout(
        _fixed(fixed), tuple(name.rstrip("*") for name in names), tuple(name[:2] for name in names if name[2:])
    )


REQUESTS = {
    "01": _layout("retained:1 date:18"),  # block patron
    "09": _layout("no_block:1 date:18 return_date:18"),  # checkin
    "11": _layout("renewal_policy:1 no_block:1 date:18 nb_due_date:18"),  # checkout
    "15": _layout("mode:1 date:18"),  # hold
    "17": _layout("date:18"),  # item information
    "19": _layout("date:18"),  # item status update
    "23": _layout("language:3 date:18"),  # patron status
    "25": _layout("date:18"),  # patron enable
    "29": _layout("third_party:1 no_block:1 date:18 nb_due_date:18"),  # renew
    "35": _layout("date:18"),  # end patron session
    "37": _layout("date:18 fee_type:2 payment_type:2 currency:3"),  # fee paid
    "63": _layout("language:3 date:18 summary:10"),  # patron information
    "65": _layout("date:18"),  # renew all
    "93": _layout("uid_algorithm:1 pwd_algorithm:1"),  # login
    "97": _layout(""),  # send your last answer again
    "99": _layout("status:1 width:3 version:4"),  # terminal's status
}

LENT = _layout(
    "ok:1 renewal_ok:1 magnetic:1 desensitize:1 date:18", "AO* AA* AB* AJ* AH* BT CI BH BV CK CH BK AF AG"
)  # of checkout and renewal alike

ANSWERS = {
    "10": _layout("ok:1 resensitize:1 magnetic:1 alert:1 date:18", "AO* AB* AQ* AJ CL AA CK CH CV AF AG"),
    "12": LENT,
    "16": _layout("ok:1 available:1 date:18", "BW BR BS AO* AA* AB AJ AF AG"),
    "18": _layout("status:2 security:2 fee_type:2 date:18", "CF AH CJ CM AB* AJ* BG BH BV CK AQ AP CH AF AG"),
    "20": _layout("ok:1 date:18", "AB* AJ CH AF AG"),
    "24": _layout("patron_status:14 language:3 date:18", "AO* AA* AE* BL CQ BH BV AF AG"),
    "26": _layout("patron_status:14 language:3 date:18", "AO* AA* AE* BL CQ AF AG"),
    "30": LENT,
    "36": _layout("end:1 date:18", "AO* AA* AF AG"),
    "38": _layout("accepted:1 date:18", "AO* AA* BK AF AG"),
    "64": _layout(
        "patron_status:14 language:3 date:18 holds:4 overdue:4 charged:4 fines:4 recalls:4 unavailable:4",
        "AO* AA* AE* BZ CA CB BL CQ BH BV CC AS AT AU AV BU CD BD BE BF AF AG",
    ),
    "66": _layout("ok:1 renewed:4 unrenewed:4 date:18", "AO* BM BN AF AG"),
    "94": _layout("ok:1"),
    "96": _layout(""),  # send your last message again
    "98": _layout(
        "online:1 checkin:1 checkout:1 renewal:1 status_update:1 offline:1 timeout:3 retries:3 date:18 version:4",
        "AO* AM BX* AN AF AG",
    ),
}

# Patron status, block … in the order of BX: item status update and patron enable are answered, and refused.
SUPPORTED = "YYYYYYYYYYYNNYYY"
