"""SIP2 frames: a tolerant reader and a strict writer. Nothing here knows a library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partners.sip2.messages import ANSWERS, REQUESTS, Layout

DELIMITER = "|"
MOST_BYTES = 255  # of one field's value
STAND_IN = "〓"  # printers' mark for a character they have no type for
DATE_WIDTH = 18
DATE = re.compile(r"[0-9 ]{8}[ A-Z]{4}[0-9 ]{6}")
TRAILER = re.compile(rb"(?:AY([0-9]))?(?:AZ([0-9A-Fa-f]{1,4}))?$")

MANGLED = re.compile(rb"AY[0-9]AZ[^|]+$")  # a trailer, where it does not fit the one above

Values = Mapping[str, str | Sequence[str]]


class BadFrame(ValueError):
    """A frame that cannot be understood; asking to send it again may help."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a terminal sent. `sequence` is '' and `checked` False when it sent none; its answer follows suit."""

    code: str
    fixed: dict[str, str]
    fields: dict[str, str]
    sequence: str = ""
    checked: bool = False

    def __getitem__(self, name: str) -> str:
        """A field's value without blanks around it, '' when it was not sent."""
        return self.fields.get(name, "").strip()


def read(frame: bytes, encoding: str = "utf-8") -> Request:
    """A frame without its line end. Raises BadFrame for a wrong checksum or a form nobody can make sense of.

    Fields may be missing, unknown, repeated (the first that says something counts) or without their last delimiter.
    """
    frame = frame.rstrip(b" ")
    trailer = TRAILER.search(frame)
    assert trailer is not None, "matches nothing at the end at least"
    sequence, checksum = trailer.groups()
    if (checksum is None and MANGLED.search(frame)) or (checksum and not _sums_up(frame, checksum, encoding)):
        raise BadFrame("wrong checksum")
    text = decode(frame[: trailer.start()], encoding)
    layout = REQUESTS.get(text[:2])
    if layout is None:
        raise BadFrame(f"unknown message {text[:2]!r}")
    fixed, rest = _fixed(text[2:], layout)
    return Request(text[:2], fixed, _fields(rest), (sequence or b"").decode(), checksum is not None)


def decode(data: bytes, encoding: str) -> str:
    """The text, before it is split: 116 Han characters have the delimiter as their second byte in GBK."""
    for attempt in dict.fromkeys((encoding.replace("gbk", "gb18030"), "utf-8", "gb18030")):
        try:
            return data.decode(attempt)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def _sums_up(frame: bytes, checksum: bytes, encoding: str) -> bool:
    """Over the bytes, as it should be, or over the characters, as some clients do; leading noughts may be left out."""
    body = frame[: frame.rindex(b"AZ") + 2]
    sums = (sum(body), sum(map(ord, decode(body, encoding))))
    return any((total + int(checksum, 16)) & 0xFFFF == 0 for total in sums)


def _fixed(text: str, layout: Layout) -> tuple[dict[str, str], str]:
    """The parts of fixed width, and the rest. A date may be left out: a client in the field renews all without one."""
    found = {}
    for name, width in layout.fixed:
        if width == DATE_WIDTH and not DATE.match(text):
            found[name] = ""
            continue
        found[name], text = text[:width], text[width:]
        if len(found[name]) != width:
            raise BadFrame(f"{name} is cut off")
    return found, text


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(DELIMITER):
        if not found.get(part[:2]):
            found[part[:2]] = part[2:]
    return found


# ---- writing -------------------------------------------------------------------------------------------------------


def write(code: str, values: Values, request: Request | None = None, encoding: str = "utf-8") -> bytes:
    """An answer with its line end; sequence and checksum as the request had them.

    Raises ValueError for a value the layout does not know, one that is missing, or a fixed one of another width.
    """
    layout = ANSWERS[code]
    _check(code, layout, values)
    body = code + "".join(str(values[name]) for name, _ in layout.fixed)
    frame = body.encode("ascii")
    for name in layout.fields:
        given = values.get(name, ())
        for value in [given] if isinstance(given, str) else given:
            frame += name.encode() + encode(value, encoding) + DELIMITER.encode()
    if request and request.sequence:
        frame += b"AY" + request.sequence.encode()
    if request is None or request.checked:
        frame += b"AZ"
        frame += f"{-sum(frame) & 0xFFFF:04X}".encode()
    return frame + b"\r"


def _check(code: str, layout: Layout, values: Values) -> None:
    known = {name for name, _ in layout.fixed} | set(layout.fields)
    missing = [name for name in (*dict(layout.fixed), *layout.required) if name not in values]
    wide = [name for name, width in layout.fixed if name in values and len(values[name]) != width]
    if missing or wide or not known >= set(values):
        raise ValueError(f"{code}: missing {missing}, wrong width {wide}, unknown {sorted(set(values) - known)}")


def encode(value: str, encoding: str) -> bytes:
    """A field's value as it may stand in a frame: no delimiter, no control character, at most 255 bytes."""
    made = b""
    for character in value:
        one = _one(character, encoding)
        if len(made) + len(one) > MOST_BYTES:
            break
        made += one
    return made


def _one(character: str, encoding: str) -> bytes:
    if character == DELIMITER or not character.isprintable():
        return b" "
    try:
        made = character.encode(encoding)
    except UnicodeEncodeError:
        made = b"|"
    return STAND_IN.encode(encoding) if b"|" in made else made


def lines(text: str, encoding: str = "utf-8") -> list[str]:
    """A message for the screen in fields that each hold at most 255 bytes, a new one for every line."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        while line:
            fits = len(decode(encode(line, encoding), encoding))
            found.append(line[:fits])
            line = line[fits:]
    return found
