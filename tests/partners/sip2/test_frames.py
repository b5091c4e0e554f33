"""The reader takes what terminals really send; the writer sends only what the strictest reader accepts."""

from __future__ import annotations

import contextlib
import time

import pysip2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.sip2 import codec
from partners.sip2.codec import BadFrame, Request, read, write
from partners.sip2.messages import ANSWERS, REQUESTS, SUPPORTED
from tests.partners.sip2.conftest import valid

DATE = "20261120    100000"
CHECKOUT = f"11YN{DATE}                  AOshuxin|AA123|AB围城-1|AC|"


def summed(text: str, encoding: str = "utf-8") -> bytes:
    body = text.encode(encoding) + b"AZ"
    return body + f"{-sum(body) & 0xFFFF:04X}".encode()


def test_a_checkout_with_a_blank_due_date() -> None:
    """What the client `Sip2` sends by default; a strict server hangs up on it."""
    request = read(summed(CHECKOUT + "AY3"))
    assert (request.code, request.sequence, request.checked) == ("11", "3", True)
    assert (request["AA"], request["AB"], request["AC"], request["XX"]) == ("123", "围城-1", "", "")
    assert request.fixed["date"] == DATE and request.fixed["nb_due_date"].strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        CHECKOUT,
        CHECKOUT.rstrip("|"),  # the last delimiter left out
        CHECKOUT + "ZZnobody knows this|",
        CHECKOUT + "AAanother|",  # the first that says something counts
        CHECKOUT.replace("AA123|", "AA|AA123|"),
        CHECKOUT + "  ",
        CHECKOUT.replace(DATE, ""),  # no date at all
    ],
)
def test_untidy_frames_are_understood(text: str) -> None:
    request = read(text.encode())
    assert (request["AA"], request["AB"]) == ("123", "围城-1")
    assert not request.checked and request.sequence == ""


def test_gbk_is_decoded_before_it_is_split() -> None:
    """億's second byte is the delimiter."""
    text = f"17{DATE}AO億墊|AB億-1|"
    assert b"|" in "億".encode("gbk")
    for frame in (text.encode("gbk"), summed(text + "AY0", "gbk")):
        request = read(frame, "gbk")
        assert (request["AO"], request["AB"]) == ("億墊", "億-1")


def test_gbk_is_guessed_where_it_can_be_and_told_where_it_cannot() -> None:
    assert read(f"17{DATE}AB围城|".encode("gbk"))["AB"] == "围城"
    assert read(f"17{DATE}AB联通|".encode("gbk"), "gbk")["AB"] == "联通", "its bytes are UTF-8 too: we must be told"


def test_checksums_over_bytes_or_characters_and_without_noughts() -> None:
    """The client `Sip2` sums code points and writes no leading noughts."""
    text = f"17{DATE}AB围城|AY1AZ"
    over_characters = f"{-sum(map(ord, text)) & 0xFFFF:X}"
    assert read((text + over_characters).encode())["AB"] == "围城"
    for n in range(300):
        body = f"17{DATE}AB{n}|AY1AZ"
        short = f"{-sum(body.encode()) & 0xFFFF:X}"
        assert read((body + short).encode())["AB"] == str(n)


@pytest.mark.parametrize(
    "frame",
    [summed(CHECKOUT)[:-1] + b"G", summed(CHECKOUT).replace(b"123", b"124"), b"1", b"", b"ZZ", b"11Y", b"9", b"6300"],
)
def test_what_cannot_be_read_is_refused(frame: bytes) -> None:
    if frame.endswith(b"G"):  # no checksum then, and a field nobody knows
        assert not read(frame).checked
        return
    with pytest.raises(BadFrame):
        read(frame)


def test_many_blanks_are_read_at_once() -> None:
    """Nobody needs a login to send them, and whoever reads them holds up everybody."""
    started = time.monotonic()
    with pytest.raises(BadFrame):
        read(b" " * 50_000 + b"x")
    assert time.monotonic() - started < 1


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    for encoding in ("utf-8", "gbk"):
        with contextlib.suppress(BadFrame):
            assert read(frame, encoding).code in REQUESTS


TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)


def answer(code: str, text: str, many: list[str]) -> dict[str, str | list[str]]:
    """Every part of an answer, with the same text in all that may hold one."""
    fixed: dict[str, str | list[str]] = {}
    for name, width in ANSWERS[code].fixed:
        digits = name in ("language", "holds", "overdue", "charged", "fines", "recalls", "unavailable", "renewed",
                          "unrenewed", "timeout", "retries", "status", "security", "fee_type")  # fmt: skip
        fixed[name] = "0" * width if digits or name == "ok" else "N" * width
    fixed |= {name: DATE for name in fixed if name == "date"} | {name: " " * 14 for name in fixed if name[:2] == "pa"}
    fixed |= {name: "2.00" for name in fixed if name == "version"}
    fields: dict[str, str | list[str]] = dict.fromkeys(ANSWERS[code].fields, text)
    fields |= {"AF": many, "AG": many} | dict.fromkeys(("AS", "AT", "AU", "AV", "BU", "CD", "BM", "BN"), many)
    fields |= {"BX": SUPPORTED, "BL": "Y", "CQ": "N", "CI": "N", "BH": "CNY", "BT": "01", "CK": "001"}
    fields |= {"BZ": "0001", "CA": "0002", "CB": "0003", "CJ": DATE, "CM": DATE, "BW": DATE, "AH": DATE}
    return fixed | {name: value for name, value in fields.items() if name in ANSWERS[code].fields}


@given(st.sampled_from(sorted(ANSWERS)), TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from(["utf-8", "gbk"]))
def test_whatever_a_title_holds_the_frame_is_right(code: str, text: str, many: list[str], encoding: str) -> None:
    for request in (Request(code, {}, {}, "7", True), Request(code, {}, {})):
        frame = write(code, answer(code, text, many), request, encoding)
        assert frame.endswith(b"\r") and frame.count(b"\r") == 1 and b"\n" not in frame
        message = valid(frame, encoding)
        if "AF" in ANSWERS[code].fields:
            assert len(message.screen_message) == len(many)
            assert all(len(line.encode(encoding)) <= codec.MOST_BYTES for line in message.screen_message)


def test_a_checked_request_gets_a_checked_answer_with_its_number() -> None:
    frame = write("94", {"ok": "1"}, Request("93", {}, {}, "4", True))
    decoded = pysip2.decode_message(frame)
    assert decoded.sequence_number == 4 and decoded.checksum == frame[-5:-1].decode()
    assert write("94", {"ok": "1"}, Request("93", {}, {})) == b"941\r"
    assert valid(write("96", {}))


@pytest.mark.parametrize("values", [{}, {"ok": "11"}, {"ok": "1", "AF": "unknown to it"}])
def test_an_answer_of_the_wrong_form_is_never_sent(values: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        write("94", values)


@given(TEXTS, st.sampled_from(["utf-8", "gbk"]))
def test_long_messages_are_parted_and_nothing_is_lost(text: str, encoding: str) -> None:
    parts = codec.lines(text * 5, encoding)
    assert all(len(codec.encode(part, encoding)) <= codec.MOST_BYTES for part in parts)
    sent = "".join(codec.decode(codec.encode(part, encoding), encoding) for part in parts)
    whole = "".join(codec.decode(codec.encode(part, encoding), encoding) for part in codec.lines(text, encoding))
    assert len(sent.replace(" ", "")) == 5 * len(whole.replace(" ", ""))
