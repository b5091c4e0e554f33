"""The `flask` commands: import, reindex, search, understand, chat, tick, report, work, serve. Each is thin over the same parts."""

from __future__ import annotations

import contextlib
import errno
import functools
import gc
import getpass
import io
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import remedies
import serving
from admin import report_tables, reports, staff
from admin.calendar import DAYS, TYPES
from bot import exporting, inbox, notify, worker
from bot.channels import terminal
from bot.channels.telegram import Poller, set_up
from bot.finder import MOST
from bot.receive import receive
from bot.service import Service
from bot.texts import N_, Words
from bot.understanding import understand
from lending import catalogue, door_codes, importing
from lending.door import refused_by_disk
from lending.errors import StoreUnwritable, UnknownThing
from lending.importing import ImportRefused, Problem, Report
from lending.model import LIBRARY_ZONE, library_day
from lending.points import WEEK
from lending.reports import BEYOND, Period
from partners import alipay_gate, alipay_rent, face_gate
from partners.alipay_gate import AlipayGate
from partners.following import keep_following
from partners.sip2 import terminals
from partners.sip2.server import Sip2Server
from partners.sip2.terminals import Kiosks
from search import warm
from search.errors import IndexProblem
from settings import PREFIX, SettingError, Settings, is_text, moment

console = Console(stderr=True)

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
_AROUND = "\ufeff\0 \t\r\n\u3000"  # what may stand round a line that says nothing
_OF_A_KIND = 10  # problems of one kind that are named after an import
_POINT_FIELDS = {
    "opens": N_("开放时间"), "branch_type": N_("谁办的"), "stops": N_("停靠表"), "city": N_("城市"),
    "city_en": N_("城市的英文名"),
}  # fmt: skip
_TYPED = 1_000  # characters of a query that are read; the longest title has 197
MENU_LANGUAGES = {"": "zh_Hans", "zh": "zh_Hans", "en": "en"}  # Telegram's two-letter language → ours


def _parts() -> tuple[Settings, Service, dict[str, Any] | None]:
    found = current_app.extensions["shuxin"]
    return found["settings"], found["service"], found["telegram"]


@contextlib.contextmanager
def _bar(what: str, total: int | None) -> Iterator[Any]:
    """A progress bar, once there is something to show; where there is no terminal, its last line only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    progress = Progress(*columns, console=console)
    task = progress.add_task(what, total=total)

    def show(done: int, total: int | None = None) -> None:
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        if progress.live.is_started:
            progress.stop()


# ---- the catalogue -------------------------------------------------------------------------------------------------


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--copies-at", metavar="CODE", help="branch that gets a copy of every title that brings none")
@click.option("--source", default="", metavar="NAME", help="whose record numbers the file holds")
@click.option("--overwrite", is_flag=True, help="of service points: the file's word also for what was changed by hand")
def import_(path: Path, copies_at: str | None, source: str, overwrite: bool) -> None:
    """Bring in titles and copies: CSV, JSONL, XLSX, ISO 2709, MARCXML; or service points: a points.toml.

    What stays out is told with its place. What a librarian changed at a point stays, and is told.
    """
    _settings, service, _telegram = _parts()
    if path.suffix != ".toml" and not catalogue.points(service.store.db):  # a copy must stand somewhere
        importing.load_sample_points(service.store)
    try:
        if path.suffix == ".toml":
            return _say_points(importing.load_points(service.store, path, overwrite))
        with _bar(str(path.name), None) as show:

            def tell(rows: int, fraction: float) -> None:
                show(rows, int(rows / fraction) if fraction else None)

            today = library_day(service.clock.now())
            report = importing.load(service.store, path, tell, copies_at=copies_at, source=source, day=today)
    except ImportRefused as refused:
        raise click.ClickException(_refused(refused)) from refused
    except UnknownThing as unknown:
        raise click.ClickException(f"no branch with the code {unknown.name!r}") from unknown
    _say_report(report, [point.code for point in catalogue.points(service.store.db, "branch")])
    _open_index(service)


def _refused(refused: ImportRefused) -> str:
    _ = Words("zh_Hans")
    text, facts = importing.message(refused.problem)
    return _(text, **facts)


def _say_kinds(problems: list[Problem], counted: Counter[str]) -> None:
    """A few of each kind, the rarest kind first: what stands in every row would hide it."""
    _ = Words("zh_Hans")
    for reason in sorted({problem.reason for problem in problems}, key=lambda reason: counted[reason]):
        shown = [problem for problem in problems if problem.reason == reason][:_OF_A_KIND]
        for problem in shown:
            place, where = importing.where(problem.place)
            text, facts = importing.message(problem)
            click.echo(f"  {_(place, **where)}: {_(text, **facts)}")
        if more := counted[reason] - len(shown):
            click.echo("  " + _("……同样的还有 {n} 条", n=more))


def _say_report(report: Report, branches: list[str]) -> None:
    _ = Words("zh_Hans")
    click.echo(
        _(
            "读了 {read} 条：新增 {added}，更新 {changed}，不变 {same}，复本新增 {copies}。",
            read=report.read,
            added=report.added,
            changed=report.changed,
            same=report.same,
            copies=report.copies_added,
        )
    )
    if report.without_copies:
        click.echo(
            _(
                "{n} 种没有复本，能查到、还不能借；加 --copies-at 馆代码 再导入一次，每种就有一册。馆代码：{codes}",
                n=report.without_copies,
                codes=" ".join(branches),
            )
        )
    _say_problems(report)


def _say_points(report: Report) -> None:
    _ = Words("zh_Hans")
    facts = {"read": report.read, "added": report.added, "changed": report.changed, "same": report.same}
    click.echo(_("读了 {read} 个网点：新增 {added}，更新 {changed}，不变 {same}。", **facts))
    _say_by_hand(report)
    _say_problems(report)


def _say_by_hand(report: Report) -> None:
    """All of it: each is somebody's work, which the file would undo."""
    _ = Words("zh_Hans")
    for kept, heading, line in (
        (True, N_("馆员改过的，照旧没有动：{n} 处"), N_("网点「{name}」的{field}：现在是 {by_hand}；文件里是 {told}")),
        (False, N_("馆员改过的，照文件改了：{n} 处"), N_("网点「{name}」的{field}：原来是 {by_hand}；现在是 {told}")),
    ):
        found = [one for one in report.by_hand if one.kept is kept]
        if found:
            click.echo(_(heading, n=len(found)))
        for one in found:
            ours, theirs = one.by_hand, one.told
            facts = {"by_hand": _said(_, one.field, ours, theirs), "told": _said(_, one.field, theirs, ours)}
            click.echo("  " + _(line, name=one.name, field=_(_POINT_FIELDS.get(one.field, one.field)), **facts))
        if found and kept:
            click.echo(_("要照文件改，加 --overwrite 再导入一次。"))


def _said(_: Words, field: str, value: Any, other: Any) -> str:
    """A field of a point in words; of hours only the days that the other has otherwise."""
    if field == "opens":
        days = [day for day in DAYS if value.get(day) != other.get(day)]
        return _.listed(f"{_(DAYS[day])} {_hours(_, value, day)}" for day in days)
    if field == "stops":
        stops = (f"{_(DAYS.get(one['day'], one['day']))} {one['hours']} {one['place']}" for one in value)
        return _.listed(stops) or "—"
    return _(TYPES[value]) if field == "branch_type" and value in TYPES else str(value or "—")


def _hours(_: Words, opens: dict[str, str], day: str) -> str:
    return opens.get(day) or (_("闭馆") if day in WEEK or day in opens else _("按规矩"))


def _say_problems(report: Report) -> None:
    _ = Words("zh_Hans")
    for heading, count, problems in (
        (_("没能进来：{n} 条", n=report.problem_count), report.problem_count, report.problems),
        (_("进来了，但有一处没用上：{n} 条", n=report.warning_count), report.warning_count, report.warnings),
    ):
        if count:
            click.echo(heading)
            _say_kinds(problems, report.reasons)


@click.command()
def reindex() -> None:
    """Build the index anew beside the old one and swap; searching goes on meanwhile."""
    _settings, service, _telegram = _parts()
    total = service.store.db.value("SELECT COUNT(*) FROM titles WHERE withdrawn = 0")
    with _bar("索引", total) as show:
        count = service.finder.rebuild(show)
    click.echo(f"{count} titles")


@click.command()
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, MOST))
@click.option("--json", "as_json", is_flag=True)
def search(query: str, limit: int, as_json: bool) -> None:
    """Find titles, best first. `-` reads a query a line and prints a JSON list a line."""
    _settings, service, _telegram = _parts()
    prepare(service)
    gc.freeze()
    for line in _lines() if query == "-" else [query]:
        found = _found(service, line.strip(_AROUND)[:_TYPED], limit)
        if as_json or query == "-":
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            for n, title in enumerate(found, 1):
                who, year = "、".join(title["authors"]), title["year"] or ""
                click.echo(f"{n}. 《{title['title']}》 {who} {title['publisher']} {year} [{title['available']}]")


def _found(service: Service, query: str, limit: int) -> list[dict[str, Any]]:
    db, ids = service.store.db, service.finder.find(query).ids[:limit]
    titles, stock = catalogue.titles(db, ids), catalogue.availability(db, ids)
    return [
        {
            "id": t.id, "title": t.title, "authors": list(t.authors), "publisher": t.publisher, "year": t.year,
            "isbn": t.isbn, "available": stock[t.id].available,
        }
        for t in titles.values()
    ]  # fmt: skip


# ---- the conversation ----------------------------------------------------------------------------------------------


@click.command("understand")
def understand_lines() -> None:
    """JSON lines {"text": …} in, {"intent": …, "slots": {…}} out."""
    for line in _lines():
        click.echo(json.dumps(_understood(line), ensure_ascii=False))


def _understood(line: str) -> dict[str, Any]:
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        return {"error": 'each line must be an object like {"text": "围城"}'}
    intent = understand(text)
    return {"intent": intent.name, "slots": dict(intent.slots)}


def _me() -> str:
    """Who is at the terminal; a container may have no name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "reader"


@click.command()
@click.option("--as", "who", default=_me, metavar="NAME", help="whose talk it is")
@click.option("--json", "as_json", is_flag=True, help="one object a turn")
def chat(who: str, as_json: bool) -> None:
    """Talk in the terminal: a line in, replies out. `/press ACTION` presses a button."""
    _settings, service, _telegram = _parts()
    prepare(service)
    person = not as_json and sys.stdin.isatty()
    lines = chain(["你好"] if person else [], _lines("> " if person else ""))
    save = functools.partial(_save_copy, service)
    terminal.talk(lambda event: receive(service, event), service.store, who, lines, sys.stdout, as_json, save)


def _save_copy(service: Service, ticket: str) -> list[Path]:
    """Write the copy a reader asked for into the folder they are in, for nobody else to read."""
    written = []
    for file in exporting.of_ticket(service.store.db, ticket, service.library, service.clock.now()):
        path = Path.cwd() / file.name
        path.touch(mode=0o600)
        path.write_bytes(file.content)
        written.append(path)
    return written


def _lines(prompt: str = "") -> Iterator[str]:
    """What comes in, line by line, in UTF-8; a damaged character does not end the talk."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    while True:
        if prompt:
            sys.stdout.write(prompt)
            sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            return
        yield line


# ---- time and work -------------------------------------------------------------------------------------------------


@click.command()
@click.option("--at", metavar="TIME", help="an ISO time instead of now")
def tick(at: str | None) -> None:
    """Do what has come due: reminders, shelf times, overdue points, freezes. Any number of times, one effect."""
    _settings, service, _telegram = _parts()
    try:
        now = moment(at or "", "--at ") or service.clock.now()
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    done = notify.tick(service.store, service.policy, now)
    counts = f"planned {done.planned}, told {done.told}, overdue lines {done.overdue_lines}, expired {done.expired}"
    click.echo(f"{now.astimezone(LIBRARY_ZONE):%Y-%m-%d %H:%M}  {counts}")


@click.command()
@click.option("--from", "first", metavar="D", type=click.DateTime(["%Y-%m-%d"]), help="the first day; the last thirty otherwise")
@click.option("--to", "last", metavar="D", type=click.DateTime(["%Y-%m-%d"]), help="the last day, yesterday otherwise")
@click.option("--csv", "as_csv", is_flag=True, help="one number a line, for a spreadsheet")
def report(first: datetime | None, last: datetime | None, as_csv: bool) -> None:
    """What a period came to: visits, orders, loans, returns, rankings (A2-R). Any days, both included."""
    _settings, service, _telegram = _parts()
    usual, say = reports.usual(service.clock.now()), Words("zh_Hans")
    end = last.date() if last else usual.last
    try:
        period = Period(first.date() if first else end - (usual.last - usual.first), end)
    except (ValueError, OverflowError) as error:
        raise click.ClickException(BEYOND) from error
    if period.first > period.last:
        raise click.ClickException(f"--from {period.first} is after --to {period.last}")
    tables = report_tables.Report(service.store.db, service.policy, say, period, inbox.visits).tables()
    if as_csv:
        return click.echo(report_tables.as_csv(tables), nl=False)
    click.echo(f"{say(service.library)}  {period.first} – {period.last}\n")
    click.echo(report_tables.as_text(say, tables), nl=False)


@click.command()
def work() -> None:
    """The worker alone, for those who split it from the web service."""
    _settings, service, _telegram = _parts()
    _end_on_sigterm()
    prepare(service)
    service.store.make_room()
    finish = start_worker()
    click.echo("书信 · worker · Ctrl-C")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        finish()
        service.store.close()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(port: int, host: str) -> None:
    """Serve and work in one process: the web chat at /, the librarian's page at /admin."""
    settings, service, telegram = _parts()
    _end_on_sigterm()
    door = _listen(host, port)
    serving.room_for_many()
    prepare(service)
    service.store.make_room()
    gc.collect()
    gc.freeze()  # dictionaries and index stay: looking through them for garbage stops everybody for 100 ms (measured)
    kiosks = _listen_to_kiosks(service, host)
    finish = start_worker([kiosks.run] if kiosks else [])
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


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else, so that a port in use is told at once."""
    try:
        return serving.listening(host, port)
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN):
            raise click.ClickException(f"host {host!r} is no address of this machine") from error
        reason = f"port {port} cannot be used ({os.strerror(error.errno or 0)})"
        raise click.ClickException(f"{reason}; try: make run PORT={port % 65535 + 1}") from error


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


def prepare(service: Service) -> None:
    """Ready to talk: the sample catalogue and events when there is none yet, and the index."""
    if not service.store.db.value("SELECT 1 FROM titles LIMIT 1"):
        with _bar("书目", None) as show:
            importing.load_sample(
                service.store,
                lambda rows, fraction: show(rows, int(rows / fraction) if fraction else None),
                day=library_day(service.clock.now()),
            )
        importing.load_sample_events(service.store, service.policy, service.clock.now())
    warm()
    _open_index(service)


def _open_index(service: Service) -> None:
    total = service.store.db.value("SELECT COUNT(*) FROM titles WHERE withdrawn = 0")
    with _bar("索引", total) as show:
        service.finder.open(show)


def start_worker(besides: Sequence[Callable[[threading.Event], None]] = ()) -> Any:
    """The worker's loops, with Telegram's when there is a token, and others; returns what ends them."""
    settings, service, telegram = _parts()
    channels, more = [], list(besides)
    if telegram:
        channel, webhook = telegram["channel"], None
        channels.append(channel)
        if settings.public_url:
            webhook = f"{settings.public_url}/webhooks/telegram"
        else:
            more.append(Poller(channel, telegram["intake"]).run)
        more.append(lambda stop: _introduce(stop, telegram, webhook))
    if account := current_app.extensions["shuxin"]["courier"]:
        follow = functools.partial(keep_following, service.store, account, service.policy, service.clock.now)
        more.append(follow)
    if service.person_verifier:
        more.append(face_gate.run(service.store, service.clock, service.person_verifier))
    if isinstance(service.bureau, AlipayGate):
        more.append(alipay_gate.run(service.bureau))
        more.append(alipay_rent.run(service.bureau))  # what was agreed to is told, or taken back, also when it is off
    return worker.start(service, channels, more)


def _introduce(stop: threading.Event, telegram: dict[str, Any], webhook: str | None) -> None:
    """Tell Telegram the menu and where to post; tried again until it has heard."""
    menus = {
        tag: [(name, Words(language)(text)) for name, text in TELEGRAM_COMMANDS.items()]
        for tag, language in MENU_LANGUAGES.items()
    }
    while not stop.is_set():
        try:
            return set_up(telegram["channel"], menus, webhook, telegram["secret"] if webhook else None)
        except Exception as error:
            console.print(f"Telegram: {error}; trying again in 30 s")
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


def in_one_line(command: click.Command) -> click.Command:
    """What stops a command from outside (a full disk, a busy index) is told in one line with what to do, without a traceback."""
    assert command.callback
    act = command.callback

    @functools.wraps(act)
    def told(*args: Any, **options: Any) -> None:
        if wrong := [value for value in options.values() if isinstance(value, str) and not is_text(value)]:
            raise click.ClickException(f"{wrong[0]!a}: not written in UTF-8; write it so")
        try:
            act(*args, **options)
        except (StoreUnwritable, IndexProblem) as error:
            raise click.ClickException(remedies.told(error)) from error
        except sqlite3.Error as error:
            if not refused_by_disk(error):
                raise
            raise click.ClickException(remedies.told(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read has gone: click ends quietly
                raise
            raise click.ClickException(remedies.told(error)) from error

    command.callback = told
    return command


@click.command("locker-key")
@click.argument("locker")
def locker_key(locker: str) -> None:
    """The key (hex) with which one locker signs the codes on its screen (D-13); changes with SHUXIN_SECRET."""
    _settings, service, _telegram = _parts()
    try:
        code = catalogue.point_by_code(service.store.db, locker).code
    except UnknownThing as error:
        raise click.ClickException(f"no locker is called {error.name}") from error
    click.echo(door_codes.key_of(service.door_key, code).hex())


@click.command("new-password")
@click.argument("name", default=staff.FIRST)
def new_password(name: str) -> None:
    """A new first password for a librarian whom no colleague can help, as the only chief; to be changed on signing in."""
    _settings, service, _telegram = _parts()
    db = service.store.db
    password = staff.new_password(db, "flask new-password", name, service.clock.now())
    if password is None:
        names = ", ".join(row["name"] for row in staff.everyone(db)) or "nobody yet: flask serve makes the first"
        raise click.ClickException(f"no librarian is called {name} ({names})")
    click.echo(password)


COMMANDS = (import_, reindex, search, understand_lines, chat, tick, report, work, serve, locker_key, new_password)
ALL = [in_one_line(one) for one in COMMANDS]
