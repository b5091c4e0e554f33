"""Settings that cannot be used stop the start with one clear line; good ones work."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from flask import request

from app import create_app
from commands.running import _listen
from lending.database import Store
from lending.policy import load_policy
from settings import SettingError, Settings, read_settings
from tests.commandline import ROOT, here, run

PACKS = ROOT / "lending" / "policies"
TOKEN = "123456:ABCdefGHIjklMNOpqrSTUvwxYZ"


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Starts with bad settings: the one line it ends with."""

    def start(**given: str) -> str:
        for name, value in ({"DATA": str(tmp_path / "data")} | given).items():
            monkeypatch.setenv(f"SHUXIN_{name}", value)
        with pytest.raises(SystemExit) as ended:
            create_app()
        said = ended.value.code  # a text is printed as it stands, and the code is 1
        assert isinstance(said, str) and said.startswith("书信: ") and "\n" not in said
        return said

    return start


# ---- what stops the start ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NOW", "tomorrow", "2026-12-27T10:00"),
        ("NOW", "2026-13-40", "2026-12-27T10:00"),
        ("NOW", "0001-01-01T00:00", "2026-12-27T10:00"),
        ("PUBLIC_URL", "books.example.org", "https://books.example.org"),
        ("PUBLIC_URL", "ftp://books.example.org", "https://books.example.org"),
        ("PUBLIC_URL", "https://books.example.org:port", "https://books.example.org"),
        ("PUBLIC_URL", "http://[", "https://books.example.org"),
        ("PUBLIC_URL", "https://books example.org", "https://books.example.org"),
        ("PUBLIC_URL", "https://", "https://books.example.org"),
        ("PUBLIC_URL", "https://me:secret@books.example.org", "https://books.example.org"),
        ("PUBLIC_URL", 'https://books".example.org/<b>', "https://books.example.org"),
        ("PUBLIC_URL", "https://books.exam\tple.org", "a tab"),
        ("NOW", "2026-12-27\n10:00", "a line end"),
        ("LIBRARY", "云栖市\n图书馆", "a line end"),
        ("LIBRARY", "馆" * 101, "at most 100"),
        ("TELEGRAM_API", "localhost:8081", "https://books.example.org"),
        ("TELEGRAM_TOKEN", "not-a-token", "@BotFather"),
        ("TELEGRAM_TOKEN", f"{TOKEN} {TOKEN}", "@BotFather"),
        ("TELEGRAM_SECRET", "a b", "letters, digits"),
        ("SECRET", "short", "16 characters"),
        ("SIMULATORS", "maybe", "1 or 0"),
        ("SIP2_PORT", "many", "0 to 65535"),
        ("THREADS", "0", "1 to 256"),
        ("THREADS", "many", "1 to 256"),
        ("THREADS", "-3", "1 to 256"),
        ("THREADS", "９", "1 to 256"),
        ("THREADS", "9" * 5_000, "1 to 256"),
        ("NOW", "9999-12-31T23:59", "1970 to 2999"),
        ("KEYS", "~nouser/keys", "the whole path"),
        ("KEYS", f"/tmp/{'k' * 300}", "a file in a folder"),
        ("SECRET", "\udcff" * 20, "UTF-8"),
        ("LIBRARY", "\udcff", "UTF-8"),
        ("POLICY", "atlantis", "atlantis.toml"),
        ("POLICY", "/nowhere/rules.toml", "/nowhere/rules.toml"),
        ("TELEGRAM_TOKENS", "x", "SHUXIN_TELEGRAM_TOKEN"),
        ("PORT", "8000", "known are SHUXIN_DATA"),
    ],
)
def test_a_bad_value_names_its_setting_and_what_would_be_right(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"SHUXIN_DATA": str(tmp_path / "data"), f"SHUXIN_{name}": value})
    assert f"SHUXIN_{name}" in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/nowhere/keys", path)])
def test_keys_are_a_file_or_not_there_yet(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe was waited for without a word, and a link into nothing ended in a traceback."""
    make(named := tmp_path / "named")
    with pytest.raises(SettingError, match=r"SHUXIN_KEYS=.*named: name a file in a folder that exists"):
        read_settings({"SHUXIN_DATA": str(tmp_path / "data"), "SHUXIN_KEYS": str(named)})


def test_a_home_of_nobody_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"SHUXIN_DATA=~nouser/x: .* the whole path"):
        read_settings({"SHUXIN_DATA": "~nouser/x"})
    alipay = {"APP_ID": "1", "KEY": "~nouser/key.pem", "PUBLIC_KEY": "x"}
    given = {f"SHUXIN_ALIPAY_{name}": value for name, value in alipay.items()}
    given |= {"SHUXIN_DATA": str(tmp_path), "SHUXIN_PUBLIC_URL": "https://a.example", "SHUXIN_SIMULATORS": "0"}
    with pytest.raises(SettingError, match=r"SHUXIN_ALIPAY_KEY=~nouser/key.pem: .* the whole path"):
        read_settings(given)


@pytest.mark.parametrize("url", ["http://books.example.org", "https://books.example.org:9000"])
def test_an_address_that_telegram_posts_nothing_to_is_told(tmp_path: Path, url: str) -> None:
    """The service started, said that Telegram was on, and heard nobody."""
    given = {"SHUXIN_DATA": str(tmp_path), "SHUXIN_PUBLIC_URL": url}
    assert read_settings(given).public_url == url
    given["SHUXIN_TELEGRAM_TOKEN"] = TOKEN
    with pytest.raises(SettingError, match=r"SHUXIN_PUBLIC_URL=.*https://"):
        read_settings(given)
    own = given | {"SHUXIN_TELEGRAM_API": "http://127.0.0.1:8081"}
    assert read_settings(own).public_url == url, "a Bot API server of one's own posts anywhere"


def test_a_wrong_secret_is_not_repeated_where_logs_are_read(tmp_path: Path) -> None:
    for name, value in (("TELEGRAM_TOKEN", "12:secret!"), ("SECRET", "geheim"), ("TELEGRAM_SECRET", "geheim!")):
        with pytest.raises(SettingError) as caught:
            read_settings({"SHUXIN_DATA": str(tmp_path / "data"), f"SHUXIN_{name}": value})
        assert value not in str(caught.value)


def test_the_start_ends_with_one_line_and_no_traceback(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "tick", NOW="tomorrow")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert done.stderr.startswith("书信: SHUXIN_NOW")


@pytest.mark.parametrize(
    ("name", "value"), [("PUBLIC_URL", "books.example.org"), ("TELEGRAM_TOKEN", "x"), ("COLOUR", "red")]
)
def test_any_other_wrong_value_ends_it_so(refusal: Callable[..., str], name: str, value: str) -> None:
    assert f"SHUXIN_{name}" in refusal(**{name: value})


def test_a_policy_pack_with_a_wrong_field_names_the_field(tmp_path: Path, refusal: Callable[..., str]) -> None:
    pack = tmp_path / "ours.toml"
    pack.write_text((PACKS / "default.toml").read_text().replace("loan_days", "loan_dayz"))
    said = refusal(POLICY=str(pack))
    assert "SHUXIN_POLICY" in said
    assert "ours.toml" in said
    assert "loan_da" in said


def test_a_policy_pack_that_is_no_toml_is_named(tmp_path: Path, refusal: Callable[..., str]) -> None:
    pack = tmp_path / "ours.toml"
    pack.write_bytes(b"\x00\xff not toml")
    assert "ours.toml" in refusal(POLICY=str(pack))


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    (tmp_path / "data").write_text("")
    assert "SHUXIN_DATA" in refusal()


def test_a_data_folder_nobody_can_write_is_refused(refusal: Callable[..., str]) -> None:
    assert "SHUXIN_DATA=/proc/data" in refusal(DATA="/proc/data")


def test_a_full_disk_wants_room_and_no_other_folder(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("settings.tempfile.TemporaryFile", full)
    assert refusal().endswith("cannot write there (No space left on device); make room on that disk")


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_database_file_that_is_none_is_named_and_left_as_it_is(
    tmp_path: Path, refusal: Callable[..., str], content: bytes
) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "shuxin.sqlite"
    file.write_bytes(content)
    assert str(file) in refusal()
    assert file.read_bytes() == content


def test_a_database_of_another_programme_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "shuxin.sqlite"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE loans (x)")
    assert "loans" in refusal()


def test_a_port_in_use_is_told_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run(tmp_path / "data", "serve", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"Error: port {port} cannot be used (Address already in use); try: make run PORT={port + 1}\n"


@pytest.mark.parametrize("host", ["nope.invalid", "300.1.1.1", "192.0.2.1", "::zz"])
def test_a_host_that_is_not_this_machine_is_not_called_a_port_in_use(host: str) -> None:
    with pytest.raises(click.ClickException, match=f"host '{host}' is no address of this machine"):
        _listen(host, 8000)


def test_a_host_that_is_not_this_machine_s_is_told(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "serve", "--host", "192.0.2.1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_an_old_python_is_told_which_would_do(tmp_path: Path) -> None:
    """A stand-in for an old interpreter: the Makefile's own check, told it is 3.8."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "old-python"
    old.write_text(
        f'#!/bin/sh\nshift\nexec {sys.executable} -c "import sys; sys.version_info = (3, 8); '
        'sys.version = \'3.8.18 (old)\'; exec(sys.argv[1])" "$1"\n'
    )
    old.chmod(0o755)
    done = subprocess.run(["make", "run", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Python 3.11 or newer; this is 3.8.18" in done.stderr
    assert not (tmp_path / ".venv").exists()


# ---- what works ----------------------------------------------------------------------------------------------------


def test_nothing_needs_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_settings({})
    assert found.data == tmp_path / "data"
    assert (found.simulators, found.public_url, found.telegram_token, found.start) == (True, "", "", None)
    assert len(found.secret) >= 32


def test_good_values_are_taken(tmp_path: Path) -> None:
    found = read_settings(
        {
            "SHUXIN_DATA": str(tmp_path), "SHUXIN_LIBRARY": "杨浦区图书馆", "SHUXIN_POLICY": "default",
            "SHUXIN_SECRET": "x" * 32, "SHUXIN_NOW": "2026-12-27T10:00", "SHUXIN_PUBLIC_URL": "https://books.example.org/",
            "SHUXIN_SIMULATORS": "0", "SHUXIN_TELEGRAM_TOKEN": TOKEN, "SHUXIN_TELEGRAM_API": "http://127.0.0.1:8081",
            "SHUXIN_TELEGRAM_SECRET": "a-b_c", "SHUXIN_THREADS": " 4 ", "HOME": "/root",
        }
    )  # fmt: skip
    assert (found.data, found.library, found.secret, found.threads) == (tmp_path, "杨浦区图书馆", "x" * 32, 4)
    assert (found.public_url, found.simulators) == ("https://books.example.org", False)
    assert (found.telegram_token, found.telegram_api) == (TOKEN, "http://127.0.0.1:8081")
    assert found.telegram_secret == "a-b_c"
    assert found.start == datetime(2026, 12, 27, 2, 0, tzinfo=UTC), "a time without a zone is the library's"


def test_an_empty_value_is_as_good_as_none(tmp_path: Path) -> None:
    empty = dict.fromkeys(("LIBRARY", "NOW", "SIMULATORS", "THREADS", "POLICY", "SECRET", "TELEGRAM_TOKEN"), "")
    found = read_settings({"SHUXIN_DATA": str(tmp_path), **{f"SHUXIN_{name}": value for name, value in empty.items()}})
    assert found == read_settings({"SHUXIN_DATA": str(tmp_path)})


@pytest.mark.parametrize("pack", sorted(path.stem for path in PACKS.glob("*.toml")))
def test_every_pack_that_comes_along_can_be_chosen(tmp_path: Path, pack: str) -> None:
    found = read_settings({"SHUXIN_DATA": str(tmp_path), "SHUXIN_POLICY": pack})
    assert found.policy == load_policy(pack)


def test_the_clock_starts_where_it_is_put_and_goes_on(tmp_path: Path) -> None:
    start = datetime(2026, 12, 27, 2, 0, tzinfo=UTC)
    app = create_app(Settings(tmp_path, "云栖市图书馆", load_policy(), "s" * 32, start=start))
    clock = app.extensions["shuxin"]["service"].clock
    assert timedelta(0) <= clock.now() - start < timedelta(seconds=30)
    assert clock.now() > start
    assert "2026-12-27 10:0" in run(tmp_path / "data", "tick", NOW="2026-12-27T10:00").stdout


def test_a_zone_in_the_time_counts(tmp_path: Path) -> None:
    assert "2026-12-27 18:0" in here(tmp_path / "data", "tick", NOW="2026-12-27T10:00Z").stdout


# ---- secrets -------------------------------------------------------------------------------------------------------


def mode(path: Path) -> int:
    """Who may read and write."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_full_disk_is_told_where_the_secret_is_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SettingError, match=r"secret: cannot be written \(No space left on device\); make room"):
        read_settings({"SHUXIN_DATA": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's list of open files")
def test_no_file_is_left_open_when_the_secret_is_made(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    assert read_settings({"SHUXIN_DATA": str(tmp_path / "data")}).secret
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_secret_is_made_once_and_is_the_owner_s_alone(tmp_path: Path) -> None:
    environ = {"SHUXIN_DATA": str(tmp_path / "data")}
    before = os.umask(0)
    try:
        first = read_settings(environ).secret
    finally:
        os.umask(before)
    assert read_settings(environ).secret == first
    assert mode(tmp_path / "data" / "secret") == 0o600
    assert mode(tmp_path / "data") == 0o700
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_an_empty_secret_file_is_made_anew(tmp_path: Path) -> None:
    """A crash between making the file and writing it must not leave sessions that anybody can forge."""
    (tmp_path / "secret").write_text("\n")
    assert len(read_settings({"SHUXIN_DATA": str(tmp_path)}).secret) >= 32
    assert mode(tmp_path / "secret") == 0o600


def test_a_secret_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(SettingError, match="SHUXIN_SECRET"):
        read_settings({"SHUXIN_DATA": str(tmp_path)})


@pytest.mark.parametrize(("name", "where"), [("secret", "secret: "), ("rules.toml", "SHUXIN_POLICY: .*rules.toml: ")])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str, where: str) -> None:
    """The start hung without a word."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(SettingError, match=f"{where}.*a pipe, not a file"):
        read_settings({"SHUXIN_DATA": str(tmp_path), "SHUXIN_POLICY": str(tmp_path / "rules.toml")
                       if name == "rules.toml" else "default"})  # fmt: skip


def test_the_store_is_its_owners_alone_also_in_a_folder_that_others_made(tmp_path: Path) -> None:
    """In a folder that anybody may enter, its files were anybody's to read."""
    tmp_path.chmod(0o755)
    before = os.umask(0o022)
    try:
        store = Store(tmp_path / "shuxin.sqlite")
        with store.writing() as db:
            db.run("CREATE TABLE notes (text TEXT) STRICT")
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) >= {"shuxin.sqlite", "shuxin.sqlite-wal", "shuxin.sqlite-shm"} and {*modes.values()} == {0o600}
    store.close()


def test_a_given_secret_is_written_nowhere(tmp_path: Path) -> None:
    assert read_settings({"SHUXIN_DATA": str(tmp_path), "SHUXIN_SECRET": "x" * 16}).secret == "x" * 16
    assert not (tmp_path / "secret").exists()


# ---- what they do to the pages -------------------------------------------------------------------------------------


def pages(tmp_path: Path, **more: str) -> Settings:
    """Settings for an application in this process."""
    return Settings(tmp_path, "云栖市图书馆", load_policy(), "s" * 32, **more)  # type: ignore[arg-type]


def test_behind_a_proxy_the_real_visitor_and_address_are_known(tmp_path: Path) -> None:
    app = create_app(pages(tmp_path, public_url="https://books.example.org"))
    app.add_url_rule("/who", "who", lambda: json.dumps([request.remote_addr, request.host, request.scheme]))
    headers = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Host": "books.example.org",
        "X-Forwarded-Proto": "https",
    }
    assert json.loads(app.test_client().get("/who", headers=headers).text) == [
        "198.51.100.7", "books.example.org", "https",
    ]  # fmt: skip


def test_without_a_public_address_nobody_is_believed_about_who_they_are(tmp_path: Path) -> None:
    app = create_app(pages(tmp_path))
    app.add_url_rule("/who", "who", lambda: json.dumps([request.remote_addr, request.host]))
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example.org"}
    assert json.loads(app.test_client().get("/who", headers=headers).text) == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize(("url", "secure"), [("https://books.example.org", True), ("", False)])
def test_a_browser_keeps_its_talk_for_a_year(tmp_path: Path, url: str, secure: bool) -> None:
    answer = create_app(pages(tmp_path, public_url=url)).test_client().get("/")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("session="))
    parts = dict(part.strip().partition("=")[::2] for part in cookie.split(";"))
    expires = datetime.strptime(parts["Expires"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert timedelta(days=364) < expires - datetime.now(UTC) < timedelta(days=366)
    assert {"HttpOnly", "SameSite"} <= parts.keys()
    assert ("Secure" in parts) is secure


def test_the_simulators_can_be_left_out(tmp_path: Path) -> None:
    there = create_app(pages(tmp_path)).test_client()
    assert there.get("/simulator").status_code == 200
    gone = create_app(Settings(tmp_path, "云栖市图书馆", load_policy(), "s" * 32, simulators=False)).test_client()
    assert gone.get("/simulator").status_code == 404


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/orders/", "/simulator/"])
def test_an_address_with_a_slash_at_its_end_works_too(tmp_path: Path, path: str) -> None:
    answer = create_app(pages(tmp_path)).test_client().get(path, follow_redirects=True)
    assert answer.status_code == 200


def test_kuaidi100_needs_key_customer_and_a_public_address(tmp_path: Path) -> None:
    """Its pushes must find us; half an account is a mistake."""
    given = {"SHUXIN_DATA": str(tmp_path), "SHUXIN_KUAIDI100_KEY": "k", "SHUXIN_KUAIDI100_CUSTOMER": "c"}
    for missing in ("SHUXIN_KUAIDI100_KEY", "SHUXIN_KUAIDI100_CUSTOMER", "SHUXIN_PUBLIC_URL"):
        whole = given | {"SHUXIN_PUBLIC_URL": "https://books.example.org"}
        with pytest.raises(SettingError, match="SHUXIN_KUAIDI100_KEY"):
            read_settings({name: value for name, value in whole.items() if name != missing})
    settings = read_settings(given | {"SHUXIN_PUBLIC_URL": "https://books.example.org"})
    app = create_app(settings)
    account = app.extensions["shuxin"]["courier"]
    assert account.callback == "https://books.example.org/webhooks/courier/kuaidi100"
    assert app.test_client().post("/webhooks/courier/kuaidi100", data={}).status_code == 403
    assert create_app(pages(tmp_path / "none")).extensions["shuxin"]["courier"] is None
