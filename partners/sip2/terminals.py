"""Which terminals may log in: `SHUXIN_SIP2_TERMINALS` read into names, passwords, places and encodings."""

from __future__ import annotations

import re
from typing import NamedTuple

from lending import catalogue
from lending.database import Database
from lending.errors import UnknownThing
from partners.sip2.kiosk import Kiosk, Terminal

ONE = re.compile(
    r"(?P<name>[^\s:@=]{1,40}):(?P<password>[^\s@|]{8,80})@(?P<point>[^\s@=]{1,40})(=(?P<encoding>utf-8|gbk))?"
)
FORM = "name:password@point, with =gbk behind it where it writes GBK; the password has 8 characters or more"


class BadTerminal(ValueError):
    """A login that cannot be used; the text says which and why, without the password."""


class Kiosks(NamedTuple):
    """The library as terminals see it, who may log in, and the port they call."""

    kiosk: Kiosk
    logins: list[tuple[str, str, str, str]]
    port: int


def read(text: str) -> list[tuple[str, str, str, str]]:
    """(name, password, point's code, encoding) of each, parted by blanks. Raises BadTerminal."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for n, part in enumerate(text.split(), 1):
        match = ONE.fullmatch(part)
        if match is None:
            raise BadTerminal(f"login {n} is not of the form {FORM}")
        if match["name"] in found:
            raise BadTerminal(f"{match['name']} stands there twice")
        found[match["name"]] = (match["name"], match["password"], match["point"], match["encoding"] or "utf-8")
    return list(found.values())


def placed(db: Database, logins: list[tuple[str, str, str, str]]) -> dict[str, Terminal]:
    """The terminals where they stand. Raises BadTerminal for a point there is not."""
    made = {}
    for name, password, code, encoding in logins:
        try:
            made[name] = Terminal(name, password, catalogue.point_by_code(db, code), encoding)
        except UnknownThing as error:
            known = " ".join(point.code for point in catalogue.points(db))
            raise BadTerminal(f"{name}: no point has the code {code!r}; known are {known}") from error
    return made
