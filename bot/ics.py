"""Days as other people's calendars read them: iCalendar (RFC 5545), with the library's own time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lending.model import LIBRARY_ZONE

LINE = 75  # bytes of a line, before it goes on in the next one
BEGAN = date(2020, 1, 1)  # of two versions of an entry the one of the later day wins, then the one of the later moment
END_OF_DAY = time(23, 59)  # whoever has until then has the day
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
ZONE = (  # China has had no other time since 1992
    "BEGIN:VTIMEZONE", f"TZID:{LIBRARY_ZONE.key}", "BEGIN:STANDARD", "DTSTART:19920101T000000", "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800", "TZNAME:CST", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. The same `uid` again takes the place of what was read before; `cancelled` strikes it out."""

    uid: str
    at: datetime
    summary: str
    description: str = ""
    location: str = ""
    cancelled: bool = False
    until: datetime | None = None


def calendar(name: str, entries: Iterable[Entry], now: datetime, refresh_hours: int) -> str:
    """The whole file. Whoever subscribes to it may look again after so many hours."""
    refresh = f"PT{refresh_hours}H"
    head = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shuxin//Dates of a reader//ZH", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}", f"X-WR-TIMEZONE:{LIBRARY_ZONE.key}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{refresh}", f"X-PUBLISHED-TTL:{refresh}", *ZONE,
    )  # fmt: skip
    lines = [*head, *(line for entry in entries for line in _event(entry, now)), "END:VCALENDAR"]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{_text(entry.uid)}", f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    yield f"SEQUENCE:{(now.astimezone(LIBRARY_ZONE).date() - BEGAN).days}"
    yield from _when(entry.at.astimezone(LIBRARY_ZONE))
    if entry.until:
        yield f"DTEND;TZID={LIBRARY_ZONE.key}:{entry.until.astimezone(LIBRARY_ZONE):%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{_text(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{_text(entry.description)}"
    if entry.location:
        yield f"LOCATION:{_text(entry.location)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield from ("TRANSP:TRANSPARENT", "CLASS:PRIVATE", "END:VEVENT")  # nobody is busy because a book is due


def _when(at: datetime) -> tuple[str, ...]:
    """The whole day where there is time until its end, else the moment."""
    if at.time() >= END_OF_DAY:
        day = at.date()
        return f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    return (f"DTSTART;TZID={LIBRARY_ZONE.key}:{at:%Y%m%dT%H%M%S}",)


def _text(text: str) -> str:
    return text.translate(ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """In pieces of so many bytes, no character torn apart; what goes on begins with a blank."""
    piece, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + char, size + width
    yield piece
