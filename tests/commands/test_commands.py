"""The `flask` commands as fixed: what they read and print, what they say when something is wrong, how they end."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from commands import remedies
from lending.database import CHECKPOINT_PAGES
from lending.errors import StoreUnwritable
from tests.commandline import ROOT, free_port, here, run, run_from_shell, running, serving
from tests.fakes.telegram_server import TOKEN, FakeTelegram

SOON = 10  # seconds, on a machine busy with other things; about half a second otherwise
FIELDS = {"id", "title", "authors", "publisher", "year", "isbn", "available"}
TITLES = """题名,作者,出版社,出版年,ISBN
秋园记事,杨某某,测试出版社,2020,9787532776771
,无名氏,测试出版社,2021,
夜航西飞记,某人,测试出版社,二〇二二,
"""


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


def lines(out: str) -> list[Any]:
    """JSON, one value a line."""
    return [json.loads(line) for line in out.splitlines()]


def complaint(data: Path, *arguments: str) -> str:
    """The one line a command ends with when it cannot do what it was asked."""
    done = here(data, *arguments)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


# ---- import, reindex -----------------------------------------------------------------------------------------------


def test_a_file_comes_in_and_the_bad_row_is_told_with_its_line_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(TITLES)
    done = run(tmp_path / "data", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert "新增 2" in done.stdout
    assert "第 3 行: 没有书名" in done.stdout
    found = json.loads(here(tmp_path / "data", "search", "秋园记事", "--json").stdout)
    assert [title["title"] for title in found] == ["秋园记事"]


def test_an_import_names_a_few_problems_of_each_kind(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    rows = "".join(f"书{n},人{n},社,C{n},\n" for n in range(30))
    file.write_text(f"题名,责任者,出版社,条码,馆藏地\n{rows},无题,社,C99,zx\n")
    out = here(tmp_path / "data", "import", str(file)).stdout
    assert "第 32 行: 没有书名" in out
    assert out.count("没有写明馆藏地") == 10
    assert "……同样的还有 20 条" in out
    assert "30 种没有复本，能查到、还不能借；加 --copies-at" in out


def test_a_book_named_again_in_the_file_is_counted_so_that_the_figures_add_up(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("题名,责任者,出版社,条码,馆藏地\n秋园记,甲,社,C1,zx\n秋园记,甲,社,C2,zx\n春园记,乙,社,C3,zx\n")
    out = here(tmp_path / "data", "import", str(file)).stdout
    assert "读了 3 条：新增 2，更新 0，不变 0，复本新增 3" in out
    assert "1 条写的是前面已经有的书" in out


def test_copies_of_a_title_that_was_withdrawn_are_told_with_their_number(tmp_path: Path) -> None:
    file, data = tmp_path / "titles.csv", tmp_path / "data"
    file.write_text("题名,责任者,出版社,条码,馆藏地\n秋园记,甲,社,C1,zx\n")
    here(data, "import", str(file))
    with sqlite3.connect(data / "shuxin.sqlite") as db:
        db.execute("UPDATE titles SET withdrawn = 1, withdrawn_why = '记重了'")
    file.write_text("题名,责任者,出版社,条码,馆藏地\n秋园记,甲,社,C2,zx\n秋园记,甲,社,C3,zx\n")
    out = here(data, "import", str(file)).stdout
    assert "复本新增 2" in out and "已经下架的：1 种" in out and "《秋园记》：2 册" in out


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(TITLES)
    here(tmp_path / "data", "import", str(file))
    again = here(tmp_path / "data", "import", str(file))
    assert (again.returncode, "新增 0，更新 0，不变 2" in again.stdout) == (0, True)


def test_titles_without_copies_can_be_given_one_each(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(TITLES)
    first = here(tmp_path / "data", "import", str(file)).stdout
    code = re.search(r"馆代码：(\S+)", first)
    assert code, first
    here(tmp_path / "data", "import", str(file), "--copies-at", code.group(1))
    (found,) = json.loads(here(tmp_path / "data", "search", "秋园记事", "--json").stdout)
    assert found["available"] == 1


def test_an_import_joins_what_is_there(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(TITLES)
    assert here(data, "import", str(file)).returncode == 0
    answers = lines(here(data, "search", "-", "--limit", "1", said="秋园记事\n围城\n").stdout)
    assert [[title["title"] for title in answer] for answer in answers] == [["秋园记事"], ["围城"]]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "找不到这个文件"), (bytes(range(256)) * 40, "看不出这是什么格式的文件"), (b"", "文件是空的")],
    ids=["missing", "binary", "empty"],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "titles.csv"
    if content is not None:
        file.write_bytes(content)
    assert says in complaint(tmp_path / "data", "import", str(file))


def test_an_unknown_branch_is_told(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(TITLES)
    assert "NOWHERE" in complaint(tmp_path / "data", "import", str(file), "--copies-at", "NOWHERE")


def test_the_index_can_be_built_anew(data: Path) -> None:
    shutil.rmtree(data / "index")
    done = here(data, "reindex")
    assert (done.returncode, done.stdout) == (0, "2613 titles\n")


# ---- search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["a file in its place", "current"])
def test_what_stands_in_the_index_s_way_is_told_with_a_way_out(data: Path, what: str) -> None:
    shutil.rmtree(data / "index")
    if what == "current":
        (data / "index" / "current").mkdir(parents=True)
    else:
        (data / "index").write_text("x")
    done = here(data, "search", "围城")
    assert done.returncode == 1
    assert f"Error: {data / 'index'}: cannot be built" in done.stderr
    assert "remove what stands there" in done.stderr


def test_search_prints_a_list_with_the_fixed_fields(data: Path) -> None:
    done = run(data, "search", "围城", "--limit", "3", "--json")
    found = json.loads(done.stdout)
    assert 1 <= len(found) <= 3
    assert all(set(title) == FIELDS for title in found)
    first = found[0]
    assert (first["title"], first["authors"]) == ("围城", ["钱锺书"])
    assert isinstance(first["id"], int)
    assert isinstance(first["available"], int)
    assert first["isbn"] == "9787020024759"
    assert done.stderr == ""


def test_search_for_a_person_prints_lines(data: Path) -> None:
    out = here(data, "search", "weicheng", "--limit", "2").stdout
    assert out.startswith("1. 《围城》 钱锺书")
    assert len(out.splitlines()) <= 2


def test_each_line_of_a_list_of_queries_gets_its_list(data: Path) -> None:
    """An empty line, a damaged one and a very long one are queries too."""
    said = "围城\n\nzzzzqqqq\n".encode() + b"\xff\xfe\xe5\n" + ("长" * 5000 + "\n").encode() + "圍城".encode()
    done = here(data, "search", "-", "--limit", "2", said=said)
    answers = lines(done.stdout)
    assert done.returncode == 0, done.stderr
    assert len(answers) == 6
    assert answers[1] == []
    assert answers[0][0]["title"] == answers[5][0]["title"] == "围城"
    assert all(len(answer) <= 2 for answer in answers)


def test_a_list_made_elsewhere_is_read_line_by_line(data: Path) -> None:
    """With a byte order mark, lines that end in CR LF, a stray CR or a null inside, and a megabyte of one line."""
    said = "\ufeff978-7-02-002475-9\r\n".encode() + b"\xce\xa7\r\xb3\xc7\r\n\x00\r\n" + b"x" * 1_000_000 + b"\r\n"
    done = here(data, "search", "-", "--json", "--limit", "10", said=said + "围城\r".encode())
    answers = lines(done.stdout)
    assert (done.returncode, len(answers)) == (0, 5), done.stderr
    assert answers[0][0]["title"] == answers[4][0]["title"] == "围城"
    assert answers[2] == []


def test_many_queries_are_answered_by_one_start(data: Path) -> None:
    """A start costs about two seconds; 200 queries must cost far less than 200 of them."""
    began = time.monotonic()
    one = run_from_shell(data, "search", "-", said="围城\n")
    start = time.monotonic() - began
    many = run_from_shell(data, "search", "-", said="围城\n活着\n三体\nweicheng\n" * 50)
    assert len(lines(one.stdout)) == 1
    assert len(lines(many.stdout)) == 200
    assert time.monotonic() - began - start < 4 * start


def test_nothing_to_read_prints_nothing(data: Path) -> None:
    done = here(data, "search", "-")
    assert (done.returncode, done.stdout) == (0, "")


def test_search_on_a_fresh_machine_finds_the_sample(tmp_path: Path) -> None:
    found = json.loads(here(tmp_path / "data", "search", "围城", "--json").stdout)
    assert found[0]["title"] == "围城"


# ---- understand, chat ----------------------------------------------------------------------------------------------


def test_understand_answers_each_line_even_a_wrong_one(tmp_path: Path) -> None:
    said = '{"text": "借第2本"}\n{"text": "有《围城》吗"}\nnot json\n{"words": 1}\n{"text": 7}\n[]\n\n{"text": ""}\n'
    answers = lines(here(tmp_path / "data", "understand", said=said).stdout)
    assert answers[0] == {"intent": "borrow", "slots": {"n": 2}}
    assert (answers[1]["intent"], answers[1]["slots"]["query"]) == ("search", "围城")
    assert all(set(answer) == {"error"} for answer in answers[2:7])
    assert answers[7] == {"intent": "unknown", "slots": {}}
    assert len(answers) == 8


def action(turn: dict[str, Any], label: str) -> str:
    """What the first button with that label would send."""
    buttons = [button for reply in turn["replies"] for button in reply["buttons"]]
    return str(next(button["action"] for button in buttons if button["label"].startswith(label)))


def test_chat_prints_one_object_a_turn(data: Path) -> None:
    done = here(data, "chat", "--as", "小林", "--json", said="你好\n围城\n\n谢谢\n")
    turns = lines(done.stdout)
    assert len(turns) == 4
    for turn in turns:
        assert set(turn) == {"replies"}
        for reply in turn["replies"]:
            assert set(reply) == {"text", "buttons"}
            assert all(set(button) == {"label", "action"} for button in reply["buttons"])
    assert "围城" in turns[1]["replies"][0]["text"]
    assert turns[3]["replies"]


def test_a_button_is_pressed_by_its_action_and_the_talk_goes_on_next_time(data: Path) -> None:
    (found,) = lines(here(data, "chat", "--as", "小林", "--json", said="围城\n").stdout)
    press = f"/press {action(found, '《围城》')}\n"
    (shown,) = lines(here(data, "chat", "--as", "小林", "--json", said=press).stdout)
    press = f"/press {action(shown, '借这本')}\n"
    (added,) = lines(here(data, "chat", "--as", "小林", "--json", said=press).stdout)
    assert any("围城" in reply["text"] for reply in added["replies"])
    (cart,) = lines(here(data, "chat", "--as", "小林", "--json", said="借书车\n").stdout)
    assert any("围城" in reply["text"] for reply in cart["replies"])
    (other,) = lines(here(data, "chat", "--as", "小王", "--json", said="借书车\n").stdout)
    assert not any("围城" in reply["text"] for reply in other["replies"])


def test_chat_answers_damaged_input_and_unknown_presses(data: Path) -> None:
    done = here(data, "chat", "--json", said=b"\xff\xfe\n/press nonsense:1\n/press\n" + "你好\n".encode())
    assert done.returncode == 0, done.stderr
    assert len(lines(done.stdout)) == 4
    assert lines(done.stdout)[3]["replies"]


def test_bytes_of_another_coding_behind_a_command_are_told_in_one_line(data: Path) -> None:
    told = os.fsdecode("围城".encode("gbk"))
    for command in (("chat", "--as", told), ("search", told), ("new-password", told)):
        assert "not written in UTF-8" in complaint(data, *command)


def test_chat_for_a_person_is_plain_text(data: Path) -> None:
    out = here(data, "chat", "--as", "小林", said="围城\n").stdout
    assert "围城" in out
    assert "[1] " in out


def test_links_to_our_pages_lead_somewhere_from_a_terminal(data: Path) -> None:
    """They began with a slash: the bureau's page, the rules and the form for a card's number could not be opened."""
    said = "绑定读者证\n借阅规则\n围城\n1\n分享\n"
    out = here(data, "chat", "--as", "小陈", said=said).stdout
    assert "→ 打开填卡号的网页: http://localhost:8000/secret/" in out
    assert "http://localhost:8000/rules?lang=" in out
    assert "http://localhost:8000/b/" in out
    assert ": /" not in out
    assert "\n/b/" not in out
    out = here(data, "chat", "--as", "小陈", "--pages", "http://localhost:9000", said="借阅规则\n").stdout
    assert "http://localhost:9000/rules?lang=" in out


# ---- tick ----------------------------------------------------------------------------------------------------------


def test_a_tick_done_twice_has_one_effect(data: Path) -> None:
    first = here(data, "tick", "--at", "2026-12-27T10:00")
    assert (first.returncode, first.stdout[:16]) == (0, "2026-12-27 10:00")
    again = here(data, "tick", "--at", "2026-12-27T10:00")
    assert re.findall(r"\d+", again.stdout[16:]) == ["0", "0", "0", "0"]


def test_a_tick_at_no_time_is_refused(data: Path) -> None:
    assert "--at soon: not an ISO time" in complaint(data, "tick", "--at", "soon")


# ---- work, serve ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_when_told(data: Path, number: signal.Signals) -> None:
    with running(data, "work") as worker:
        assert worker.process.stdout
        assert "worker" in worker.process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.process.wait(1)
        code, seconds, out, complaints = worker.end(number)
    assert (code, out, complaints) == (0, "", "")
    assert seconds < SOON


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_answers_and_ends_quickly_when_told(data: Path, number: signal.Signals) -> None:
    with serving(data, shell=number == signal.SIGTERM) as service:
        answer = service.ready()
        log = (data / "shuxin.sqlite-wal").stat().st_size
        assert log > CHECKPOINT_PAGES * 4096, "before the first reader comes"
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "titles": 2613})
        assert httpx.get(f"{service.address}/").status_code == 200
        assert httpx.get(f"{service.address}/admin/", follow_redirects=True).status_code == 200
        code, seconds, out, complaints = service.end(number)
    assert (code, complaints) == (0, ""), complaints
    assert seconds < SOON
    assert f"{service.address.replace('127.0.0.1', 'localhost')}/admin" in out


def test_with_a_token_the_service_talks_on_telegram_too_and_still_ends_quickly(data: Path) -> None:
    """A poll is out when the signal comes: nobody waits for it."""
    with FakeTelegram() as telegram:
        telegram.join(7)
        api = telegram.base_url.removesuffix("/bot")
        with serving(data, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API=api) as service:
            service.ready()
            telegram.say(7, "围城")
            telegram.wait_for(lambda: any("围城" in shown.text for shown in telegram.inbox(7)), 20)
            code, seconds, out, complaints = service.end()
    assert (code, complaints) == (0, "")
    assert seconds < SOON
    assert "Telegram        on" in out


def test_the_first_password_is_printed_once_and_kept_for_the_owner_alone(data: Path) -> None:
    printed = []
    for _ in range(2):
        with serving(data) as service:
            service.ready()
            printed.append(re.search(r"admin / (\S+)", service.end()[2]))
    assert printed[0]
    assert printed[1] is None
    kept = data / "first-password.txt"
    assert kept.read_text().strip() == printed[0].group(1)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_first_password_that_cannot_be_kept_is_made_again_at_the_next_start(data: Path) -> None:
    """Nobody could ever sign in with one that was neither printed nor kept."""
    kept = data / "first-password.txt"
    kept.mkdir()
    done = run(data, "serve", "--port", str(free_port()))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert f"{kept} cannot be written (Is a directory)" in done.stderr
    kept.rmdir()
    with serving(data) as service:
        service.ready()
        printed = re.search(r"admin / (\S+)", service.end()[2])
    assert printed and kept.read_text().strip() == printed.group(1)


def test_what_the_disk_refuses_a_command_is_told_in_one_line(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "build-1/segment")

    monkeypatch.setattr("bot.finder.Finder.rebuild", full)
    said = complaint(data, "reindex")
    assert said == "Error: No space left on device: 'build-1/segment'; make room on that disk, then run it again\n"


def damaged() -> sqlite3.Error:
    """What SQLite says of a page that was overwritten."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


@pytest.mark.parametrize(
    ("command", "broken"),
    [
        ("keys show", "lending.sealed.state"), ("keys rotate", "lending.sealed.seal_anew"),
        ("privacy report", "commands.privacy_stores.files"), ("policy list", "commands.policies.packs"),
        ("policy show default", "commands.policies.load_policy"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), StoreUnwritable("disk I/O error"), damaged()]
)
def test_so_it_is_of_keys_privacy_and_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, broken: str, error: Exception
) -> None:
    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(broken, refused)
    done = here(tmp_path, *command.split())
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr == f"Error: {remedies.told(error)}\n" and "; the disk fails" in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device; make room"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), "Permission denied: '/x/y'; run it as the user"),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "Read-only file system: '/x'; that disk is read-only"),
        (OSError(errno.EMFILE, "Too many open files", "/x"), "Too many open files: '/x'; allow it more"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a/b"), "No such file or directory: 'a/b'; look"),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full; make room"),
        (StoreUnwritable("/d/shuxin.sqlite: attempt to write a readonly database"), "readonly database; the library's"),
        (StoreUnwritable("database is locked"), "database is locked; another command writes"),
        (OSError("something else"), "something else"),
    ],
)
def test_what_was_refused_is_told_with_what_to_do(error: Exception, said: str) -> None:
    told = remedies.told(error)
    assert said in told and "[Errno" not in told and "\n" not in told


def test_a_fresh_start_brings_the_sample_and_a_second_one_keeps_everything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as service:
        assert service.ready().json()["titles"] == 2613
        browser = httpx.Client(base_url=service.address)
        browser.get("/")
        browser.post("/chat/events", json={"id": "e1", "text": "围城"})
        talk = browser.get("/chat/messages?after=0").json()["messages"]
        cookies = dict(browser.cookies)
        assert "索引" in service.end()[3], "the first time it is told what takes so long"
    with serving(data) as service:
        assert service.ready().json()["titles"] == 2613
        again = httpx.get(f"{service.address}/chat/messages?after=0", cookies=cookies).json()["messages"]
        complaints = service.end()[3]
    assert talk
    assert again == talk
    assert complaints == "", "nothing is imported or indexed a second time"


def test_the_service_never_loads_what_decodes_pictures() -> None:
    """D 6: a picture that breaks its reader breaks a process of its own."""
    loaded = "import sys, app; print([name for name in ('zxingcpp', 'bot.barcode_reader') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_a_service_killed_in_the_middle_starts_again(data: Path) -> None:
    with serving(data) as service:
        service.ready()
        assert service.end(signal.SIGKILL)[0] == -signal.SIGKILL
    with serving(data) as service:
        assert service.ready().json()["ok"] is True


def test_behind_a_proxy_the_server_passes_on_who_asks(data: Path) -> None:
    """The page refuses events from another site: which site this is comes from the proxy."""
    forwarded = {"X-Forwarded-Host": "books.example.org", "X-Forwarded-Proto": "https"}
    origin = {"Origin": "https://books.example.org"}
    said = {"id": "e1", "text": "你好"}
    with serving(data, PUBLIC_URL="https://books.example.org") as service:
        service.ready()
        url = f"{service.address}/chat/events"
        assert httpx.post(url, json=said, headers={**forwarded, **origin}).status_code == 200
        assert httpx.post(url, json=said, headers=origin).status_code == 403
    with serving(data) as service:
        service.ready()
        url = f"{service.address}/chat/events"
        assert httpx.post(url, json=said, headers={**forwarded, **origin}).status_code == 403


def test_a_librarian_who_signs_out_keeps_her_own_talk_as_a_reader(data: Path) -> None:
    with serving(data) as service:
        service.ready()
        browser = httpx.Client(base_url=service.address, follow_redirects=True)
        browser.get("/")
        browser.post("/chat/events", json={"id": "e1", "text": "围城"})

        def send(path: str, **fields: str) -> httpx.Response:
            page = browser.get("/admin").text
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
            assert token
            return browser.post(path, data={**fields, "csrf_token": token.group(1)})

        password = (data / "first-password.txt").read_text().strip()
        assert send("/admin/login", name="admin", password=password).url.path == "/admin"
        assert send("/admin/logout").url.path == "/admin/login"
        assert browser.get("/admin/orders").url.path == "/admin/login"
        assert browser.get("/chat/messages?after=0").json()["messages"]


# ---- locker-key -----------------------------------------------------------------------------------------------------


def test_each_locker_has_a_key_of_its_own(data: Path) -> None:
    """D-13: what goes into a machine, so that its screen can sign."""
    first, again, other = (here(data, "locker-key", code).stdout for code in ("g1", "g1", "g2"))
    assert re.fullmatch(r"[0-9a-f]{64}\n", first) and first == again != other
    assert "no locker is called nowhere" in complaint(data, "locker-key", "nowhere")


# ---- new-password ---------------------------------------------------------------------------------------------------


def test_the_only_chief_who_forgot_the_password_gets_a_new_one_where_the_library_runs(data: Path) -> None:
    """It is a first password again: the old one and every older login end with it."""
    assert "no librarian is called admin (nobody yet" in complaint(data, "new-password")
    with serving(data) as service:
        service.ready()
        service.end()
    old = (data / "first-password.txt").read_text().strip()
    new = here(data, "new-password", "admin").stdout.strip()
    assert "no librarian is called 小王 (admin)" in complaint(data, "new-password", "小王")
    with serving(data) as service:
        service.ready()
        with httpx.Client(base_url=service.address, follow_redirects=True) as browser:
            assert [sign_in(browser, password) for password in (old, new)] == ["/admin/login", "/admin"]


def sign_in(browser: httpx.Client, password: str) -> str:
    """Where one comes to."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/admin").text)
    assert token
    fields = {"name": "admin", "password": password, "csrf_token": token.group(1)}
    return browser.post("/admin/login", data=fields).url.path
