"""`flask reindex | search | understand`: the index, and what a line would find or mean."""

from __future__ import annotations

import gc
import json
from typing import Any

import click

from bot.finder import MOST
from bot.service import Service
from bot.understanding import understand
from commands import shared
from lending import catalogue

_AROUND = "\ufeff\0 \t\r\n\u3000"  # what may stand round a line that says nothing
_TYPED = 1_000  # characters of a query that are read; the longest title has 197


@click.command()
def reindex() -> None:
    """Build the index anew beside the old one and swap; searching goes on meanwhile."""
    service = shared.service()
    total = service.store.db.value("SELECT COUNT(*) FROM titles WHERE withdrawn = 0")
    with shared.bar("索引", total) as show:
        count = service.finder.rebuild(show)
    click.echo(f"{count} titles")


@click.command()
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, MOST))
@click.option("--json", "as_json", is_flag=True)
def search(query: str, limit: int, as_json: bool) -> None:
    """Find titles, best first. `-` reads a query a line and prints a JSON list a line."""
    service = shared.service()
    shared.prepare_search(service)
    gc.freeze()
    for line in shared.lines() if query == "-" else [query]:
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


@click.command("understand")
def understand_lines() -> None:
    """JSON lines {"text": …} in, {"intent": …, "slots": {…}} out."""
    for line in shared.lines():
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
