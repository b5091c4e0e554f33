"""MARC-8, the old character sets of MARC21 with East Asian characters (EACC), by pymarc's tables.

pymarc's own converter puts a space where it cannot read; here U+FFFD stands there, so that damage is seen and told.
"""

from __future__ import annotations

import re
import unicodedata

from pymarc.marc8_mapping import CODESETS, ODD_MAP

ESCAPE = re.compile(rb"\x1b(?:(\$?[(,]|\$(?![)(,\-]))|(\$?[)\-]))?(.)", re.DOTALL)
ASCII, ANSEL, EACC = 0x42, 0x45, 0x31
SHORT = {0x73: ASCII}  # ESC s goes back to ASCII; ESC g, b and p name a set themselves
DAMAGED = "\ufffd"


def marc8_text(data: bytes) -> str:
    """The text; U+FFFD for every place that is not MARC-8."""
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    found: list[str] = []
    combining: list[str] = []
    g0, g1, at = ASCII, ANSEL, 0
    while at < len(data):
        escape = ESCAPE.match(data, at)
        if escape:
            final = ord(escape.group(3))
            g0, g1 = (g0, final) if escape.group(2) else (SHORT.get(final, final), g1)
            at = escape.end()
            continue
        width = 3 if g0 == EACC and data[at] > 0x20 else 1
        sign, combines = _sign(data[at : at + width], g0, g1, width)
        at += width
        if combines:
            combining.append(sign)
        else:
            found += [sign, *combining]
            combining = []
    return unicodedata.normalize("NFC", "".join(found))


def _sign(code: bytes, g0: int, g1: int, width: int) -> tuple[str, bool]:
    """One character and "does it combine with the next?"."""
    number = int.from_bytes(code, "big")
    if number <= 0x20:
        return " ", False
    known = CODESETS.get(g1 if number > 0x80 and width == 1 else g0, {}).get(number)
    if known:
        return chr(known[0]), bool(known[1])
    odd = ODD_MAP.get(number)
    return (chr(odd) if odd else DAMAGED), False
