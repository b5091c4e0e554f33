"""MARC in XML: MARCXML, CNMARC XML and the envelopes of SRU answers; only the shape counts, not the namespace."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse

from lending.importing.marc import Field, record_of
from lending.importing.problems import ImportRefused, Place, Problem
from lending.importing.records import Record
from lending.importing.source import Source

DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](gb[\w-]+)["']""", re.IGNORECASE)


def read_marcxml(source: Source) -> Iterator[Record | Problem]:
    """Every record; a Problem where the XML breaks off. Raises ImportRefused when there is no record at all."""
    number = 0
    head = source.head()
    with source.open() as file:
        try:
            for number, fields in enumerate(_records(file, head), 1):
                yield record_of(fields, Place(record=number))
        except DefusedXmlException as error:
            raise ImportRefused("unsafe_xml") from error
        except (ParseError, ValueError, LookupError) as error:
            line, _ = getattr(error, "position", (0, 0))
            yield Problem(Place(line=line, record=0 if line else number + 1), "broken_xml", {}, str(error))
            return
    if not number:
        raise ImportRefused("no_records")


def _records(file: IO[bytes], head: bytes) -> Iterator[list[Field]]:
    """Each element `record` that holds fields; what has been read is let go of."""
    path: list[Element] = []
    for event, element in iterparse(*_recoded(file, head)):
        if event == "start":
            path.append(element)
            continue
        path.pop()
        if _name(element) == "record":
            fields = [field for child in element if (field := _field(child))]
            if fields:
                yield fields
            if path:
                path[-1].remove(element)


def _recoded(file: IO[bytes], head: bytes) -> tuple[Any, tuple[str, str], DefusedXMLParser]:
    """The parser knows no Chinese encodings: what is declared as GB… is given to it as UTF-8."""
    declared = DECLARED.search(head[:200])
    parser = DefusedXMLParser(target=TreeBuilder(), encoding="utf-8" if declared else None)
    read = codecs.EncodedFile(file, "utf-8", "gb18030", "replace") if declared else file
    return read, ("start", "end"), parser


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _field(element: Element) -> Field | None:
    tag = element.get("tag", "")
    if _name(element) == "controlfield":
        return Field(tag, data=element.text or "")
    if _name(element) != "datafield":
        return None
    return Field(tag, subfields=tuple((part.get("code", ""), part.text or "") for part in element))
