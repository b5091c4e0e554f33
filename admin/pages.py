"""How a room shows its page, and how it shows it again when a form was refused."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template, request

MOST = 200  # rows of a list; what lies behind comes when some are done, and the page says so
FOUND = 20  # of what was looked for; where there is more, the page says how to look closer


def page(template: str, /, **values: Any) -> str:
    """The room's template with its values, and how many rows a list has at most (`cut`, `latest` in parts.html)."""
    return render_template(f"admin/{template}", listed=MOST, **values)


def start() -> int:
    """How many rows of a list stand on the pages before this one."""
    asked = request.args.get("from", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0


def again(room: str, status: int = 422, /, **values: Any) -> tuple[str, int]:
    """The page a refused form stands on; its template finds in `written` what was in it, so nothing is lost."""
    return str(current_app.view_functions[f"admin.{room}"](**values)), status


def page_before() -> str:
    """The path of the page that the link or the form stood on; '' where none is named, or no address.

    A page shown again under a refused form has that form's address, which cannot be opened: the one above it can.
    """
    try:
        path = urlsplit(request.referrer or "").path
    except ValueError:
        return ""
    addresses = current_app.url_map.bind("")
    while path and not addresses.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path


def given(field: str) -> int:
    """A number that a form of ours gives; 0, which is nothing's, for anything else."""
    said = request.form.get(field, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0


def seen(*shown: object) -> str:
    """What a page shows, in short: its form sends it back, and what has changed since is noticed."""
    return sha256(repr(shown).encode()).hexdigest()[:20]


def changed_since(*now: object) -> bool:
    """Whether that is not any more what the form's page showed; a form that does not say is believed."""
    return request.form.get("seen") not in (None, seen(*now))


def written(form: str) -> dict[str, str]:
    """What was just sent to that form and refused; nothing for every other page."""
    return request.form.to_dict() if request.method == "POST" and request.endpoint == f"admin.{form}" else {}


def asked_city(cities: Mapping[str, str]) -> str:
    """The city whose part of the work is wanted, kept in the address of the page; '' for all of it (A2-16)."""
    asked = request.args.get("city", "")
    return asked if asked in cities else ""
