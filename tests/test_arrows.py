"""Who may import whom, and who may write which table, read from the source with `ast` so that nothing can hide."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {  # each part, and what it may import besides itself
    "lending": (),
    "search": (),
    "bot": ("lending", "search"),
    "partners": ("lending",),
    "admin": ("lending", "search", "bot.outbox", "bot.escalations"),
    "settings": ("lending",),
    "serving": (),
    "commands": ("lending", "search", "bot", "partners", "admin", "settings", "serving"),
    "app": ("lending", "search", "bot", "partners", "admin", "settings", "commands"),
}
OURS = (*MAY_IMPORT, "bench", "tests", "translate")
TELEGRAM_LIVES_IN = "bot.channels.telegram"
# What only libraries with keys have is heavy; whom nobody else imports may begin it late, and no circle hides there.
LATE, BY = (TELEGRAM_LIVES_IN, "partners"), ("app", "commands.running")
TABLES = {  # the part whose migrations make a table; nobody else writes it
    "lending": {
        "points", "titles", "copies", "counters", "boxes", "readers", "credit_checks", "credit_lines", "freezes",
        "cart_items", "orders", "order_items", "order_events", "parcels", "loans", "holds", "notices", "cases",
        "suggestions", "reviews", "clock", "picks", "mended", "cards", "outside_calls", "rent_consents", "rent_records",
       
        "shelf_items", "drifting", "transfers", "wishes", "announcements",
        "shop_books", "purchases", "special_days", "moved_dates",
        "shelf_checks", "home_returns", "home_return_items", "broken_promises", "moved_promises", "order_additions",
        "locker_reports", "parcel_events", "parcel_follows",
        "free_days", "draw_windows", "draw_entries", "special_readers",
        "compensations", "compensation_events", "compensation_photos", "appeals", "appeal_events", "appeal_photos",
        "appointments",
        "evidence_photos", "door_claims", "door_codes",
        "loan_exports", "drives", "promise_lines", "merged_readers", "clearings", "looks",
        "secret_forms", "proofs", "simulated",
        "mandates", "mandate_tries", "deeds", "minors", "minor_consents", "events", "sign_ups",
        "subscriptions", "calendar_links", "copy_events", "stock_takes", "stock_take_copies", "stock_take_scans",
        "unfound", "unfound_askers", "points_as_told", "shut_points", "fee_refunds",
    },
    "search": {"usage_counts"},
    "bot": {"contacts", "conversations", "inbox", "outbox", "escalations", "escalation_lines", "link_codes",
            "link_tries", "exports", "visits"},
    "admin": {"staff", "staff_log", "staff_sign_outs"},
}  # fmt: skip
WRITES = re.compile(r"\b(?:INSERT(?: OR \w+)? INTO|REPLACE INTO|DELETE FROM|UPDATE(?! SET\b| ON\b))\s+(\w+)")


class Import(NamedTuple):
    """One imported name: the module it is in as far as we know it, where, and whether inside a function."""

    what: str
    line: int
    in_function: bool


def sources() -> dict[str, str]:
    """Our modules by dotted name."""
    found = {}
    for part in MAY_IMPORT:
        files = [ROOT / f"{part}.py"] if (ROOT / f"{part}.py").exists() else sorted((ROOT / part).rglob("*.py"))
        for file in files:
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = file.read_text()
    return found


def imports(source: str) -> Iterator[Import]:
    """Every import of a module's source; of `from a import b` it is `a.b`."""
    tree = ast.parse(source)
    hidden = {
        id(inner)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(name, node.lineno, id(node) in hidden) for name in names)


def within(name: str, part: str) -> bool:
    """Is `name` the module `part` or something in it?"""
    return name == part or name.startswith(f"{part}.")


def wrong_arrows(module: str, source: str) -> list[str]:
    """What a module imports against the arrows, with its line."""
    part = module.split(".")[0]
    allowed = (part, *MAY_IMPORT[part])
    wrong = []
    for found in imports(source):
        ours = any(within(found.what, one) for one in OURS)
        if found.what.startswith(".") or (ours and not any(within(found.what, one) for one in allowed)):
            wrong.append(f"{module}:{found.line} imports {found.what}")
        elif ours and found.in_function and not (module in BY and any(within(found.what, one) for one in LATE)):
            wrong.append(f"{module}:{found.line} imports {found.what} inside a function")
        elif within(found.what, "telegram") and not within(module, TELEGRAM_LIVES_IN):
            wrong.append(f"{module}:{found.line} imports {found.what} outside {TELEGRAM_LIVES_IN}")
    return wrong


def circle(modules: Mapping[str, str]) -> list[str]:
    """The modules of one circle of imports, or []."""
    graph: dict[str, set[str]] = {}
    for module, source in modules.items():
        reached = (found.what if found.what in modules else found.what.rpartition(".")[0] for found in imports(source))
        graph[module] = {name for name in reached if name in modules and name != module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def tables_written(source: str) -> set[str]:
    """Tables that the SQL in a module changes."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {table for text in texts if isinstance(text, str) for table in WRITES.findall(text)}


def foreign_tables(module: str, source: str) -> set[str]:
    """Tables a module writes though another part owns them; SQLite's own are nobody's."""
    mine = TABLES.get(module.split(".")[0], set())
    return {table for table in tables_written(source) if table not in mine and not table.startswith("sqlite_")}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_each_part_imports_only_what_it_may(part: str) -> None:
    """Design: lending and search stand alone; admin knows two files of bot; nobody imports app."""
    mine = {module: source for module, source in sources().items() if within(module, part)}
    assert mine, f"no source found for {part}"
    assert [line for module, source in mine.items() for line in wrong_arrows(module, source)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(sources()) == []


def test_locale_holds_catalogues_only() -> None:
    """An __init__.py there would stand in the way of the standard library's `locale`."""
    assert list((ROOT / "locale").rglob("*.py")) == []


def test_a_table_is_written_by_its_own_part_only() -> None:
    wrong = {module: found for module, source in sources().items() if (found := foreign_tables(module, source))}
    assert wrong == {}


def test_every_table_has_its_owner_named_here() -> None:
    made = {part: (ROOT / part / "migrations.py").read_text() for part in TABLES}
    assert {part: set(re.findall(r"CREATE TABLE (\w+)", text)) for part, text in made.items()} == TABLES


# ---- the checks themselves notice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lending.loans", "import bot"),
        ("lending.loans", "from search.index import Index"),
        ("search.index", "from lending import catalogue"),
        ("bot.receive", "from admin import staff"),
        ("bot.receive", "import partners.console"),
        ("bot.receive", "from tests.talking import Person"),
        ("partners.console", "from bot import notify"),
        ("admin.orders", "from bot import notify"),
        ("admin.orders", "from bot.deliver import Deliverer"),
        ("admin.orders", "import bot"),
        ("admin.orders", "from .. import app"),
        ("commands", "import app"),
        ("settings", "from commands.running import work"),
        ("bot.talk", "def late():\n    from lending import loans"),
        ("bot.talk", "class A:\n    async def late(self):\n        if True:\n            import search.query"),
        ("bot.notify", "def late():\n    from bot.channels import telegram"),
        ("app", "def late():\n    from lending import loans"),
        ("bot.deliver", "import telegram.error"),
        ("app", "from telegram import Bot"),
        ("bot.channels.telegrams", "from telegram import Bot"),
    ],
)
def test_a_wrong_import_is_noticed(module: str, source: str) -> None:
    assert len(wrong_arrows(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lending.loans", "import sqlite3\nfrom lending.database import Store\nfrom searching import x"),
        ("admin.orders", "from bot import outbox\nfrom bot.escalations import Escalation\nfrom lending import loans"),
        ("bot.channels.telegram.channel", "from telegram import Bot\nimport telegram.error"),
        ("app", "from bot.channels.telegram import Intake\nimport commands"),
        ("app", "def late():\n    from bot.channels import telegram\n    from partners.alipay_gate import AlipayGate"),
    ],
)
def test_a_right_import_is_let_through(module: str, source: str) -> None:
    assert wrong_arrows(module, source) == []


def test_a_circle_is_noticed() -> None:
    knot = {"bot.a": "from bot import b", "bot.b": "from bot.c import thing", "bot.c": "import bot.a"}
    assert set(circle(knot)) == {"bot.a", "bot.b", "bot.c"}
    assert circle({**knot, "bot.c": "import bot.d"}) == []


@pytest.mark.parametrize(
    "sql",
    [
        "'INSERT INTO loans (id) VALUES (1)'",
        "'INSERT OR IGNORE INTO loans VALUES (1)'",
        "'DELETE FROM loans'",
        "f'UPDATE loans SET renewals = {n}'",
        "'''WITH x AS (SELECT 1)\n  UPDATE\n  loans SET id = 1'''",
    ],
)
def test_writing_a_foreign_table_is_noticed(sql: str) -> None:
    assert foreign_tables("admin.orders", f"db.run({sql})") == {"loans"}
    assert foreign_tables("lending.loans", f"db.run({sql})") == set()


def test_reading_a_foreign_table_and_an_upsert_are_no_writing() -> None:
    assert foreign_tables("admin.orders", "db.all('SELECT * FROM loans')") == set()
    assert tables_written("db.run('INSERT INTO loans (id) VALUES (1) ON CONFLICT DO UPDATE SET id = 2')") == {"loans"}
