"""Three kiosks send whatever a kiosk may send, in any order, whole and broken, and the library goes on."""

from __future__ import annotations

import random
import threading
from contextlib import suppress

import pytest

from lending import loans, orders
from lending.database import Database
from lending.errors import LendingError
from lending.loans import Loan
from partners.sip2.server import Sip2Server
from tests.lending.world import World
from tests.partners.sip2.conftest import PASSWORD, Line, card_of, valid

REQUESTS = 120
WHEN = "20261120    100000"
ASKED = (
    "9900302.00", "23019{w}AOshuxin|AA{card}|AC|AD|", "63001{w}Y         AOshuxin|AA{card}|", "17{w}AOshuxin|AB{copy}|",
    "11YN{w}{w}AOshuxin|AA{card}|AB{copy}|AC|", "09N{w}{w}APhere|AOshuxin|AB{copy}|AC|", "65{w}AOshuxin|AA{card}|",
    "29YN{w}{w}AOshuxin|AA{card}|AB{copy}|", "15+{w}BSwest|AOshuxin|AA{card}|AB{copy}|", "35{w}AOshuxin|AA{card}|",
    "15-{w}AOshuxin|AA{card}|AB{copy}|", "15*{w}BSmain|AOshuxin|AA{card}|AB{copy}|", 
    "37{w}0104CNYBV1|AOshuxin|AA{card}|",
)  # fmt: skip


def kiosk(port: int, name: str, encoding: str, seed: int, cards: list[str], copies: list[str], bad: list[str]) -> None:
    """Each request gets an answer, and one that a strict reader understands; a broken one is asked for again."""
    chance, line = random.Random(seed), Line(port)
    line.ask(f"9300CN{name}|CO{PASSWORD}|CPhere|", encoding=encoding)
    for _ in range(REQUESTS):
        wanted = {"w": WHEN, "card": chance.choice(cards), "copy": chance.choice(copies)}
        told = chance.choice(ASKED).format(**wanted).encode(encoding)
        if chance.random() < 0.1:
            told = told[: chance.randint(1, len(told))]
        line.send(told + chance.choice([b"\r", b"\r\n", b"\n"]))
        heard = line.hear()
        try:
            valid(heard, encoding)
        except Exception as error:
            bad.append(f"{told!r}: {heard!r} {error}")
    line.socket.close()


@pytest.mark.parametrize("seed", range(2))
def test_three_kiosks_and_the_chat_at_once_leave_books_that_add_up(
    world: World, server: Sip2Server, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    titles = [world.book(name, copies=n % 2 + 1) for n, name in enumerate(("围城", "边城", "活着", "Ulysses"))]
    people = [world.reader() for _ in range(3)]
    cards = [*(card_of(world, one) for one in people), "", "999"]
    copies = [*(row["barcode"] for row in world.db.all("SELECT barcode FROM copies")), "", "没有-1"]
    chance, bad = random.Random(seed), list[str]()
    lines = [
        threading.Thread(target=kiosk, args=(server.port, name, encoding, seed * 10 + n, cards, copies, bad))
        for n, (name, encoding) in enumerate((("k1", "utf-8"), ("k2", "utf-8"), ("old", "gbk")))
    ]
    for one in lines:
        one.start()
    while any(one.is_alive() for one in lines):
        who = chance.choice(people)
        with suppress(LendingError):
            world.order(who, chance.choice(titles), at=1)
        for order in orders.of_reader(world.db, who, 3):
            with suppress(LendingError):
                if step := orders.next_step(order):
                    world.step(order, step.name)
    assert (bad, [record.getMessage() for record in caplog.records]) == ([], [])
    assert world.db.all(WRONG) == []


def test_a_book_given_back_while_it_is_renewed_elsewhere_cuts_no_line(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one comes before the other, whichever; the kiosk had looked, and then found nothing to renew."""
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("围城"))
    elsewhere, look = threading.Thread(target=lambda: world.give_back(loan)), loans.of_reader

    def given_back_just_then(db: Database, reader_id: int) -> list[Loan]:
        found = look(db, reader_id)
        if not elsewhere.ident:
            elsewhere.start()
            elsewhere.join(0.3)
        return found

    monkeypatch.setattr(loans, "of_reader", given_back_just_then)
    answer = line.log_in().ask(f"29YN{WHEN}{WHEN}AOshuxin|AA{card_of(world, reader)}|AB围城-1|")
    elsewhere.join()
    assert answer is not None and answer.ok == "1" and look(world.db, reader) == []


WRONG = (
    "SELECT c.barcode, c.state FROM copies c WHERE (c.state = 'on_loan') <> EXISTS "
    "(SELECT 1 FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL) OR (c.state = 'reserved') <> (EXISTS "
    "(SELECT 1 FROM holds h WHERE h.id = c.hold_id AND h.state = 'ready') OR EXISTS (SELECT 1 FROM order_items i "
    "JOIN orders o ON o.id = i.order_id AND o.state IN ('in_review', 'approved', 'picking', 'packed') "
    "WHERE i.copy_id = c.id AND i.open = 1))"
)
