"""A talk as the page shows it: the library's messages from the outbox, and the reader's own lines beside them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from bot import outbox
from bot.addresses import hashed
from bot.channels.webchat.chat import CHANNEL, Words
from bot.channels.webchat.intake import event_id
from bot.events import Button, Card
from lending.database import Database, Row
from lending.model import stamp

PAGE = 200  # messages shown of a long talk
Shown = dict[str, Any]  # one message as JSON


def newest(db: Database, address: str, back: int = 0) -> int:
    """The id of the newest message to this address, or of the one `back` places before it; 0 for none."""
    return outbox.newest(db, CHANNEL, address, back)


def said_by_library(db: Database, address: str, after: int) -> list[Shown]:
    """The library's messages after that id, oldest first."""
    return [_shown(message) for message in outbox.after(db, CHANNEL, address, after, PAGE)]


def said_since(db: Database, address: str, after: int, heard: str | None, _: Words) -> list[Shown]:
    """The library's messages after that id, and the reader's own lines after `heard`, for a tab they were not said in.

    None asks for the library's alone, '' for all. A line is kept with its answer: where there is no answer, there is
    none. Of a press the page knows itself how the button is called.
    """
    library = said_by_library(db, address, after)
    if heard is None or not library:
        return library
    reader = _said_by_reader(db, address, {}, _, heard)
    return _in_turn([line for line in reader if line["text"] or line["press"]], library)


def whole_talk(db: Database, address: str, _: Words) -> list[Shown]:
    """The last messages of both sides in the order of time, so that a reload shows the talk."""
    cut = newest(db, address, back=PAGE)
    library = said_by_library(db, address, cut)
    reader = _said_by_reader(db, address, _labels(library), _)
    if cut and library:
        reader = [line for line in reader if line["at"] >= library[0]["at"]]
    return [line for line in _in_turn(reader, library) if line["from"] == "library" or line["text"]]


def _in_turn(reader: list[Shown], library: list[Shown]) -> list[Shown]:
    """Both sides by time; within one second, which is all the store keeps, they take turns, the reader first."""
    turns: Counter[tuple[str, str]] = Counter()
    keyed = []
    for line in reader + library:
        side = (line["at"], line["from"])
        keyed.append(((line["at"], turns[side], line["from"] == "library"), line))
        turns[side] += 1
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])]


def lead(text: str, cards: tuple[Card, ...]) -> str:
    """The text without the lines its cards already say."""
    if not cards:
        return text
    kept = "\n".join(line for line in text.splitlines() if not _on_a_card(line.strip(), cards))
    return re.sub(r"\n{2,}", "\n", kept).strip()


def _on_a_card(line: str, cards: tuple[Card, ...]) -> bool:
    """Does the line begin with a card's book, or say nothing beyond a card's facts? One that answers a book goes on."""
    names = (re.match(rf"[\W\d]*《{re.escape(_bare(card.title))}》", line) or _all_said(line, card) for card in cards)
    return bool(line) and any(names)


def _all_said(line: str, card: Card) -> bool:
    for fact in sorted((card.line, card.shelf, card.available), key=len, reverse=True):
        line = line.replace(fact, "") if fact else line
    return not re.search(r"\w", line)


def _bare(title: str) -> str:
    return title[1:-1] if title.startswith("《") and title.endswith("》") else title


def _shown(message: outbox.Message) -> Shown:
    reply = message.reply
    return {
        "id": message.id,
        "from": "library",
        "text": reply.text,
        "lead": lead(reply.text, reply.cards),
        "buttons": [[_button(button) for button in row] for row in reply.buttons],
        "cards": _cards(reply.cards, reply.text),
        "qr": f"/chat/qr/{message.id}.svg" if reply.qr else None,
        "picture": f"/chat/pictures/{message.id}" if reply.picture else None,
        "toast": reply.toast,
        "edits": reply.edits,
        "at": stamp(message.at),
    }


def _button(button: Button) -> Shown:
    return {"label": button.label, "action": button.action, "url": button.url, "ask": button.ask}


def _cards(cards: tuple[Card, ...], text: str) -> list[Shown]:
    """Two books of one name stand in the order in which the text numbers them."""
    shown: list[Shown] = []
    for at, card in enumerate(cards):
        numbers, before = _numbers(card, text), sum(one.title == card.title for one in cards[:at])
        shown.append(_card(card, numbers[before] if before < len(numbers) else None))
    return shown


def _card(card: Card, number: int | None) -> Shown:
    return {
        "n": number,
        "title": _bare(card.title),
        "line": card.line,
        "shelf": card.shelf,
        "available": card.available,
        "class": card.cover_class[:1].upper(),
        "buttons": [_button(button) for button in card.buttons],
    }


def _numbers(card: Card, text: str) -> list[int]:
    """The numbers the text gives books of this name ("2. 《围城》"), by which the reader may choose them."""
    named = rf"^\W*(\d{{1,3}})\b[^\n\d]{{0,6}}《{re.escape(_bare(card.title))}》"
    return [int(number) for number in re.findall(named, text, re.MULTILINE)]


def _labels(library: list[Shown]) -> dict[str, str]:
    """What each button in these messages was called, by its action."""
    rows = [row for message in library for row in message["buttons"]]
    rows += [card["buttons"] for message in library for card in message["cards"]]
    return {button["action"]: button["label"] for row in rows for button in row if button["action"]}


def _said_by_reader(
    db: Database, address: str, labels: dict[str, str], _: Words, heard: str = ""
) -> list[Shown]:  # fmt: skip
    known = db.one(
        "SELECT received_at AS at, rowid AS n FROM inbox WHERE channel = :channel AND event_id = :id",
        channel=CHANNEL, id=event_id(address, heard),
    )  # fmt: skip
    rows = db.all(
        "SELECT event_id, kind, legible(text) AS text, received_at FROM inbox "
        "WHERE channel = :channel AND address = :address AND (received_at, rowid) > (:at, :n) "
        "ORDER BY received_at DESC, rowid DESC LIMIT :page",
        channel=CHANNEL,
        address=hashed(db, address),
        page=PAGE,
        **(known or {"at": "", "n": 0}),
    )
    return [_own_line(row, labels, _) for row in reversed(rows)]


def _own_line(row: Row, labels: dict[str, str], _: Words) -> Shown:
    unspoken = {"press": labels.get(row["text"], ""), "location": _("我的位置"), "photo": _("一张照片"), "start": ""}
    text = unspoken.get(row["kind"], row["text"])
    own_id = str(row["event_id"]).partition(":")[2]
    press = row["text"] if row["kind"] == "press" else ""
    return {"id": own_id, "from": "reader", "text": text, "press": press, "at": row["received_at"]}
