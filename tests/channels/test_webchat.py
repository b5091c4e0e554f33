"""The web chat's addresses: one event once, one's own messages only, clear words for what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.channels.webchat import talk
from bot.events import Button, Card, Reply
from lending import evidence
from lending.database import Store
from lending.policy import load_policy
from tests.small_library import PROMISES, SmallLibrary, application


@pytest.fixture
def parts(store: Store) -> Iterator[tuple[FlaskClient, SmallLibrary]]:
    app, library = application(store)
    yield app.test_client(), library


@pytest.fixture
def client(parts: tuple[FlaskClient, SmallLibrary]) -> FlaskClient:
    return parts[0]


@pytest.fixture
def library(parts: tuple[FlaskClient, SmallLibrary]) -> SmallLibrary:
    return parts[1]


def post(client: FlaskClient, **event: object) -> TestResponse:
    return client.post("/chat/events", json=event)


def body(response: TestResponse) -> Any:
    return response.json


def texts(response: TestResponse) -> list[str]:
    return [message["text"] for message in body(response)["messages"]]


def test_a_line_is_answered_in_the_same_response(client: FlaskClient) -> None:
    client.get("/")
    answer = post(client, id="e1", text="你好")
    assert answer.status_code == 200
    assert texts(answer) == ["您说的是：你好"]
    assert body(answer)["language"] == "zh-Hans"


def test_a_line_that_cannot_be_opened_hides_no_other(client: FlaskClient, library: SmallLibrary) -> None:
    client.get("/")
    for n, text in enumerate(("甲", "乙", "丙")):
        post(client, id=f"e{n}", text=text)
    with library.store.writing() as db:
        for table, name in (("inbox", "text"), ("outbox", "body")):
            db.run(f"UPDATE {table} SET {name} = SUBSTR({name}, 1, 30) || 'AAAA' || SUBSTR({name}, 35) WHERE rowid = 2")
    told = client.get("/chat/messages?after=0")
    assert sorted(texts(told)) == ["丙", "您说的是：丙", "您说的是：甲", "甲"]
    assert client.get("/chat/plain").status_code == 200


def test_the_same_id_is_one_event(client: FlaskClient, library: SmallLibrary) -> None:
    """B2-3: a line sent again after a broken connection is taken once, and its answer still comes."""
    first = post(client, id="e1", text="你好", after=0)
    again = post(client, id="e1", text="你好", after=0)
    assert len(library.taken) == 1
    assert texts(first) == texts(again)


def test_two_readers_may_use_the_same_id(store: Store) -> None:
    app, library = application(store)
    for name in ("甲", "乙"):
        assert texts(post(app.test_client(), id="1", text=name)) == [f"您说的是：{name}"]
    assert len(library.taken) == 2


def test_only_what_is_newer_is_given(client: FlaskClient) -> None:
    first = body(post(client, id="e1", text="一"))["messages"][0]["id"]
    assert texts(post(client, id="e2", text="二", after=first)) == ["您说的是：二"]
    assert texts(client.get(f"/chat/messages?after={first}")) == ["您说的是：二"]


def test_a_page_that_knows_more_than_the_library_is_told_to_begin_anew(client: FlaskClient) -> None:
    """Yesterday's copy was put back: an open page showed no answer for as long as the numbers lay behind its own."""
    first = body(post(client, id="e1", text="一"))["messages"][0]["id"]
    assert "anew" not in body(client.get(f"/chat/messages?after={first}"))
    asked = client.get(f"/chat/messages?after={first + 1000}")
    assert (body(asked)["messages"], body(asked)["anew"]) == ([], True)
    assert body(post(client, id="e2", text="二", after=first + 1000))["anew"]
    assert texts(client.get("/chat/messages?after=0"))[-2:] == ["二", "您说的是：二"], "said, and taken in"


def test_a_reload_shows_both_sides(client: FlaskClient) -> None:
    post(client, id="hello", start="hello")
    post(client, id="e1", text="你好")
    post(client, id="e2", press="yes", message=2)
    post(client, id="e3", location=[30.27, 120.15])
    lines = body(client.get("/chat/messages?after=0"))["messages"]
    assert [line["text"] for line in lines if line["from"] == "reader"] == ["你好", "确认", "我的位置"]
    assert len([line for line in lines if line["from"] == "library"]) == 4
    assert next(line["id"] for line in lines if line["from"] == "reader") == "e1"


def test_a_long_talk_shows_its_end(client: FlaskClient, library: SmallLibrary, store: Store) -> None:
    post(client, id="e1", text="你好")
    with store.writing() as db:
        for n in range(250):
            library.say(db, library.taken[0].address, Reply(f"第 {n} 句"), datetime.now(UTC))
    lines = body(client.get("/chat/messages?after=0"))["messages"]
    library_lines = [line["text"] for line in lines if line["from"] == "library"]
    assert library_lines[-1] == "第 249 句"
    assert len(library_lines) == 200


def test_nobody_reads_another_readers_talk(store: Store) -> None:
    app, _ = application(store)
    mine, other = app.test_client(), app.test_client()
    message = body(post(mine, id="e1", text="取书码"))["messages"][0]
    post(other, id="e1", text="你好")
    assert texts(other.get("/chat/messages?after=0")) == ["你好", "您说的是：你好"]
    assert mine.get(message["qr"]).status_code == 200
    assert other.get(message["qr"]).status_code == 404
    assert app.test_client().get(message["qr"]).status_code == 404


def test_a_kept_picture_is_seen_by_whom_it_was_shown_to_and_goes_with_its_time(store: Store) -> None:
    """D-9: the other reader sees what the book looks like; nobody else, and not for ever."""
    app, library = application(store)
    mine, other = app.test_client(), app.test_client()
    post(mine, id="e1", text="你好")
    post(other, id="e1", text="你好")
    now = datetime.now(UTC)
    evidence.add(store.db, "transfer", 1, 1, b"\xff\xd8\xff" + b"0" * 9, load_policy(), now)
    with store.writing() as db:
        library.say(db, library.taken[0].address, Reply("对方拍的样子", picture=1), now)
        library.say(db, library.taken[1].address, Reply("您好"), now)
    shown = body(mine.get("/chat/messages?after=0"))["messages"][-1]
    picture = mine.get(shown["picture"])
    assert picture.mimetype == "image/jpeg" and picture.headers["X-Content-Type-Options"] == "nosniff"
    assert other.get(shown["picture"]).status_code == app.test_client().get(shown["picture"]).status_code == 404
    plain = body(other.get("/chat/messages?after=0"))["messages"][-1]
    assert plain["picture"] is None and other.get(f"/chat/pictures/{plain['id']}").status_code == 404
    with store.writing() as db:
        evidence.forget(db, 1)
    assert mine.get(shown["picture"]).status_code == 404


def test_without_a_session_there_is_nothing(client: FlaskClient) -> None:
    assert client.get("/chat/messages?after=0").json == {"messages": [], "language": "zh-Hans", "large": False}


def test_the_qr_is_a_picture_without_script_or_style(client: FlaskClient) -> None:
    picture = client.get(body(post(client, id="e1", text="取书码"))["messages"][0]["qr"])
    assert picture.mimetype == "image/svg+xml"
    assert b"<svg" in picture.data and b"<script" not in picture.data and b"style=" not in picture.data


def test_a_card_says_what_the_text_says_without_saying_it_twice(client: FlaskClient) -> None:
    message = body(post(client, id="e1", text="围城"))["messages"][0]
    assert "《围城》" in message["text"]
    assert message["lead"] == "找到 1 种：\n回复编号就能借。"
    card = message["cards"][0]
    assert (card["title"], card["shelf"], card["class"], len(card["buttons"])) == ("围城", "I246.5/8", "I", 3)


def test_a_line_that_says_more_than_its_card_stays() -> None:
    card = Card("《书》", "某人 · 1991", "I", "可借 1 本")
    said = "1. 《书》\n某人 · 1991\nI 可借 1 本\nII 另有一册在城东馆，可借 1 本\n\n1. 《书》\n\n回复编号就能借这本书。"
    assert talk.lead(said, (card,)) == "II 另有一册在城东馆，可借 1 本\n回复编号就能借这本书。"
    assert talk.lead("没有卡片", ()) == "没有卡片"


def test_a_line_that_names_a_book_in_passing_stays() -> None:
    said = "没有完全对上「我有《书》想漂流」：\n1. 《书》\n某人 · 1991"
    assert talk.lead(said, (Card("书", "某人 · 1991"),)) == "没有完全对上「我有《书》想漂流」："


def test_two_books_of_one_name_have_each_their_number() -> None:
    cards = (Card("高等微积分", "甲"), Card("数学", "乙"), Card("高等微积分", "丙"))
    text = "1. 《高等微积分》\n甲\n\n2. 《数学》\n乙\n\n3. 《高等微积分》\n丙"
    assert [card["n"] for card in talk._cards(cards, text)] == [1, 2, 3]


def test_a_card_carries_the_number_it_can_be_chosen_by(client: FlaskClient) -> None:
    cards = body(post(client, id="e1", text="找书"))["messages"][0]["cards"]
    assert [card["n"] for card in cards] == [1, 2, 3]


@pytest.mark.parametrize(
    "event",
    [
        {"text": "没有编号"},
        {"id": "", "text": "x"},
        {"id": 7, "text": "x"},
        {"id": "e" * 101, "text": "x"},
        {"id": "e"},
        {"id": "e", "text": ""},
        {"id": "e", "text": "  \n"},
        {"id": "e", "text": ["x"]},
        {"id": "e", "text": "x" * 4097},
        {"id": "e", "text": "x\x00y"},
        {"id": "e\ud800", "text": "x"},
        {"id": "e", "text": "x", "press": "y"},
        {"id": "e", "press": "书" * 30},
        {"id": "e", "press": "y", "message": "z"},
        {"id": "e", "press": "y", "message": True},
        {"id": "e", "press": "y", "message": 2**63},
        {"id": "e", "start": "no spaces"},
        {"id": "e", "start": "t12\n"},
        {"id": "e", "location": [1]},
        {"id": "e", "location": "30,120"},
        {"id": "e", "location": [91, 0]},
        {"id": "e", "location": [float("nan"), 0]},
        {"id": "e", "location": [True, 0]},
        {"id": "e", "text": "x", "after": -1},
        {"id": "e", "text": "x", "after": 1.5},
    ],
)
def test_what_is_no_event_is_refused_in_words(
    client: FlaskClient, library: SmallLibrary, event: dict[str, object]
) -> None:
    answer = post(client, **event)
    assert answer.status_code == 400
    assert body(answer)["error"]
    assert library.taken == []


@pytest.mark.parametrize("posted", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 60_000, b'{"id":"' + b"x" * 70_000])
def test_what_is_no_json_object_is_refused_in_words(client: FlaskClient, posted: bytes) -> None:
    answer = client.post("/chat/events", data=posted, content_type="application/json")
    assert answer.status_code == 400
    assert body(answer)["error"]


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 30, "²"])
def test_a_wrong_place_to_read_from_is_refused(client: FlaskClient, after: str) -> None:
    assert client.get("/chat/messages", query_string={"after": after}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "localhost"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/chat/events", "/chat/plain"])
def test_another_sites_page_cannot_speak_for_the_reader(
    client: FlaskClient, library: SmallLibrary, path: str, headers: dict[str, str], status: int
) -> None:
    event = {"id": "e1", "text": "你好"}
    said = {"json": event} if path == "/chat/events" else {"data": event, "follow_redirects": True}
    assert client.post(path, headers=headers, **said).status_code == status
    assert len(library.taken) == (status == 200)


def test_a_form_cannot_pretend_to_be_json(client: FlaskClient, library: SmallLibrary) -> None:
    answer = client.post("/chat/events", data='{"id":"e","text":"x"}', content_type="text/plain")
    assert answer.status_code == 415
    assert library.taken == []


def test_a_store_that_refuses_is_said_and_the_same_id_works_later(client: FlaskClient, library: SmallLibrary) -> None:
    """Nothing is lost and nothing is pretended: 503, when to come back, and the same event again."""
    library.broken = True
    answer = post(client, id="e1", text="你好")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "再发一次" in body(answer)["error"]
    library.broken = False
    assert texts(post(client, id="e1", text="你好")) == ["您说的是：你好"]


def test_the_cookie_stays_home_and_says_nothing(client: FlaskClient, store: Store) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    with client.session_transaction() as session:
        first = session["chat"]
    assert len(first) >= 32
    other, _ = application(store)
    with other.test_client() as second:
        second.get("/")
        with second.session_transaction() as session:
            assert session["chat"] != first


def test_the_page_allows_nothing_from_elsewhere_and_nothing_inline(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    html = page.get_data(as_text=True)
    assert "<style" not in html and " style=" not in html and not re.search(r" on\w+=", html)
    assert not re.search(r"<script(?![^>]* src=)", html)
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", html) == []


def test_files_are_named_by_their_content(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    addresses = re.findall(r"/chat/static/[^\"]+", html)
    assert {address.split("?")[0] for address in addresses} == {
        "/chat/static/seal.svg", "/chat/static/webchat.css", "/chat/static/webchat.js",
    }  # fmt: skip
    for address in set(addresses):
        answer = client.get(address)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
        assert "immutable" not in client.get(address.split("?")[0]).headers["Cache-Control"]


def test_the_page_keeps_the_four_promises_in_sight(client: FlaskClient) -> None:
    """A1-1: deposit-free, card-free, borrowed online, brought to the door."""
    html = client.get("/").get_data(as_text=True)
    assert "免押金 · 免办卡 · 线上借 · 送上门" in html.replace("\u00a0", " ").split("<body")[1]


@pytest.mark.parametrize(("demo", "seen"), [(True, True), (False, False)])
def test_the_simulator_is_shown_in_a_demonstration_only(store: Store, demo: bool, seen: bool) -> None:
    app, _ = application(store, demo)
    html = app.test_client().get("/").get_data(as_text=True)
    assert ("/simulator" in html) is seen
    assert 'href="/admin"' in html


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [("zh-TW,zh;q=0.9", "zh-Hant"), ("zh-CN", "zh-Hans"), ("en-GB,en", "en"), ("fr,en;q=0.5", "en"), ("fr", "en")],
)
def test_the_page_speaks_the_browsers_language(client: FlaskClient, accepted: str, tag: str) -> None:
    html = client.get("/", headers={"Accept-Language": accepted}).get_data(as_text=True)
    assert f'<html lang="{tag}">' in html


def test_the_switch_is_kept_and_told_to_the_library(client: FlaskClient, library: SmallLibrary) -> None:
    assert client.get("/?lang=en&start=t12").location == "/?start=t12"
    assert '<html lang="en">' in client.get("/").get_data(as_text=True)
    post(client, id="e1", text="hello")
    assert library.taken[-1].language == "en"
    client.get("/?lang=zh-Hant")
    assert library.taken[-1].text == "繁體中文"
    assert '<html lang="zh-Hant">' in client.get("/").get_data(as_text=True)


def test_a_language_said_in_the_talk_is_the_pages_too(client: FlaskClient) -> None:
    client.get("/")
    assert body(post(client, id="e1", text="你好"))["language"] == "zh-Hans"
    assert body(post(client, id="e2", text="English"))["language"] == "en"
    assert '<html lang="en">' in client.get("/").get_data(as_text=True)


def test_a_switch_the_store_cannot_keep_does_not_break_the_page(client: FlaskClient, library: SmallLibrary) -> None:
    post(client, id="e1", text="你好")
    library.broken = True
    assert client.get("/?lang=en", follow_redirects=True).status_code == 200


def test_a_deep_link_is_handed_to_the_page_and_a_wrong_one_is_not(client: FlaskClient) -> None:
    assert 'data-start="t12"' in client.get("/?start=t12").get_data(as_text=True)
    assert 'data-start=""' in client.get("/?start=%22%3E%3Cscript%3E").get_data(as_text=True)


def test_the_whole_talk_works_by_forms_alone(client: FlaskClient, library: SmallLibrary, store: Store) -> None:
    """Without scripts: a hello, a line, a button, all by plain forms, each form taken once."""
    page = client.post("/chat/plain", data={"id": "hello"}, follow_redirects=True)
    assert PROMISES.splitlines()[0] in page.get_data(as_text=True)
    for _ in range(2):
        page = client.post("/chat/plain", data={"id": "f1", "text": "<b>你好"}, follow_redirects=True)
    assert len(library.taken) == 2
    html = page.get_data(as_text=True)
    assert "您说的是：&lt;b&gt;你好" in html and "<script" not in html
    message = re.search(r'name="message" value="(\d+)">\s*<p class="buttons">\s*<button name="press" value="yes"', html)
    assert message
    page = client.post("/chat/plain", data={"id": "f2", "press": "yes", "message": message[1]}, follow_redirects=True)
    assert "按了 yes" in page.get_data(as_text=True)
    assert library.taken[-1].message == int(message[1])


def test_lines_of_one_second_stand_in_the_order_they_were_said(client: FlaskClient) -> None:
    for own_id, text in (("c", "第一句"), ("a", "第二句"), ("b", "第三句")):
        client.post("/chat/plain", data={"id": own_id, "text": text})
    html = client.get("/chat/plain").get_data(as_text=True)
    said = re.findall(r"<p>(?:您说的是：)?第(.)句</p>", html)
    assert said == ["一", "一", "二", "二", "三", "三"]


def test_words_sent_before_the_script_is_there_are_taken_by_the_plain_form(
    client: FlaskClient, library: SmallLibrary
) -> None:
    """On a slow network, or without scripts: the pen of the talking page is a form like any other."""
    form = client.get("/").get_data(as_text=True).split('<form id="form"')[1].split("</form>")[0]
    action, own_id = re.search(r'action="([^"]+)"', form), re.search(r'name="id" value="([^"]+)"', form)
    assert action and own_id and 'method="post"' in form and 'name="text"' in form
    page = client.post(action[1], data={"id": own_id[1], "text": "找 围城"}, follow_redirects=True)
    assert "找 围城" in page.get_data(as_text=True) and library.taken[-1].text == "找 围城"


def test_the_plain_page_shows_an_edit_instead_of_what_it_replaced(client: FlaskClient) -> None:
    post(client, id="e1", text="你好")
    message = body(post(client, id="e2", press="yes"))["messages"][0]["id"]
    post(client, id="e3", press="more", message=message)
    html = client.get("/chat/plain").get_data(as_text=True)
    assert "按了 more" in html and "按了 yes" not in html


def test_the_plain_form_keeps_what_could_not_be_stored(client: FlaskClient, library: SmallLibrary) -> None:
    library.broken = True
    page = client.post("/chat/plain", data={"id": "f1", "text": "找 围城"})
    html = page.get_data(as_text=True)
    assert page.status_code == 503
    assert "没有存上" in html and 'value="f1"' in html and ">找 围城</textarea>" in html


def test_a_dangerous_link_is_no_link_on_the_plain_page(
    client: FlaskClient, library: SmallLibrary, store: Store
) -> None:
    post(client, id="e1", text="你好")
    bad, good = Button("坏", url="javascript:alert(1)"), Button("地图", url="https://map.example/x")
    with store.writing() as db:
        library.say(db, library.taken[0].address, Reply("看", ((bad, good),)), datetime.now(UTC))
    html = client.get("/chat/plain").get_data(as_text=True)
    assert "javascript:" not in html and 'href="https://map.example/x"' in html


# ---- two tabs --------------------------------------------------------------------------------------------------------


def lines(response: TestResponse) -> list[str]:
    """Who said what, the words of a press being its action."""
    return [f"{one['from']}: {one['text'] or one['press']}" for one in body(response)["messages"]]


def test_a_tab_hears_what_the_reader_said_in_another_in_its_turn_and_nothing_twice(client: FlaskClient) -> None:
    """All within one second, which is all the store keeps."""
    first = body(post(client, id="e1", text="一"))["messages"][0]["id"]
    post(client, id="e2", press="yes")
    post(client, id="e3", text="三")
    told = ["reader: yes", "library: 按了 yes", "reader: 三", "library: 您说的是：三"]
    assert lines(client.get(f"/chat/messages?after={first}&heard=e1")) == told
    assert lines(client.get(f"/chat/messages?after={first}")) == [one for one in told if one.startswith("library")]
    last = body(client.get("/chat/messages?after=0"))["messages"][-1]["id"]
    assert lines(client.get(f"/chat/messages?after={last}&heard=e3")) == []
    answer = post(client, id="e4", text="四", after=last, heard="e3")
    assert lines(answer) == ["reader: 四", "library: 您说的是：四"]
    assert lines(client.get(f"/chat/messages?after={last}&heard=never"))[0] == "reader: 一", "an id long forgotten"


@pytest.mark.parametrize("heard", ["\ud800", "x" * 101, 7, ["e1"]])
def test_what_is_no_id_of_a_line_is_refused_in_plain_words(client: FlaskClient, heard: object) -> None:
    answer = post(client, id="e1", text="一", heard=heard)
    assert answer.status_code == 400 and "heard" in body(answer)["error"]
