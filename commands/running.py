"""`flask serve | work | tick`: the service, its worker, and what has come due.

What only some libraries have is imported where it is begun: it is heavy, and each command would wait for it.
"""

from __future__ import annotations

import errno
import functools
import gc
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

import serving
from admin import staff
from bot import notify, worker
from bot.service import Service
from bot.texts import LANGUAGES, N_, Words
from commands import shared
from lending.errors import StoreOutgrown, StoreUnwritable
from lending.model import LIBRARY_ZONE
from partners import face_gate
from partners.sip2 import terminals
from partners.sip2.server import Sip2Server
from partners.sip2.terminals import Kiosks
from settings import PREFIX, SettingError, Settings, moment

TELEGRAM_COMMANDS = {  # at most eight (C1); the names are Latin because Telegram asks for it
    "start": N_("开始"),
    "help": N_("怎么用"),
    "loans": N_("我的借阅"),
    "cart": N_("借书车"),
    "orders": N_("我的订单"),
    "settings": N_("提醒设置"),
    "person": N_("转人工"),
    "cancel": N_("算了，从头来"),
}
AGAIN = 5  # seconds until a browser looks again
NOT_YET = N_("书信正在准备书目，藏书多的要几分钟。这一页会自己再看，不用刷新。")
STARTING = (
    f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="{AGAIN}">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>{said}'
)
LOOK_SECONDS = 1.0  # how soon it is seen that a newer version has begun
MENU_LANGUAGES = {"": "zh_Hans", "zh": "zh_Hans", "en": "en"}  # Telegram's two-letter language → ours


@click.command()
@click.option("--at", metavar="TIME", help="an ISO time instead of now")
def tick(at: str | None) -> None:
    """Do what has come due: reminders, shelf times, overdue points, freezes. Any number of times, one effect."""
    service = shared.service()
    try:
        now = moment(at or "", "--at ") or service.clock.now()
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    done = notify.tick(service.store, service.policy, now)
    counts = f"planned {done.planned}, told {done.told}, overdue lines {done.overdue_lines}, expired {done.expired}"
    click.echo(f"{now.astimezone(LIBRARY_ZONE):%Y-%m-%d %H:%M}  {counts}")


@click.command()
def work() -> None:
    """The worker alone, for those who split it from the web service."""
    service = shared.service()
    _end_on_sigterm()
    shared.prepare(service)
    service.store.make_room()
    outgrown = threading.Event()
    finish = start_worker([functools.partial(_leave_to_newer, service, outgrown)])
    click.echo("书信 · worker · Ctrl-C")
    try:
        threading.Event().wait()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        finish()
        service.store.close()
    if outgrown.is_set():
        raise StoreOutgrown


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(port: int, host: str) -> None:
    """Serve and work in one process: the web chat at /, the librarian's page at /admin."""
    settings, service, telegram = shared.parts()
    _end_on_sigterm()
    door = _listen(host, port)
    gc.disable()  # of what is read now all stays
    serving.room_for_many()
    with serving.refusing(door, functools.partial(_not_yet, settings.library)):
        shared.prepare(service)
        service.store.make_room()
    gc.collect()
    gc.freeze()  # dictionaries and index stay: looking through them for garbage stops everybody for 100 ms (measured)
    gc.enable()
    kiosks = _listen_to_kiosks(service, host)
    outgrown = threading.Event()
    besides = [kiosks.run] if kiosks else []
    finish = start_worker([*besides, functools.partial(_leave_to_newer, service, outgrown)])
    pages: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        _welcome(settings, service, host, port, bool(telegram))
        serving.run(serving.server(pages, settings.threads), door)
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        door.close()
        finish()
        service.store.close()
    if outgrown.is_set():
        raise StoreOutgrown


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else, so that a port in use is told at once."""
    try:
        return serving.listening(host, port)
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN):
            raise click.ClickException(f"host {host!r} is no address of this machine") from error
        reason = f"port {port} cannot be used ({os.strerror(error.errno or 0)})"
        raise click.ClickException(f"{reason}; try: make run PORT={port % 65535 + 1}") from error


def _not_yet(library: str, head: bytes) -> bytes:
    """503 while much is being built: a page that looks again by itself, or for a monitor what is wrong."""
    if head.startswith(b"GET /healthz"):
        kind, body = "application/json", json.dumps({"ok": False, "wrong": "still starting"})
    else:
        said = (f'<p lang="{one.replace("_", "-")}">{escape(Words(one)(NOT_YET))}</p>' for one in LANGUAGES)
        kind, body = "text/html; charset=utf-8", STARTING.format(title=escape(library), said="".join(said))
    heads = f"Content-Type: {kind}\r\nRetry-After: {AGAIN}\r\nCache-Control: no-store\r\nConnection: close"
    return f"HTTP/1.1 503 Service Unavailable\r\n{heads}\r\n\r\n{body}".encode()


def _listen_to_kiosks(service: Service, host: str) -> Sip2Server | None:
    """SIP2's port, when there is one; taken before anything is served."""
    kiosks: Kiosks | None = current_app.extensions["shuxin"]["kiosks"]
    if kiosks is None:
        return None
    try:
        return Sip2Server(kiosks.kiosk, terminals.placed(service.store.db, kiosks.logins), host, kiosks.port)
    except terminals.BadTerminal as error:
        raise click.ClickException(f"{PREFIX}SIP2_TERMINALS: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{PREFIX}SIP2_PORT={kiosks.port} cannot be used ({error.strerror})") from error


def _end_on_sigterm() -> None:
    """As Ctrl-C does: what is under way is finished, and the exit code is 0."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _leave_to_newer(service: Service, outgrown: threading.Event, stop: threading.Event) -> None:
    """End where a newer version has begun on the same data: by our rules we would write what it cannot read."""
    while not stop.wait(LOOK_SECONDS):
        try:
            if service.store.outgrown():
                outgrown.set()
                os.kill(os.getpid(), signal.SIGTERM)
                return
        except (StoreUnwritable, sqlite3.Error):  # as long as nothing can be read, nothing is written either
            continue


def start_worker(besides: Sequence[Callable[[threading.Event], None]] = ()) -> Any:
    """The worker's loops, with Telegram's when there is a token, and others; returns what ends them."""
    settings, service, telegram = shared.parts()
    channels, more = [], list(besides)
    if telegram:
        from bot.channels.telegram import Poller

        channel, webhook = telegram["channel"], None
        channels.append(channel)
        if settings.public_url:
            webhook = f"{settings.public_url}/webhooks/telegram"
        else:
            more.append(Poller(channel, telegram["intake"]).run)
        more.append(lambda stop: _introduce(stop, telegram, webhook))
    if account := current_app.extensions["shuxin"]["courier"]:
        from partners.following import keep_following

        follow = functools.partial(keep_following, service.store, account, service.policy, service.clock.now)
        more.append(follow)
    if service.person_verifier:
        more.append(face_gate.run(service.store, service.clock, service.person_verifier))
    if settings.alipay:
        from partners import alipay_gate, alipay_rent

        gate: Any = service.bureau
        more.append(alipay_gate.run(gate))
        more.append(alipay_rent.run(gate))  # what was agreed to is told, or taken back, also when it is off
    return worker.start(service, channels, more)


def _introduce(stop: threading.Event, telegram: dict[str, Any], webhook: str | None) -> None:
    """Tell Telegram the menu and where to post; tried again until it has heard."""
    from bot.channels.telegram import set_up

    menus = {
        tag: [(name, Words(language)(text)) for name, text in TELEGRAM_COMMANDS.items()]
        for tag, language in MENU_LANGUAGES.items()
    }
    while not stop.is_set():
        try:
            return set_up(telegram["channel"], menus, webhook, telegram["secret"] if webhook else None)
        except Exception as error:
            click.echo(f"Telegram: {error}; trying again in 30 s", err=True)
            stop.wait(30)


def _welcome(settings: Settings, service: Service, host: str, port: int, on_telegram: bool) -> None:
    address = settings.public_url or f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    click.echo(f"\n书信 · {settings.library}\n  读者 reader     {address}/\n  馆员 librarian  {address}/admin")
    kept = settings.data / "first-password.txt"
    with service.store.writing() as db:  # no password counts that nobody can read
        if password := staff.first_password(db, service.clock.now()):
            _keep(kept, password)
    if password:
        click.echo(f"                  admin / {password}   （首次登录密码，也在 {kept}）")
    if settings.simulators:
        click.echo(f"  演示台 demo     {address}/simulator")
    if settings.sip2_port:
        click.echo(f"  SIP2            {host}:{settings.sip2_port}")
    click.echo(f"  Telegram        {'on' if on_telegram else 'off (SHUXIN_TELEGRAM_TOKEN)'}\n  Ctrl-C 结束\n")


def _keep(path: Path, password: str) -> None:
    try:
        path.touch(mode=0o600)
        path.write_text(password + "\n")
    except OSError as error:
        reason = f"{path} cannot be written ({error.strerror})"
        raise click.ClickException(f"{reason}; make room for it, the first password is kept there") from error
