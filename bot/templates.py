"""A small language for what readers say: `[我要]续借{n}` has an optional part, `(a|b)` is a choice, `<name>` a
named fragment, `{n}` a slot. Templates without slots become plain phrases, the others regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.numbers import NUMBER, ORDINAL_WORD

_COUNTER = "[本个项条号场部单份]"
_CHOICE = (
    rf"(?:第 ?(?P<n>{NUMBER})(?: ?{_COUNTER}(?: ?书)?)?|(?P<n2>{NUMBER}) ?{_COUNTER}?"
    rf"|(?:the |number |no\.? ?|#)?(?P<n3>{ORDINAL_WORD}|\d{{1,2}}(?:st|nd|rd|th)?)(?: ones?| books?| item)?)"
)
_MARKED = r"《[^《》]{1,120}》"

# No slot may run without a bound, and a template holds one free slot at most: matching stays linear in practice.
SLOTS: Mapping[str, str] = {
    "n": _CHOICE,
    "book": rf"(?P<title>{_MARKED})",
    "title": rf"(?P<title>{_MARKED}|[^《》]{{1,80}}?)",
    "query": r"(?P<query>.{1,300}?)",
    "kind": r"(?P<query>[^《》的]{1,12}?)",
    "order": r"(?P<query>[a-z]{0,4}-?\d[\d-]{2,24})",
    "place": r"(?P<place>[^《》,。 ]{2,12}?)",
    "spot": r"(?P<place>[a-z][a-z' -]{1,30})",
    "count": rf"(?P<count>{NUMBER}|{ORDINAL_WORD}|an?|半)",
}

_SPLIT = re.compile(r"\{\w+\}|.", re.S)
_HAN = re.compile(r"[\u3400-\u9fff]")
_FRAGMENT = re.compile(r"<(\w+)>")


def fill(template: str, fragments: Mapping[str, str]) -> str:
    """`template` with every `<name>` replaced by that fragment in brackets. KeyError for an unknown name."""
    while _FRAGMENT.search(template):
        template = _FRAGMENT.sub(lambda m: f"({fragments[m[1]]})", template)
    return template


def phrases(template: str) -> Iterator[str]:
    """Every text a template without slots allows."""
    found, rest = _alternatives(template)
    if rest:
        raise ValueError(f"unbalanced template: {template}")
    yield from found


def _alternatives(text: str) -> tuple[list[str], str]:
    done: list[str] = []
    now = [""]
    while text and text[0] not in ")]":
        head, text = text[0], text[1:]
        if head == "|":
            done, now = done + now, [""]
        elif head in "([":
            inner, text = _alternatives(text)
            choices = inner + [""] if head == "[" else inner
            now, text = [a + b for a in now for b in choices], text[1:]
        else:
            now = [a + head for a in now]
    return done + now, text


def pattern(template: str) -> str:
    """The regular expression for a template with slots; a blank may stand beside any Han character."""
    marks = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", " ": " "}
    parts = []
    for part in _SPLIT.findall(template):
        if part in marks:
            parts.append(marks[part])
        elif part.startswith("{"):
            parts.append(SLOTS[part[1:-1]])
        else:
            parts.append(f" ?{part} ?" if _HAN.match(part) else re.escape(part))
    return "".join(parts)
