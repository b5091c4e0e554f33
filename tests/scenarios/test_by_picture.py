"""A book found by a photo, sent into another chat, and opened from a link: over the application as it is served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import barcode
from tests.fakes.telegram_http import Parameters
from tests.photos import Shot, take
from tests.scenarios.telegram_stage import Phone, Stage, on_stage

chats = count(500)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine busy with other things may take longer over a picture; how long it may is tested in bot/test_barcode."""
    monkeypatch.setattr(barcode, "WALL_SECONDS", 60.0)


@pytest.fixture(scope="module")
def stage(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service with a public address; every test is another person."""
    with on_stage(prepared, tmp_path_factory.mktemp("pictures")) as made:
        yield made


@pytest.fixture
def phone(stage: Stage) -> Phone:
    """Someone new."""
    return Phone(stage, next(chats))


@pytest.fixture
def visitor(stage: Stage) -> Iterator[httpx.Client]:
    """Someone with a browser."""
    with httpx.Client(base_url=stage.service.public_url, headers={"Accept-Language": "zh-CN"}, timeout=20) as client:
        yield client


def a_book(stage: Stage) -> dict[str, Any]:
    """A well-known book that can be borrowed, alone with its number."""
    row = stage.store.db.one(
        "SELECT id, title, isbn, publisher FROM titles t WHERE isbn <> '' AND EXISTS (SELECT 1 FROM copies c WHERE "
        "c.title_id = t.id AND c.state = 'available') GROUP BY isbn HAVING COUNT(*) = 1 ORDER BY popularity DESC LIMIT 1"
    )
    assert row
    return row


def everything(stage: Stage) -> list[int]:
    """How many rows there are in each table that could hold something of a reader's."""
    return [stage.count(f"SELECT COUNT(*) FROM {name}") for name in ("readers", "contacts", "inbox", "outbox")]


# ---- a photo


def test_a_photo_on_telegram_finds_the_book_and_one_tap_borrows_it(stage: Stage, phone: Phone) -> None:
    """F-1, C5 2, A1-14."""
    book = a_book(stage)
    phone.trusted()
    [card] = phone.turn(lambda: stage.telegram.send_photo(phone.chat, take(book["isbn"], Shot(turn=8, blur=1.0))))
    assert card.text.startswith(f"《{book['title']}")
    assert book["title"] in phone.tap("借这本")[-1].text


def test_a_photo_sent_as_a_file_is_a_photo(stage: Stage, phone: Phone) -> None:
    book = a_book(stage)
    picture = take(book["isbn"], Shot(kind="PNG"))
    [card] = phone.turn(lambda: stage.telegram.send_photo(phone.chat, picture, as_file="image/png"))
    assert card.text.startswith(f"《{book['title']}")


def test_when_the_photo_cannot_be_fetched_the_reader_hears_so_once(stage: Stage, phone: Phone) -> None:
    def cut(method: str, parameters: Parameters) -> str:
        return "cut before" if method == "file" else ""

    stage.telegram.fault = cut
    try:
        [answer] = phone.turn(lambda: stage.telegram.send_photo(phone.chat, take("9787999999997")))
    finally:
        stage.telegram.fault = lambda method, parameters: ""
    assert "没有收到" in answer.text


def test_a_photo_on_the_web_finds_the_book(stage: Stage, visitor: httpx.Client) -> None:
    book = a_book(stage)
    visitor.get("/")
    answer = visitor.post(
        "/chat/photo?id=p1&after=0", content=take(book["isbn"]), headers={"Content-Type": "image/jpeg"}
    ).json()
    assert answer["messages"][-1]["text"].startswith(f"《{book['title']}")


@pytest.mark.parametrize("nasty", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(5000), bytes(9_000_000)])
def test_a_nasty_file_on_the_web_is_answered_and_the_service_goes_on(visitor: httpx.Client, nasty: bytes) -> None:
    visitor.get("/")
    answer = visitor.post("/chat/photo?id=n1&after=0", content=nasty, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 200 and "书号" in answer.json()["messages"][-1]["text"]
    assert visitor.get("/healthz").json()["ok"]


def test_fifty_megabytes_are_refused(visitor: httpx.Client) -> None:
    answer = visitor.post("/chat/photo?id=n2", content=bytes(50_000_000), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 413 and "10 MB" in answer.json()["error"]
    assert visitor.get("/healthz").json()["ok"]


# ---- in another chat


def typed(stage: Stage, query: str, offset: str = "") -> tuple[list[dict[str, Any]], Parameters]:
    """What Telegram shows someone who types our name and this, in a chat with a friend."""
    asked = stage.telegram.type_inline(next(chats), query, offset)
    stage.telegram.wait_for(lambda: asked in stage.telegram.inline_answers)
    answer = stage.telegram.inline_answers[asked]
    return json.loads(answer["results"]), answer


def test_a_book_is_sent_into_another_chat(stage: Stage) -> None:
    """A7-1, C1: the card, and a way into the talk; nothing about who asks, and nothing kept."""
    before = everything(stage)
    results, answer = typed(stage, "围城")
    assert "围城" in results[0]["title"] and 1 <= len(results) <= 10
    text = results[0]["input_message_content"]["message_text"]
    assert text.startswith(results[0]["title"]) and f"{stage.service.public_url}/b/" in text
    [[button]] = results[0]["reply_markup"]["inline_keyboard"]
    assert button == {"text": "在书信里借", "url": f"https://t.me/shuxin_bot?start={results[0]['id']}"}
    assert (answer["cache_time"], answer["is_personal"]) == ("300", "true")
    assert everything(stage) == before


def test_the_friend_opens_the_book_by_the_link(stage: Stage, phone: Phone) -> None:
    results, _answer = typed(stage, "围城")
    [card] = phone.say(f"/start {results[0]['id']}")
    assert card.text.startswith(results[0]["title"].split("：")[0][:3])


def test_without_words_the_well_known_books_are_offered_and_there_is_more(stage: Stage) -> None:
    first, answer = typed(stage, "")
    following, _answer = typed(stage, "", answer["next_offset"])
    assert len(first) == len(following) == 10
    assert not {one["id"] for one in first} & {one["id"] for one in following}


def test_nothing_found_is_an_empty_answer_and_no_error(stage: Stage) -> None:
    results, answer = typed(stage, "x" * 300)
    assert isinstance(results, list) and answer["next_offset"] == ""


def test_the_card_in_the_talk_can_be_sent_on(stage: Stage, phone: Phone) -> None:
    book = a_book(stage)
    [card] = phone.say(f"/start t{book['id']}")
    [share] = [button for button in card.buttons if button["text"] == "分享"]
    assert share["url"] == f"https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fshuxin_bot%3Fstart%3Dt{book['id']}"
    [said] = phone.say("分享")
    assert share in said.buttons, "the word does what the button does, also without a public address"


# ---- a page of its own


def test_a_books_page_is_for_everybody(stage: Stage, visitor: httpx.Client) -> None:
    """A7-1: what other chats preview, availability, and the way in; no cookie, and it may be cached for a minute."""
    book, before = a_book(stage), everything(stage)
    page = visitor.get(f"/b/{book['id']}")
    address = f"{stage.service.public_url}/b/{book['id']}"
    tags = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', page.text))
    assert tags["og:title"].startswith(f"《{book['title']}") and book["publisher"] in tags["og:description"]
    assert (tags["og:url"], tags["og:image"], tags["book:isbn"]) == (address, f"{address}.png", book["isbn"])
    assert f'href="/?start=t{book["id"]}"' in page.text and "可借" in page.text
    assert "Set-Cookie" not in page.headers and page.headers["Cache-Control"] == "public, max-age=60"
    assert everything(stage) == before


def test_the_page_gives_no_cookie_to_who_has_one(stage: Stage, visitor: httpx.Client) -> None:
    """A shared cache that kept one would hand a reader's talk to the next visitor."""
    assert "Set-Cookie" in visitor.get("/").headers
    assert "Set-Cookie" not in visitor.get(f"/b/{a_book(stage)['id']}").headers
    assert "Set-Cookie" not in visitor.get("/b/999999").headers


def test_the_page_speaks_the_asked_language(stage: Stage, visitor: httpx.Client) -> None:
    page = visitor.get(f"/b/{a_book(stage)['id']}?lang=en")
    assert '<html lang="en">' in page.text and "Borrow it in Shuxin" in page.text


def test_the_preview_is_a_picture_of_our_own(stage: Stage, visitor: httpx.Client) -> None:
    picture = visitor.get(f"/b/{a_book(stage)['id']}.png")
    assert picture.headers["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert len(picture.content) < 100_000


@pytest.mark.parametrize("where", ["/b/999999", "/b/" + "9" * 5000, "/b/x", "/b/1'", "/b/-1", "/b/1/2"])
def test_an_unknown_book_is_a_kind_404(visitor: httpx.Client, where: str) -> None:
    page = visitor.get(where)
    assert page.status_code == 404 and "没有找到这本书" in page.text and 'href="/"' in page.text


def test_a_withdrawn_book_has_no_page(stage: Stage, visitor: httpx.Client) -> None:
    last = stage.count("SELECT MAX(id) FROM titles")
    with stage.store.writing() as db:
        db.run("UPDATE titles SET withdrawn = 1 WHERE id = :id", id=last)
    assert visitor.get(f"/b/{last}").status_code == visitor.get(f"/b/{last}.png").status_code == 404


def test_an_unread_photo_says_how_to_take_one(phone: Phone, stage: Stage) -> None:
    blank = take("9787999999997", Shot(blur=30))
    [answer] = phone.turn(lambda: stage.telegram.send_photo(phone.chat, blank))
    assert "没有读到书的条码" in answer.text
    assert [button["text"] for button in answer.buttons] == ["分类浏览", "转人工"]
