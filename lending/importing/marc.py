"""A MARC record, whatever it came in, and its fields as a title: CNMARC and MARC21 told apart by what they contain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lending.audience import ADULTS
from lending.importing import audiences, dates, people, prices
from lending.importing.cells import clean, isbn13, whole_number
from lending.importing.languages import language_code
from lending.importing.problems import Place, Problem
from lending.importing.records import CopyFacts, Record
from lending.stock import TitleEntry

HAN = re.compile("[\u3400-\u9fff]")
WORD_BREAK = re.compile("(?<=[\u3040-\u9fff]) (?=[\u3040-\u9fff])")  # American libraries part Chinese words by spaces
PAGES = re.compile(r"(\d+)\s*(?:页|頁|叶|p\b|pages|leaves)")
CLC_SHAPE = re.compile(r"^[A-Z]")


@dataclass(frozen=True)
class Field:
    """A field: `data` of a control field, or subfields in their order."""

    tag: str
    data: str = ""
    subfields: tuple[tuple[str, str], ...] = ()

    def get(self, codes: str, joined: str = " ") -> str:
        """The values of these subfields, joined in the field's own order."""
        return joined.join(value for code, value in self.subfields if code in codes and value)

    def first(self, code: str) -> str:
        """The first value of a subfield, or ""."""
        return next((value for found, value in self.subfields if found == code and value), "")


class Marc:
    """The fields of one record. MARC21's 880 fields (the original script) come before what they are linked to."""

    def __init__(self, fields: list[Field]) -> None:
        self._fields: dict[str, list[Field]] = {}
        for field in fields:
            self._fields.setdefault(field.tag, []).append(field)
        for field in self._fields.get("880", []):
            tag = field.first("6")[:3]
            if tag in ORIGINAL_SCRIPT and HAN.search(field.get("abcnp")):
                whole = tuple((code, WORD_BREAK.sub("", value)) for code, value in field.subfields)
                self._fields.setdefault(tag, []).insert(0, Field("880", subfields=whole))

    def all(self, *tags: str) -> list[Field]:
        return [field for tag in tags for field in self._fields.get(tag, [])]

    def first(self, tag: str, code: str) -> str:
        """The first such subfield of any field with that tag."""
        return next((value for field in self.all(tag) if (value := field.first(code))), "")

    def control(self, tag: str) -> str:
        return next((field.data for field in self.all(tag)), "")

    def is_cnmarc(self) -> bool:
        """Titles stand in 200 in CNMARC and in 245 in MARC21; without either the publisher's field decides."""
        if self.first("200", "a") or self.all("245"):
            return bool(self.first("200", "a"))
        return bool(self.all("210", "690", "010"))


ORIGINAL_SCRIPT = ("245", "100", "110", "700", "710", "260", "264", "490")


def record_of(fields: list[Field], place: Place) -> Record | Problem:
    """The title a MARC record describes; a Problem when it has no title."""
    marc = Marc([_cleaned(field) for field in fields])
    found = _from_cnmarc(marc) if marc.is_cnmarc() else _from_marc21(marc)
    title = found["title"]
    if not title:
        return Problem(place, "no_title", {}, clean(marc.control("001")))
    warnings = [Problem(place, reason, {"value": value}, title) for reason, value in found.pop("wrong")]
    if "\ufffd" in "".join(map(str, found.values())):
        warnings.append(Problem(place, "damaged_characters", {}, title))
    copies = tuple(_cnmarc_copies(marc) if marc.is_cnmarc() else _marc21_copies(marc))
    return Record(place, TitleEntry(**found), copies, tuple(warnings))


def _cleaned(field: Field) -> Field:
    """Subfields made clean; control fields keep their spaces, for they are read by position."""
    return Field(field.tag, field.data, tuple((code, clean(value)) for code, value in field.subfields))


def _isbn(marc: Marc, tag: str, found: dict[str, Any]) -> None:
    """The first valid ISBN; what is wrong is only told when none is valid."""
    written = [value for field in marc.all(tag) if (value := field.first("a"))]
    answers = [(isbn13(value.split("(")[0].split("（")[0]), value) for value in written]
    found["isbn"] = next((isbn for (isbn, _), _ in answers if isbn), "")
    found["wrong"] = [] if found["isbn"] else [(wrong, value) for (_, wrong), value in answers[:1] if wrong]


def _date(written: str, found: dict[str, Any]) -> None:
    found["year"] = dates.year_of(written) if written else None
    if written and found["year"] is None:
        found["wrong"].append(("bad_year", written))


def _source_id(marc: Marc, organisation: str) -> str:
    number = clean(marc.control("001"))
    return f"marc:{clean(organisation)}:{number}" if number else ""


def _pages(extent: str) -> int | None:
    """[40],320页 → 320; a film has none."""
    found = PAGES.search(extent)
    return whole_number(found.group(1)) if found else None


def _from_cnmarc(marc: Marc) -> dict[str, Any]:
    head = next(iter(marc.all("200")), Field("200"))
    found: dict[str, Any] = {"title": head.first("a"), "subtitle": head.get("e"), "volume": head.get("hi")}
    _isbn(marc, "010", found)
    _date(marc.first("210", "d"), found)
    authors, translators = _cnmarc_people(marc, head)
    return found | {
        "authors": authors,
        "translators": translators,
        "publisher": marc.first("210", "c").strip(" ,:;"),
        "price_fen": prices.price_fen(marc.first("010", "d")),
        "pages": _pages(marc.first("215", "a")),
        "series": marc.first("225", "a"),
        "clc": next((code for field in marc.all("690") if CLC_SHAPE.match(code := field.first("a"))), ""),
        "subjects": _subjects(marc.all("606")),
        "language": language_code(marc.first("101", "a")[:3]),
        "audience": _audience(marc, "333"),
        "source_id": _source_id(marc, marc.first("801", "b")),
    }


def _cnmarc_people(marc: Marc, head: Field) -> tuple[people.Names, people.Names]:
    """The headings 70x and 71x by their role; without any, the statement of responsibility."""
    authors: dict[str, None] = {}
    translators: dict[str, None] = {}
    for field in marc.all("700", "701", "702", "710", "711", "712"):
        name = people.person(field.first("a"))[0]
        if name:
            (translators if "译" in field.get("4") else authors)[name] = None
    if authors or translators:
        return tuple(authors), tuple(translators)
    return people.statement(head.get("fg", ";"))


def _subjects(fields: list[Field]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (field.get("axyz", "-").strip(" .") for field in fields))))


def _audience(marc: Marc, *notes: str) -> str:
    """By a note in words alone: what the codes say is another matter (audiences.py)."""
    return ADULTS if any(audiences.said(field.get("a")) for field in marc.all(*notes)) else ""


def _from_marc21(marc: Marc) -> dict[str, Any]:
    head = next(iter(marc.all("245")), Field("245"))
    imprint = marc.all("264", "260")
    found: dict[str, Any] = {"title": _trimmed(head.first("a")), "subtitle": _trimmed(head.get("b"))}
    _isbn(marc, "020", found)
    _date(next((date for field in imprint if (date := field.first("c"))), ""), found)
    authors, translators = _marc21_people(marc, head)
    return found | {
        "volume": _trimmed(head.get("np")),
        "authors": authors,
        "translators": translators,
        "publisher": next((_trimmed(name) for field in imprint if (name := field.first("b"))), ""),
        "price_fen": prices.price_fen(marc.first("020", "c")),
        "pages": _pages(marc.first("300", "a")),
        "series": _trimmed(marc.first("490", "a") or marc.first("830", "a") or marc.first("440", "a")),
        "clc": _marc21_clc(marc),
        "subjects": _subjects(marc.all("650")),
        "language": language_code((marc.first("041", "a") or clean(marc.control("008")[35:38]))[:3]),
        "audience": _audience(marc, "521", "506"),
        "source_id": _source_id(marc, marc.control("003")),
    }


def _trimmed(text: str) -> str:
    """Without the punctuation MARC21 ends its subfields with."""
    return text.strip(" /:;,=／：；，").removesuffix(".").removesuffix("．") if not text.endswith("...") else text


def _marc21_people(marc: Marc, head: Field) -> tuple[people.Names, people.Names]:
    authors: dict[str, None] = {}
    translators: dict[str, None] = {}
    linked: set[str] = set()
    for field in marc.all("100", "110", "700", "710"):
        name = people.person(_trimmed(field.first("a")))[0]
        link = (field.first("6")[:3] if field.tag == "880" else field.tag) + field.first("6")[4:6]
        if not name or (field.first("6") and link in linked):
            continue  # the romanised twin of a name already taken in its own script
        linked.add(link)
        translates = field.get("4").startswith("trl") or "ransl" in field.get("e") or "译" in field.get("e4")
        (translators if translates else authors)[name] = None
    if authors or translators:
        return tuple(authors), tuple(translators)
    return people.statement(_trimmed(head.get("c")))


def _marc21_clc(marc: Marc) -> str:
    given = [field.first("a") for field in marc.all("084") if field.first("2") in ("clc", "")]
    candidates = [*given, marc.first("093", "a")]
    return next((code for code in candidates if CLC_SHAPE.match(code)), "")


def _cnmarc_copies(marc: Marc) -> Iterator[CopyFacts]:
    """905: $a library, $b barcode (once for each copy), $d class and $e book number, or $s the whole call number."""
    for field in marc.all("905"):
        call_number = field.first("s") or "/".join(filter(None, (field.first("d"), field.first("e"))))
        for code, barcode in field.subfields:
            if code == "b" and barcode:
                yield CopyFacts(barcode, field.first("a"), call_number, field.first("c"))


def _marc21_copies(marc: Marc) -> Iterator[CopyFacts]:
    """952 as Koha has it ($p barcode, $o call number, $b branch, $c shelf) and 852 ($p, $h $i, $b, $c)."""
    for field in marc.all("952", "852"):
        barcode = field.first("p")
        if barcode:
            call_number = field.first("o") or field.get("hi")
            yield CopyFacts(barcode, field.first("b") or field.first("a"), call_number, field.first("c"))
