"""Signing in to the librarian's page: right, wrong, too often, from elsewhere."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask

from admin import entrance, guard, passwords, staff
from admin.migrations import migrations
from lending.database import Store
from tests.admin.conftest import Hand
from tests.small_desk import PASSWORD, QUICK

ROOMS = (
    "/admin", "/admin/live", "/admin/escalations", "/admin/escalations/RG261119-1", "/admin/orders",
    "/admin/returns", "/admin/readers", "/admin/readers/R000001", "/admin/cases", "/admin/messages",
    "/admin/account", "/admin/colleagues",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_asks_for_a_librarian_first(stranger: Hand, chief: Hand, room: str) -> None:
    answer = stranger.client.get(room)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login")
    assert chief.get(room).status_code == 200


def test_the_right_password_opens_and_a_wrong_one_or_unknown_name_says_the_same(stranger: Hand, store: Store) -> None:
    wrong = stranger.sign_in(password="not the password")
    unknown = stranger.sign_in(name="nobody")
    assert wrong.status_code == unknown.status_code == 401
    said = [answer.get_data(as_text=True).split('role="alert">')[1].split("<")[0] for answer in (wrong, unknown)]
    assert said[0] == said[1]
    assert "今天的柜台" in stranger.sign_in().get_data(as_text=True)
    deeds = [row["action"] for row in staff.logged(store.db, limit=3)]
    assert deeds == ["sign_in", "sign_in_refused", "sign_in_refused"]


def test_an_unknown_name_costs_a_guesser_as_much_as_a_known_one(
    store: Store, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fits(stored: str, password: str) -> bool:
        asked.append(stored)
        return False

    monkeypatch.setattr(passwords, "fits", fits)
    assert staff.check(store.db, "admin", "x") is None and staff.check(store.db, "nobody", "x") is None
    assert len(asked) == 2 and asked[1] == passwords.NOBODY
    assert passwords.NOBODY.startswith("$argon2id$v=19$m=65536,t=3,"), "64 MiB, three rounds"


def test_at_most_two_passwords_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [0], [0]

    class Slow:
        def hash(self, password: str) -> str:
            running[0] += 1
            most[0] = max(most[0], running[0])
            time.sleep(0.02)
            running[0] -= 1
            return password

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=passwords.hashed, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def tried(hand: Hand, times: int, address: str = "127.0.0.1", name: str = "wang", password: str = "no") -> list[int]:
    """What so many tries from there are answered."""
    hand.client.environ_base["REMOTE_ADDR"] = address
    hand.get("/admin/login")
    return [hand.send("/admin/login", name=name, password=password).status_code for _ in range(times)]


def test_after_eight_wrong_tries_one_must_wait_and_is_told_how_long(stranger: Hand) -> None:
    assert tried(stranger, 9) == [401] * 8 + [429]
    assert "请 5 分钟后再来" in stranger.post("/admin/login", name="wang", password="no").get_data(as_text=True)
    assert stranger.sign_in("wang").status_code == 429, "even the right password waits"
    assert stranger.sign_in("admin").status_code == 200, "another name does not"


def test_who_guesses_keeps_nobody_out_who_is_elsewhere(stranger: Hand, app: Flask) -> None:
    assert tried(stranger, 30, "203.0.113.9")[-1] == 429
    assert tried(Hand(app), 1, "198.51.100.7", password=PASSWORD) == [302]


def test_who_guesses_keeps_out_no_browser_that_signed_in_by_that_name(stranger: Hand, app: Flask) -> None:
    """A guest in the library's own network has its address; whoever has many addresses fills what a name has."""
    wang = Hand(app)
    wang.sign_in("wang")
    wang.post("/admin/logout")
    assert tried(stranger, 20)[-1] == 429
    assert tried(Hand(app), 1, password=PASSWORD) == [429], "the same address, never seen"
    for n in range(40):
        tried(Hand(app), 8, f"203.0.113.{n}")
    elsewhere = Hand(app)
    assert tried(elsewhere, 1, "198.51.100.7", password=PASSWORD) == [429]
    said = elsewhere.post("/admin/login", name="wang", password=PASSWORD).get_data(as_text=True)
    assert "请用您登录过的浏览器登录" in said
    assert tried(elsewhere, 1, "198.51.100.7", name="admin", password=PASSWORD) == [302], "another name"
    assert wang.sign_in("wang").status_code == 200


def test_a_known_browser_guesses_no_faster_and_is_known_by_its_own_names_alone(stranger: Hand, chief: Hand) -> None:
    """A shared desk: both names are known there; a third is not."""
    chief.post("/admin/logout")
    assert tried(stranger, 20)[-1] == 429
    assert tried(chief, 1, password=PASSWORD) == [429], "signed in as the chief, not as 小王"
    assert tried(chief, 1, "198.51.100.7", password=PASSWORD) == [302]
    chief.get("/admin")
    chief.post("/admin/logout")
    for name in ("wang", "admin"):
        assert tried(chief, 9, name=name) == [401] * 8 + [429]


def test_what_makes_a_browser_known_cannot_be_made_up_or_used_for_another_name(
    stranger: Hand, chief: Hand, app: Flask
) -> None:
    chief.post("/admin/logout")
    mine = chief.client.get_cookie(entrance._cookie("admin"), path="/admin/login")
    assert mine and mine.http_only and mine.same_site == "Strict" and mine.path == "/admin/login"
    assert tried(stranger, 20)[-1] == 429
    for value in (mine.value, mine.value[:-2], f"{mine.value}x", "WyJ3YW5nIiwiMSJd.a.b", "", "é"):
        other = Hand(app)
        other.client.set_cookie(entrance._cookie("wang"), value, path="/admin/login")
        assert tried(other, 1, password=PASSWORD) == [429], value


def test_one_line_of_the_new_internet_is_one_guesser(stranger: Hand) -> None:
    told = [tried(stranger, 1, f"2001:db8:1:2::{n:x}")[0] for n in range(9)]
    assert told == [401] * 8 + [429]
    assert tried(stranger, 1, "2001:db8:1:3::1") == [401]
    assert tried(stranger, 9, "unix:")[-1] == 429


def test_one_address_cannot_try_many_names(stranger: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "NOBODY", QUICK.hash("nobody's"))
    stranger.get("/admin/login")
    tries = [stranger.post("/admin/login", name=f"guess{n}", password="no").status_code for n in range(21)]
    assert tries == [401] * 20 + [429]


@pytest.mark.parametrize("path", [
    "/admin/login", "/admin/logout", "/admin/language", "/admin/returns", "/admin/orders/SX261119-0003/step",
    "/admin/escalations/RG261119-1/claim", "/admin/escalations/RG261119-1/answer", "/admin/account/password",
    "/admin/colleagues", "/admin/readers/R000001/standing", "/admin/readers/R000001/card",
    "/admin/appeals/GA261120-1/step", "/admin/cases/PF261120-1/step",
    "/admin/repairs", "/admin/messages/1/again",
])  # fmt: skip
def test_a_form_without_our_token_is_refused(chief: Hand, store: Store, path: str) -> None:
    before = store.db.value("SELECT COUNT(*) FROM staff_log")
    assert chief.client.post(path, data={"name": "admin", "password": PASSWORD}).status_code == 400
    assert chief.client.post(path, data={"csrf_token": "made up"}).status_code == 400
    assert store.db.value("SELECT COUNT(*) FROM staff_log") == before


def test_signing_in_leads_to_the_room_wanted_and_never_to_another_site(stranger: Hand) -> None:
    for wanted, place in (
        ("/admin/orders", "/admin/orders"),
        ("//evil.example/admin", "/admin"),
        ("/admin/\\evil", "/admin"),
    ):
        stranger.get("/admin/login")
        answer = stranger.send(f"/admin/login?next={wanted}", name="admin", password=PASSWORD)
        assert answer.headers["Location"] == place
        stranger.get("/admin")
        stranger.post("/admin/logout")


def test_a_store_taken_away_is_said_also_where_no_page_can_be_made(chief: Hand, store: Store) -> None:
    chief.get("/admin")
    store.path.rename(aside := store.path.with_name("aside"))
    with ThreadPoolExecutor(1) as another:  # a thread that has not read yet
        answer = another.submit(chief.client.get, "/admin/orders").result()
    assert (answer.status_code, answer.text) == (503, "现在没有存上，什么都没改。请过一会儿再试。")
    aside.rename(store.path)
    assert chief.get("/admin/orders").status_code == 200


def test_what_a_full_disk_refused_is_shown_to_be_sent_again(chief: Hand, store: Store) -> None:
    """Whoever has written a long answer is not to write it twice."""
    chief.get("/admin/announcements")
    store._writer.conn.execute("PRAGMA query_only = 1")
    answer = chief.send("/admin/announcements", text="明天下午盘点，三点关门")
    store._writer.conn.execute("PRAGMA query_only = 0")
    assert answer.status_code == 503
    assert "您写的还在这里" in answer.text and "明天下午盘点，三点关门" in answer.text
    assert "您写的还在这里" not in chief.client.get("/admin/orders/SX000000-0000").text


def test_signing_out_ends_it(chief: Hand) -> None:
    chief.post("/admin/logout")
    assert chief.client.get("/admin").status_code == 302


def test_a_copied_cookie_opens_nothing_once_its_librarian_has_signed_out(chief: Hand, app: Flask) -> None:
    """Other sittings of the same librarian go on."""
    kept, elsewhere, copied = chief.client.get_cookie("session"), Hand(app), app.test_client()
    elsewhere.sign_in()
    assert kept
    chief.post("/admin/logout")
    copied.set_cookie("session", kept.value)
    assert copied.get("/admin").status_code == 302
    assert elsewhere.client.get("/admin").status_code == 200


def test_what_cannot_be_written_down_lets_nobody_in_and_keeps_nobody_in(stranger: Hand, store: Store) -> None:
    """A sign-in that the log does not know is none; a librarian at a shared desk can leave all the same."""
    stranger.get("/admin/login")
    store._writer.conn.execute("PRAGMA query_only = 1")
    assert stranger.send("/admin/login", name="admin", password=PASSWORD).status_code == 503
    assert stranger.client.get("/admin").status_code == 302
    store._writer.conn.execute("PRAGMA query_only = 0")
    stranger.sign_in()
    store._writer.conn.execute("PRAGMA query_only = 1")
    assert stranger.send("/admin/logout").headers["Location"] == "/admin/login"
    store._writer.conn.execute("PRAGMA query_only = 0")
    assert stranger.client.get("/admin").status_code == 302


def posts(app: Flask) -> dict[str, str]:
    """An address of every form there is: endpoint → path."""
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or ()):
                facts = {name: 1 if "<int" in rule.rule else "R000001" for name in rule.arguments}
                facts |= {name: "R000001" for name in ("number", "name") if name in facts}
                found[rule.endpoint] = app.url_map.bind("localhost").build(rule.endpoint, facts)
    return found


def everything(store: Store) -> str:
    return "\n".join(store.db.conn.iterdump())


def test_no_form_of_any_room_is_taken_without_our_token_or_from_a_stranger(
    app: Flask, chief: Hand, stranger: Hand, store: Store
) -> None:
    before = everything(store)
    stranger.get("/admin/login")
    assert len(posts(app)) > 80
    for endpoint, path in posts(app).items():
        assert chief.client.post(path).status_code == 400, path
        assert chief.client.post(path, data={"csrf_token": "made up"}).status_code == 400, path
        assert chief.client.post(path, data={"csrf_token": stranger.token}).status_code == 400, path
        if endpoint not in guard.OPEN_TO_ALL:
            assert stranger.send(path).status_code == 401, path
    assert everything(store) == before


def test_a_librarian_may_send_every_form_but_the_chiefs(app: Flask, colleague: Hand) -> None:
    """An empty form is answered, never with a broken page."""
    answers = {endpoint: colleague.send(path).status_code for endpoint, path in posts(app).items()
               if endpoint not in ("admin.sign_in", "admin.sign_out")}  # fmt: skip
    closed = {endpoint for endpoint, status in answers.items() if status == 403}
    assert closed == {"admin.add_colleague", "admin.new_password"}
    assert {endpoint: status for endpoint, status in answers.items() if status >= 500} == {}


def test_after_a_long_working_day_one_signs_in_again(chief: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the reader's chat in the same browser keeps its session for a month."""
    began = time.time()
    for hours, status in ((11.9, 200), (12.1, 302)):
        monkeypatch.setattr("admin.guard.time.time", lambda hours=hours: began + hours * 3600)
        assert chief.client.get("/admin").status_code == status


def test_a_new_password_must_be_long_and_ends_other_sessions(chief: Hand, stranger: Hand) -> None:
    stranger.sign_in()
    form = {"old": PASSWORD, "new": "another long one", "again": "another long one"}
    same = {"new": PASSWORD, "again": PASSWORD}
    for wrong in ({"new": "short", "again": "short"}, {"again": "something else"}, {"old": "wrong"}, same):
        assert chief.post("/admin/account/password", **{**form, **wrong}).status_code == 400
    assert chief.post("/admin/account/password", **form).status_code == 200
    assert chief.client.get("/admin").status_code == 200
    assert stranger.client.get("/admin").status_code == 302
    assert stranger.sign_in().status_code == 401
    assert stranger.sign_in(password="another long one").status_code == 200


def test_what_is_written_after_the_login_ended_elsewhere_is_not_swallowed(chief: Hand, app: Flask) -> None:
    chief.post("/admin/escalations/RG261119-1/claim")
    chief.read("/admin/escalations/RG261119-1")
    other = Hand(app)
    other.sign_in()
    other.post("/admin/account/password", old=PASSWORD, new="another long one", again="another long one")
    answer = chief.send("/admin/escalations/RG261119-1/answer", text="可以，<续>到后天。", held_by="小信")
    said = answer.get_data(as_text=True)
    assert answer.status_code == 401 and "登录已过期，刚才的没有发出" in said and "可以，&lt;续&gt;到后天。" in said
    answer = chief.send("/admin/account/password", old=PASSWORD, new="a third one")
    assert "a third one" not in answer.get_data(as_text=True)


def in_another_tab(hand: Hand, app: Flask) -> Hand:
    """The same browser: whoever signs in or out there does so here."""
    other = Hand(app)
    other.client = hand.client
    return other


@pytest.mark.parametrize("in_again", [False, True])
def test_what_is_written_after_signing_out_in_another_tab_is_given_back(
    chief: Hand, app: Flask, store: Store, in_again: bool
) -> None:
    """Its token went with the login, and a page opened anew would be empty."""
    token = chief.token
    other = in_another_tab(chief, app)
    other.read("/admin")
    other.post("/admin/logout")
    if in_again:
        other.sign_in()
    before = everything(store)
    answer = chief.client.post(
        "/admin/cases/PF261119-1/step", data={"csrf_token": token, "note": "封面 <没> 了", "price": "39.5"},
        headers={"Referer": "http://localhost/admin/cases/PF261119-1?shown=1"},
    )  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "封面 &lt;没&gt; 了</p>" in page and ">39.5</p>" in page
    way = "/admin/cases/PF261119-1" if in_again else "/admin/login?next=/admin/cases/PF261119-1"
    assert f'href="{way}"' in page and everything(store) == before
    answer = chief.client.post("/admin/account/password", data={"csrf_token": token, "old": PASSWORD, "new": "no one"})
    assert PASSWORD not in answer.get_data(as_text=True) and "no one" not in answer.get_data(as_text=True)


def test_a_price_is_given_back_beside_the_words_where_the_login_has_expired(
    chief: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    monkeypatch.setattr("admin.guard.time.time", lambda: began + 12.1 * 3600)
    answer = chief.send("/admin/cases/PF261119-1/step", note="封面没了", price="39.5")
    page = answer.get_data(as_text=True)
    assert "登录已过期" in page and ">封面没了</p>" in page and ">39.5</p>" in page


def test_a_form_sent_from_a_refused_one_leads_back_to_the_page_it_belongs_to(chief: Hand, app: Flask) -> None:
    token = chief.token
    refused = {"Referer": "http://localhost/admin/escalations/RG261119-1/answer"}
    in_another_tab(chief, app).post("/admin/logout", csrf_token=chief.token)
    answer = chief.client.post(
        "/admin/escalations/RG261119-1/answer", data={"csrf_token": token, "text": "好"}, headers=refused
    )
    assert 'href="/admin/login?next=/admin/escalations/RG261119-1"' in answer.get_data(as_text=True)


def test_words_that_another_site_sends_are_not_shown_as_ones_own(chief: Hand) -> None:
    answer = chief.client.post(
        "/admin/returns", data={"csrf_token": "made up", "note": "请打 400 转账"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 400 and "转账" not in answer.get_data(as_text=True)


def test_a_page_that_names_no_address_it_came_from_is_shown(app: Flask, chief: Hand) -> None:
    """What a browser would never send is no error of ours."""
    nowhere = {"Referer": "http://["}
    assert chief.client.get("/admin/readers/R000001", headers=nowhere).status_code == 200
    token, somebody = chief.token, app.test_client()
    somebody.set_cookie("session", chief.client.get_cookie("session").value)  # type: ignore[union-attr]
    chief.post("/admin/account/password", old=PASSWORD, new="another long one", again="another long one")
    answer = somebody.post("/admin/returns", data={"csrf_token": token, "note": "写到一半"}, headers=nowhere)
    assert answer.status_code == 401 and "写到一半" in answer.get_data(as_text=True)


def test_the_first_password_is_made_once_and_kept_only_as_a_hash(store: Store, now: datetime) -> None:
    with store.writing() as db:
        migrations.apply(db)
    password = staff.first_password(store.db, now)
    assert password is not None and len(password) >= passwords.SHORTEST
    assert staff.first_password(store.db, now) is None
    assert all(password not in str(value) for row in store.db.all("SELECT * FROM staff") for value in row.values())
    found = staff.check(store.db, "admin", password)
    assert found is not None and found.must_change


def test_pages_are_not_kept_framed_or_scripted_from_elsewhere(chief: Hand) -> None:
    headers = chief.get("/admin").headers
    assert headers["Cache-Control"] == "no-store" and headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in headers["Content-Security-Policy"]
    page = chief.read("/admin")
    assert "style=" not in page and "onclick" not in page and "<script>" not in page and "<style" not in page


def test_the_session_cookie_is_for_our_own_pages_only(stranger: Hand) -> None:
    stranger.get("/admin/login")
    answer = stranger.send("/admin/login", name="admin", password=PASSWORD)
    (cookie,) = (each for each in answer.headers.getlist("Set-Cookie") if each.startswith("session="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_tries_that_were_refused_push_no_deed_off_the_chiefs_page(chief: Hand, store: Store, now: datetime) -> None:
    """B2-22: whoever guesses names all night hides nothing that was done."""
    staff.log(store.db, "admin", "see_address", "order:SX261120-0001", now)
    for n in range(120):
        staff.log(store.db, "", "sign_in_refused", f"staff:guest{n}", now, address="203.0.113.9")
    said = chief.get("/admin/colleagues").get_data(as_text=True)
    done, refused = said.split("没有登录成的：最近 20 次")
    assert "SX261120-0001" in done and "guest1" not in done
    assert "guest119" in refused and "guest99" not in refused and "203.0.113.9" in refused
