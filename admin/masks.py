"""Personal data as a screen may show it: enough to recognise a reader, not enough to copy one (B2-22)."""

from __future__ import annotations

import re

PHONE = re.compile(r"(?<![A-Za-z\d])\d{7,}")  # a barcode has letters before its digits

ADDRESSED = re.compile(r"(.+?) (\+?[\d-]{7,}) (.*)", re.DOTALL)  # a name may have blanks


def name(full: str) -> str:
    """李明 → 李*; an unnamed reader stays empty."""
    return f"{full.strip()[0]}*" if full.strip() else ""


def phone(full: str) -> str:
    """13800000000 → 138****0000; a short number shows its last two digits only."""
    digits = full.strip()
    if len(digits) < 8:
        return "*" * max(0, len(digits) - 2) + digits[-2:]
    return f"{digits[:3]}****{digits[-4:]}"


def address(full: str) -> str:
    """The name, number and house of "李明 13800000000 春风路8号3单元201" hidden: 李* 138****0000 春风路…"""
    found = ADDRESSED.fullmatch(full)
    who, number, place = found.groups() if found else [*full.split(" ", 2), "", ""][:3]
    street = re.split(r"[\d０-９]", place, maxsplit=1)[0]
    return f"{name(who)} {phone(number)} {street[:6]}…" if full.strip() else ""


def chat(address: str) -> str:
    """The last four characters of a chat's address on its channel."""
    return f"…{address[-4:]}"


def text(words: str) -> str:
    """Phone numbers inside a sentence hidden."""
    return PHONE.sub(lambda found: phone(found[0]), words)
