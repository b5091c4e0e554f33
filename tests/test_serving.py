"""What answers HTTP: nobody holds the others up, and what is under way is answered to the end."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import count

import httpx
import pytest
from flask import Flask, g, request

import serving
from commands import running
from tests.background import answering


@pytest.fixture
def app() -> Flask:
    made = Flask("test")
    made.extensions["shuxin"] = {"telegram": None}
    made.add_url_rule("/length", "length", lambda: str(len(request.get_data())), methods=["POST"])
    made.add_url_rule("/who", "who", lambda: request.remote_addr or "")
    requests = count()
    made.add_url_rule("/seen", "seen", lambda: str(g.setdefault("seen", next(requests))))
    return made


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """One thread for all pages."""
    with answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as found:
        yield found


def test_one_who_sends_slowly_holds_no_thread(address: str) -> None:
    port = httpx.URL(address).port or 0
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n12345")
        time.sleep(0.1)
        assert httpx.post(f"{address}/length", content=b"123", timeout=5).text == "3"
        slow.sendall(b"67890")
        assert slow.makefile("rb").read().endswith(b"10")


@pytest.mark.parametrize("size", [0, 1, serving.GATHERED - 1, serving.GATHERED + 100_000])
def test_a_body_arrives_whole(address: str, size: int) -> None:
    assert httpx.post(f"{address}/length", content=b"x" * size, timeout=30).text == str(size)


def test_a_body_whose_length_nobody_says_arrives_whole(app: Flask, address: str) -> None:
    """Some proxies pass a body on in chunks."""
    app.add_url_rule("/few", "few", few, methods=["POST"])
    chunks = [b"x" * 1000] * 20
    assert httpx.post(f"{address}/length", content=iter(chunks), timeout=5).text == "20000"
    assert httpx.post(f"{address}/few", content=iter(chunks), timeout=5).status_code == 413


def few() -> str:
    request.max_content_length = 1000
    return str(len(request.get_data()))


def test_of_a_body_without_a_length_no_page_reads_half(address: str) -> None:
    chunks = [b"x" * 1_000_000] * (serving.GATHERED // 1_000_000 + 1)
    assert httpx.post(f"{address}/length", content=iter(chunks), timeout=30).status_code == 413


@pytest.mark.parametrize("rest", [b"Content-Length: 10\r\n\r\n123", b"Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n"])
def test_a_body_cut_halfway_reaches_no_page(app: Flask, address: str, rest: bytes) -> None:
    lengths: list[int] = []

    def keep() -> str:
        lengths.append(len(request.get_data()))
        return ""

    app.add_url_rule("/keep", "keep", keep, methods=["POST"])
    with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line:
        line.sendall(b"POST /keep HTTP/1.1\r\nHost: x\r\n" + rest)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1000) == b""
    assert httpx.get(f"{address}/who").text == "127.0.0.1"  # the one thread has nothing before this
    assert lengths == []


@pytest.mark.parametrize("begun", [b"", b"GET /who HTTP/1.1\r\nHost:"])
def test_a_line_on_which_no_request_comes_is_let_go(app: Flask, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """Each held one of our open files, for ever."""
    monkeypatch.setattr(serving, "SILENCE", 0.1)
    with (
        answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address,
        socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line,
    ):
        line.sendall(begun)
        assert line.recv(1000) == b""


@pytest.mark.parametrize("before", [b"", b"GET /who HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_a_head_without_end_is_read_no_further(address: str, before: bytes) -> None:
    """Fifty megabytes of it, and nobody else was answered for six seconds."""
    with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line:
        line.sendall(before)
        answered = b""
        while before and not answered.endswith(b"127.0.0.1"):  # head and body may come apart
            answered += line.recv(1000)
        line.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\nX: ")
        line.sendall(b"a" * 66_000)
        assert line.recv(1000).startswith(b"HTTP/1.1 431 ")
        assert line.recv(1000) == b""
    assert httpx.get(f"{address}/who", headers={"X": "a" * 30_000}).status_code == 200


def test_each_head_on_a_line_that_is_kept_is_measured_by_itself(address: str) -> None:
    with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line:
        for _ in range(4):
            line.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 30_000)
            time.sleep(0.05)  # so that it comes in two parts
            line.sendall(b"\r\n\r\n")
            answered = b""
            while not answered.endswith(b"127.0.0.1"):
                answered += line.recv(1000)
                assert answered.startswith(b"HTTP/1.1 200 ")


def test_a_second_request_that_comes_in_drops_has_no_more_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENCE", 0.1)
    with (
        answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address,
        socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line,
    ):
        line.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(OSError):
            for letter in b"GET /" + b"x" * 100:
                line.sendall(bytes([letter]))
                time.sleep(0.02)


def test_a_body_that_stops_coming_is_waited_for_no_longer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENCE", 0.1)
    with (
        answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address,
        socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line,
    ):
        line.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
        assert line.makefile("rb").read().startswith(b"HTTP/1.1 408 ")


def test_a_page_that_takes_long_and_a_line_kept_for_the_next_are_not_cut(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long() -> str:
        time.sleep(0.2)
        return str(request.environ["REMOTE_PORT"])

    monkeypatch.setattr(serving, "SILENCE", 0.1)
    app.add_url_rule("/long", "long", long)
    with (
        answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address,
        httpx.Client(base_url=address) as client,
    ):
        first = client.get("/long").text
        time.sleep(0.2)
        assert client.get("/long").text == first


def test_at_the_end_who_is_still_sending_is_told_to_come_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "LAST_ANSWERS", 0.1)
    with answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address:
        line = socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5)
        line.sendall(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
        assert httpx.get(f"{address}/who").text == "127.0.0.1"
    with line:
        assert line.recv(1000).startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in caplog.text


def test_as_many_may_be_connected_as_the_system_lets_us_have() -> None:
    """Each open page holds one; without room for one more, the catalogue and its index cannot be read either."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        serving.room_for_many()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_who_asks_is_who_is_connected_whatever_they_say(address: str) -> None:
    assert httpx.get(f"{address}/who", headers={"X-Forwarded-For": "6.6.6.6"}).text == "127.0.0.1"


@pytest.mark.parametrize("target", [b"/\xff", b"/who?\xff", b"who"])
def test_a_request_that_is_none_is_refused_and_the_next_is_answered(address: str, target: bytes) -> None:
    with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0), timeout=5) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert line.recv(1000).split(b" ")[1][:1] == b"4"
    assert httpx.get(f"{address}/who").text == "127.0.0.1"


def test_a_request_knows_nothing_of_the_one_before_even_from_within_a_command(app: Flask) -> None:
    door, server = serving.listening("127.0.0.1", 0), serving.server(app, 1)

    def command() -> None:
        with app.app_context():
            serving.run(server, door)

    thread = threading.Thread(target=command)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{door.getsockname()[1]}") as client:
            assert [client.get("/seen").text for _ in range(3)] == ["0", "1", "2"]
    finally:
        server.should_exit = True
        thread.join()
        door.close()


def test_what_is_under_way_is_answered_before_the_end(app: Flask) -> None:
    begun = threading.Event()

    def slow() -> str:
        begun.set()
        time.sleep(0.3)
        return "done"

    app.add_url_rule("/slow", "slow", slow)
    found: list[str] = []
    with answering(serving.server(app, 1), serving.listening("127.0.0.1", 0)) as address:
        asking = threading.Thread(target=lambda: found.append(httpx.get(f"{address}/slow", timeout=5).text))
        asking.start()
        assert begun.wait(5)
    asking.join()
    assert found == ["done"]


def test_who_comes_while_much_is_built_hears_so_and_is_heard_afterwards(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For minutes the page stood empty, and Telegram's updates hung; a half-ready service takes nobody's words."""
    monkeypatch.setattr(serving, "PATIENCE", 0.0)
    door = serving.listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    with serving.refusing(door, partial(running._not_yet, "云栖 & 友")):
        page, posted = httpx.get(address), httpx.post(f"{address}/webhooks/telegram", json={"update_id": 1})
        health = httpx.get(f"{address}/healthz")
    assert [answer.status_code for answer in (page, posted, health)] == [503, 503, 503]
    assert health.json() == {"ok": False, "wrong": "still starting"}
    assert page.headers["Retry-After"] == str(running.AGAIN)
    assert all(said in page.text for said in ("云栖 &amp; 友", "准备书目", "準備書目", "getting its catalogue ready"))
    with answering(serving.server(app, 1), door) as ready:
        assert httpx.post(f"{ready}/length", content=b"123", timeout=5).text == "3"


def test_a_usual_start_refuses_nobody(app: Flask) -> None:
    """Who comes within its seconds waits in line, and is answered by the pages."""
    door = serving.listening("127.0.0.1", 0)
    with socket.create_connection(door.getsockname(), timeout=5) as early:
        early.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with serving.refusing(door, partial(running._not_yet, "云栖")):
            pass
        with answering(serving.server(app, 1), door):
            assert early.makefile("rb").read().endswith(b"127.0.0.1")
