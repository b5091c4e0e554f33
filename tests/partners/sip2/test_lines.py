"""Bad lines and busy ones: repeats, broken and half frames, slow terminals, fifty at once."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lending import claims, decisions, holds, loans
from lending.errors import StoreUnwritable
from lending.rules import Pool
from partners.sip2.kiosk import Kiosk, Terminal
from partners.sip2.server import Sip2Server
from partners.sip2.session import Answers, Session
from tests.lending.test_trust_ladder import TIERS
from tests.lending.world import World
from tests.partners.sip2.conftest import PASSWORD, Line, card_of, valid
from tests.partners.sip2.test_frames import DATE, summed

BLANK = " " * 18


def checkout(card: str, barcode: str, date: str = DATE) -> str:
    return f"11YN{date}{BLANK}AOshuxin|AA{card}|AB{barcode}|AC|"


def log_in(kiosk: Kiosk, terminals: dict[str, Terminal], answers: Answers | None = None) -> Session:
    session = Session(kiosk, terminals, answers or Answers())
    assert session.answer(f"9300CNk1|CO{PASSWORD}|".encode()) == b"941\r"
    return session


def ask(session: Session, text: str) -> Any:
    heard = session.answer(text.encode())
    assert heard is not None
    return valid(heard)


# ---- who may talk


def test_nobody_is_answered_before_a_login(world: World, line: Line) -> None:
    world.book("围城")
    assert line.ask(checkout("1", "围城-1")) is None


@pytest.mark.parametrize("uid, who, password", [("0", "k1", "wrong"), ("0", "k9", PASSWORD), ("1", "k1", PASSWORD)])
def test_a_wrong_login_is_refused_and_the_fourth_cuts_the_line(line: Line, uid: str, who: str, password: str) -> None:
    for _ in range(3):
        assert line.ask(f"93{uid}0CN{who}|CO{password}|").ok == "0"
    assert line.ask(f"93{uid}0CN{who}|CO{password}|") is None


def test_status_says_what_can_be_done(line: Line) -> None:
    said = line.log_in().ask("9900802.00")
    assert (said.online_status, said.offline_ok, said.protocol_version) == ("Y", "N", "2.00")
    assert said.library_name == "云栖市图书馆" and said.terminal_location == "main馆"
    assert said.supported_messages == "YYYYYYYYYYYNNYYY"


# ---- asked again


def test_the_same_request_again_has_the_same_answer(world: World, line: Line) -> None:
    """A second loan, renewal or return is never made of an answer that got lost (B2-2)."""
    world.rule("lending", renewals=5)
    reader, _ = world.reader(), world.book("围城")
    card = card_of(world, reader)
    line.log_in()
    frame = summed(checkout(card, "围城-1") + "AY4") + b"\r"
    line.send(frame)
    first = line.hear()
    assert valid(first).ok == "1" and b"AY4" in first
    world.later(seconds=5)
    line.send(frame)
    assert line.hear() == first
    assert world.db.value("SELECT COUNT(*) FROM loans") == 1


def test_what_came_back_meanwhile_is_lent_and_given_back_anew(world: World, server: Sip2Server, line: Line) -> None:
    """A terminal without a clock says the same words of it, and means them: nobody walks off with a book not lent."""
    reader, title = world.reader(), world.book("围城")
    lend = checkout(card_of(world, reader), "围城-1").replace(DATE, BLANK)
    back = f"09N{BLANK}{BLANK}APhere|AOshuxin|AB围城-1|AC|"
    other = Line(server.port).log_in("k2")
    line.log_in()
    for _ in range(2):
        assert line.ask(lend).ok == "1" and world.copies(title) == ["on_loan"]
        assert line.ask(lend).ok == "1", "asked again at once it is the same wish"
        assert other.ask(back).ok == "1" and world.copies(title) == ["available"]
    assert world.db.value("SELECT COUNT(*) FROM loans") == 2


def test_a_renewal_is_not_done_twice_even_on_a_new_line(world: World, server: Sip2Server, line: Line) -> None:
    reader = world.reader()
    [loan] = world.lend(reader, world.book("围城"))
    frame = f"29NN{DATE}{BLANK}AOshuxin|AA{card_of(world, reader)}|AB{loan.barcode}|AC|"
    assert line.log_in().ask(frame).ok == "1"
    line.socket.close()
    other = Line(server.port).log_in()
    assert other.ask(frame).ok == "1", "the answer of before, not a refusal"
    assert loans.loan(world.db, loan.id).renewals == 1
    assert other.ask(frame.replace(DATE, "20261120    100001")).ok == "0", "another wish has its own answer"


def test_a_renewal_asked_again_while_it_is_done_is_not_done_twice(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow answer, and the terminal asks on a new line meanwhile: there it hears the first one's answer."""
    world.rule("lending", renewals=5)
    reader = world.reader()
    [loan] = world.lend(reader, world.book("围城"))
    frame = f"29NN{DATE}{BLANK}AOshuxin|AA{card_of(world, reader)}|AB{loan.barcode}|AC|"
    renewing, go_on, renew = threading.Event(), threading.Event(), loans.renew

    def slowly(*args: Any) -> list[loans.Renewal]:
        renewing.set()
        assert go_on.wait(10)
        return renew(*args)

    monkeypatch.setattr("lending.loans.renew", slowly)
    answers = Answers()
    lines = [log_in(replace(kiosk, policy=world.policy), terminals, answers) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, lines[0], frame)
        assert renewing.wait(10)
        second = pool.submit(ask, lines[1], frame)
        wait([second], timeout=0.3)
        go_on.set()
        assert (first.result().ok, second.result().ok) == ("1", "1")
    assert loans.loan(world.db, loan.id).renewals == 1


def test_answers_are_forgotten_after_a_minute() -> None:
    """A terminal without a clock may mean the same words anew."""
    moment = [0.0]
    answers = Answers(lambda: moment[0])
    answers.keep("k1", b"11", b"12")
    assert answers.find("k1", b"11") == b"12" and answers.find("k2", b"11") is None
    moment[0] = 61.0
    assert answers.find("k1", b"11") is None
    for n in range(2000):
        answers.keep("k1", str(n).encode(), b"12")
    assert answers.find("k1", b"0") is None and answers.find("k1", b"1999") == b"12"


def test_resend_gives_the_last_answer_again(line: Line) -> None:
    line.send(b"97\r")
    assert line.hear()[:2] == b"96", "nothing was said yet"
    line.log_in()
    line.send(b"9900802.00\r")
    last = line.hear()
    line.send(summed("97") + b"\r")
    assert line.hear() == last


# ---- broken, half, slow


def test_a_broken_frame_is_asked_for_again_and_the_line_goes_on(world: World, line: Line) -> None:
    card = card_of(world, world.reader())
    world.book("围城")
    line.log_in()
    line.send(summed(checkout(card, "围城-1") + "AY1").replace("围".encode(), b"\xff\xfe\xfd") + b"\r")
    assert line.hear()[:2] == b"96"
    line.send(summed(checkout(card, "围城-1") + "AY1")[:-1] + b"Z\r")
    assert line.hear()[:2] == b"96", "noise in the checksum itself"
    line.send(b"\x00\x01garbage\r")
    assert line.hear()[:2] == b"96"
    assert line.ask(checkout(card, "围城-1")).ok == "1"


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n", b"\n\r"])
def test_every_line_end_of_the_field_is_understood(line: Line, end: bytes) -> None:
    line.log_in()
    for _ in range(3):
        assert line.ask("9900802.00", end).online_status == "Y"


def test_frames_arrive_in_pieces_and_several_at_once(line: Line) -> None:
    for piece in (b"93", b"00CNk1|CO", PASSWORD.encode() + b"|\r99", b"00802.00\r9900802.00\r"):
        line.send(piece)
        time.sleep(0.02)
    assert [line.hear()[:2] for _ in range(3)] == [b"94", b"98", b"98"]


def test_half_a_frame_is_not_waited_for(impatient: Line) -> None:
    """A dribble does not lengthen the wait."""
    impatient.log_in()
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 200:
            impatient.send(b"9")
            sent += 1
            time.sleep(0.1)
    assert impatient.hear() == b"" and sent < 200


def test_a_line_without_a_login_is_cut(impatient: Line) -> None:
    assert impatient.hear() == b""


class Endless(socket.socket):
    """A line on which there is always something to read, so that no reading runs out of time."""

    heard = 0

    def recv(self, *_: object) -> bytes:
        self.heard += 1
        assert self.heard < 1_000_000
        return b"\r"


def test_who_sends_without_end_has_no_longer_to_log_in(kiosk: Kiosk, terminals: dict[str, Terminal]) -> None:
    server, stop = Sip2Server(kiosk, terminals, "127.0.0.1", 0, frame_seconds=0.2), threading.Event()
    with Endless() as line:
        server._talk(line, Session(kiosk, terminals, Answers()))
        assert line.heard
    stop.set()
    server.run(stop)


def test_an_endless_frame_is_cut(line: Line) -> None:
    line.log_in()
    with contextlib.suppress(ConnectionError):
        line.send(b"9" * 100_000)
    assert line.hear() == b""


def test_a_slow_terminal_holds_nobody_up(server: Sip2Server, line: Line) -> None:
    """Were they served one after the other, the second would wait until the first is cut."""
    line.send(b"9300CNk1|CO")
    started = time.monotonic()
    Line(server.port).log_in()
    assert time.monotonic() - started < 15
    line.send(PASSWORD.encode() + b"|\r")
    assert line.hear()[:2] == b"94", "still there"


@pytest.mark.parametrize(
    ("what", "error"),
    [("socket.socket.accept", OSError(errno.EMFILE, "too many open files")),
     ("threading.Thread.start", RuntimeError("can't start new thread"))],
)  # fmt: skip
def test_a_shortage_turns_one_line_away_and_the_next_is_served(
    server: Sip2Server, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception
) -> None:
    """A moment without descriptors or threads; the kiosks are not gone until the next start."""
    failed = threading.Event()

    def short(*_: object) -> None:
        failed.set()
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(what, short)
        turned_away = Line(server.port)
        assert failed.wait(10)
    if what == "threading.Thread.start":
        assert turned_away.hear() == b"", "cut, not left hanging"
    assert Line(server.port).log_in()


def test_a_full_disk_cuts_the_line_so_that_the_terminal_asks_again(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.book("围城")
    session = Session(kiosk, terminals, Answers())
    assert session.answer(f"9300CNk1|CO{PASSWORD}|".encode()) == b"941\r"

    def full(*_: object) -> None:
        raise StoreUnwritable("disk full")

    monkeypatch.setattr("lending.checkouts.check_out", full)
    frame = checkout(card_of(world, world.reader()), "围城-1").encode()
    assert session.answer(frame) is None
    monkeypatch.undo()
    again = session.answer(frame)
    assert again is not None and valid(again).ok == "1"


# ---- many


def test_fifty_terminals_at_once(world: World, server: Sip2Server) -> None:
    """Everyone wants the same ten copies: each goes to one, and every answer is a right frame."""
    title = world.book("围城", copies=10)
    cards = [card_of(world, world.reader()) for _ in range(50)]

    def visit(n: int) -> int:
        line = Line(server.port).log_in("k1" if n % 2 else "k2")
        got = 0
        for copy in range(1, 11):
            said = line.ask(checkout(cards[n], f"围城-{copy}"))
            got += said.ok == "1"
        assert line.ask(f"63019{DATE}  Y       AOshuxin|AA{cards[n]}|").charged_items_count == f"{got:04d}"
        line.socket.close()
        return got

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(visit, range(50))) == 10
    assert world.copies(title) == ["on_loan"] * 10
    assert world.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL") == 10


def test_the_rest_of_the_messages(world: World, line: Line, tmp_path: Path) -> None:
    """23, 25, 19: old terminals send them; nothing of a reader's address is told."""
    reader = world.reader()
    card = card_of(world, reader)
    line.log_in()
    said = line.ask(f"23001{DATE}AOshuxin|AA{card}|AC|AD|")
    assert (said.valid_patron, said.personal_name, said.fee_amount) == ("Y", "林书", "0.00")
    assert line.ask(f"25{DATE}AOshuxin|AA{card}|AC|AD|").valid_patron == "Y"
    assert line.ask(f"19{DATE}AOshuxin|AB1|AC|CHx|").item_properties_ok == "0"
    told = line.ask(f"63001{DATE}Y         AOshuxin|AA{card}|")
    assert told.home_address is None and told.home_phone_number is None
    assert told.charged_items_limit == "0020"
    assert line.ask(f"37{DATE}0100CNYBV1.00|AOshuxin|AA0|").payment_accepted == "N"
    assert line.ask(f"65{DATE}AOshuxin|AA0|").ok == "0"
    assert line.ask(f"29NN{DATE}{BLANK}AOshuxin|AA{card}|AB0|").ok == "0"
    assert line.ask(f"01N{DATE}AOshuxin|ALlost|AA0|AC|").valid_patron == "N"


def test_a_kiosk_tells_of_what_is_taken_by_hand_and_not_of_orders(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal]
) -> None:
    """A2-3: whoever has ordered as many as may be can still take one here, and is told so."""
    ordered, taken = Pool("平台", ("order",), (), 3, "A2-3"), Pool("本馆", ("desk",), (), 2, "ours")
    policy = replace(world.policy, pools=(ordered, taken), lending=replace(world.policy.lending, limit=3))
    reader = world.reader()
    world.lend(reader, *world.books(3))
    world.book("围城")
    session, card = log_in(replace(kiosk, policy=policy), terminals), card_of(world, reader)
    told = ask(session, f"63019{DATE}          AOshuxin|AA{card}|")
    assert (told.charged_items_limit, told.patron_status[0], told.patron_status[5]) == ("0002", " ", " ")
    assert ask(session, f"23019{DATE}AOshuxin|AA{card}|").patron_status.strip() == ""
    assert ask(session, checkout(card, "围城-1")).ok == "1"


def test_a_book_said_to_be_back_is_not_told_as_late(world: World, kiosk: Kiosk, terminals: dict[str, Terminal]) -> None:
    """B2-7: the library looks for it, and no day of it counts."""
    reader = world.reader()
    late, [back] = world.lend(reader, world.book("围城")), world.lend(reader, world.book("边城"))
    claims.claim(world.db, reader, back.id, "k", world.policy, world.now)
    world.later(days=80)
    told = ask(log_in(kiosk, terminals), f"63019{DATE} Y        AOshuxin|AA{card_of(world, reader)}|")
    assert (told.overdue_items_count, told.overdue_items) == ("0001", (late[0].barcode,))


def test_numbers_and_languages_beyond_all_measure_are_answered(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal]
) -> None:
    session, card = log_in(kiosk, terminals), card_of(world, world.reader())
    told = ask(session, f"63019{DATE}  Y       AOshuxin|AA{card}|BP{'9' * 5000}|BQ{'9' * 5000}|")
    assert told.valid_patron == "Y" and not told.charged_items
    for language in ("中文字", "019"):
        nobody = ask(session, f"23{language}{DATE}AOshuxin|AA0|")
        assert (nobody.valid_patron, nobody.language) == ("N", language if language.isascii() else "000")


def test_a_place_in_the_queue_is_not_taken_for_a_branch_there_is_not(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal]
) -> None:
    """What was refused has not been done."""
    reader, title = world.reader(), world.book("围城")
    world.lend(world.reader(), title)
    session, card = log_in(kiosk, terminals), card_of(world, reader)
    assert ask(session, f"15+{DATE}BSmoon|AOshuxin|AA{card}|AB围城-1|").ok == "0"
    assert holds.of_reader(world.db, reader) == []
    assert ask(session, f"15+{DATE}BSwest|AOshuxin|AA{card}|AB围城-1|").ok == "1"
    assert holds.of_reader(world.db, reader)[0].point_id == 2


def test_a_kiosk_gives_no_more_places_in_queues_than_the_chat(
    world: World, kiosk: Kiosk, terminals: dict[str, Terminal]
) -> None:
    """A8-14: the tier says how many."""
    policy, reader = replace(world.policy, tiers=TIERS), world.reader()
    most = decisions.holds_limit(world.db, reader, policy)
    assert most is not None
    titles = [world.book(f"书{n}") for n in range(most + 1)]
    world.lend(world.reader(), *titles)
    session, card = log_in(replace(kiosk, policy=policy), terminals), card_of(world, reader)
    said = [ask(session, f"15+{DATE}AOshuxin|AA{card}|AB书{n}-1|").ok for n in range(len(titles))]
    assert said == ["1"] * most + ["0"]
