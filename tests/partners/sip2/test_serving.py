"""`flask serve` listens to terminals when it is told to, and stops with one line when it is told wrongly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import create_app
from partners.sip2 import terminals
from partners.sip2.terminals import BadTerminal
from settings import SettingError, read_settings
from tests.commandline import ROOT
from tests.lending.world import World
from tests.partners.sip2.conftest import PASSWORD, Line


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def serve(folder: Path, port: int, sip2: int, logins: str) -> subprocess.Popen[str]:
    settings = {"SHUXIN_DATA": str(folder), "SHUXIN_SIP2_PORT": str(sip2), "SHUXIN_SIP2_TERMINALS": logins}
    command = [sys.executable, "-m", "flask", "serve", "--port", str(port)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.long
def test_a_terminal_logs_in_at_the_served_port(tmp_path: Path) -> None:
    port, sip2 = free_port(), free_port()
    with serve(tmp_path, port, sip2, f"k1:{PASSWORD}@nowhere") as wrong:
        _, said = wrong.communicate(timeout=300)
        assert wrong.returncode == 1 and "k1: no point has the code 'nowhere'" in said
    code = said.split("known are ")[1].split()[0]
    with serve(tmp_path, port, sip2, f"k1:{PASSWORD}@{code}") as right:
        deadline = time.monotonic() + 120
        while True:
            try:
                line = Line(sip2)
                break
            except OSError:
                assert time.monotonic() < deadline and right.poll() is None
                time.sleep(0.2)
        assert line.log_in().ask("9900802.00").online_status == "Y"
        right.send_signal(signal.SIGTERM)
        assert right.wait(timeout=60) == 0


def test_a_wrong_login_setting_names_what_is_wrong_and_no_password() -> None:
    for text, says in (
        ("k1", "login 1 is not of the form"),
        ("k1:short@main", "login 1"),
        (f"k1:{PASSWORD}@main k2:{PASSWORD}@main=latin", "login 2"),
        (f"k1:{PASSWORD}@main k1:{PASSWORD}@west", "k1 stands there twice"),
    ):
        with pytest.raises(BadTerminal, match=says) as refused:
            terminals.read(text)
        assert PASSWORD not in str(refused.value)


def test_logins_stand_at_their_points(world: World) -> None:
    logins = terminals.read(f"k1:{PASSWORD}@main  old:{PASSWORD}@west=gbk")
    made = terminals.placed(world.db, logins)
    assert [(one.name, one.point.code, one.encoding) for one in made.values()] == [
        ("k1", "main", "utf-8"), ("old", "west", "gbk"),
    ]  # fmt: skip
    with pytest.raises(BadTerminal, match="known are main west"):
        terminals.placed(world.db, terminals.read(f"k1:{PASSWORD}@elsewhere"))


def test_no_port_no_kiosks(tmp_path: Path) -> None:
    told = {"SHUXIN_DATA": str(tmp_path), "SHUXIN_SIP2_TERMINALS": f"k1:{PASSWORD}@main"}
    assert create_app(read_settings(told)).extensions["shuxin"]["kiosks"] is None
    port = create_app(read_settings({**told, "SHUXIN_SIP2_PORT": "6001"})).extensions["shuxin"]["kiosks"].port
    assert port == 6001
    for wrong in ("", "k1"):
        with pytest.raises(SystemExit, match=r"SHUXIN_SIP2_TERMINALS: .*name:password@point"):
            create_app(read_settings({**told, "SHUXIN_SIP2_PORT": "6001", "SHUXIN_SIP2_TERMINALS": wrong}))
    with pytest.raises(SettingError):
        read_settings({**told, "SHUXIN_SIP2_PORT": "65536"})
