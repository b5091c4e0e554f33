"""Reads a library's rules from its TOML packs and checks them: a wrong pack is refused with its line and the reason.

A pack lies over the one it `inherits`, along the library tree (alliance, city, branch, service point).
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from lending import pack_files, toml_lines
from lending.ledger_rules import PolicyError, Wrong
from lending.pack_checks import OTHERWISE, Place, contradictions
from lending.pack_files import like
from lending.rules import Policy

__all__ = ["PACKS", "Policy", "PolicyError", "load_policy", "load_text", "pack_of", "packs", "tree"]

PACKS = Path(__file__).parent / "policies"

ALIASES = {"since": "from"}
CHOICES = {
    "renewal_anchor": ("due_date", "today"),
    "holidays": ("open", "weekly", "closed"),
    "loan_starts": ("order", "shipped", "signed", "pickup"),
    "direction": ("borrow", "return"),
    "pay": ("order", "return"),
    "mode": ("none", "first_come", "windows"),
    "event": (
        "borrow", "renew", "activity", "activity_signup", "activity_late", "activity_no_show", "volunteer", "donation",
        "membership_year", "prize", "overdue", "damaged", "lost", "rules_broken", "hold_not_collected", "lost_card",
        "duplicate_card", "promise_broken",
    ),
    "per": ("", "book", "day", "time", "hour", "year"),
    "also": ("", "replace", "replace_if_unreadable"),
    "kind": ("quiz", "volunteer", "earn"),
    "level": ("alliance", "city", "branch", "point"),
    "services": (
        "browse", "new_books", "ranking", "recommend", "show_loans", "renew", "show_holds", "transfer",
        "find_branches", "shop", "faq", "events",
    ),
    "ways": ("order", "desk"),
    "materials": ("book", "ebook", "audiobook", "journal", "disc"),
}  # fmt: skip
AT_LEAST = {  # counts that make no sense below this; every other whole number is at least 0 unless named in ANY
    "limit": 1, "loan_days": 1, "renewal_days": 1, "cart_size": 1, "shelf_titles": 1, "own_books": 1,
    "parcel_cap": 1, "base_books": 1, "weekdays": 1,
    "answer_hours": 1, "ready_hours": 1, "pickup_days": 1, "hold_days": 1, "tell_ready_minutes": 0,
    "points": 1, "max_books": 1, "amount": 1, "cap_a_day": 1, "cap_a_month": 1, "cap_a_year": 1, "cap_an_item": 1,
    "suspend_days": 1, "keep_days": 1, "code_minutes": 1, "confirm_minutes": 1,
    "base_grams": 1, "each_grams": 1, "book_grams": 1, "use_hours": 1, "lots": 1,
    "remind_hours": 1, "call_hours": 1, "silent_minutes": 1, "wait_hours": 1, "keep_report_days": 1,
    "pickup_point_days": 1, "silent_hours": 1, "ask_courier_days": 1,
    "ask_again_minutes": 1, "capacity": 1,
    "borrowed_days": 1, "fee_days": 1, "words_days": 1, "a_year_fen": 1, "minutes": 1, "tries_a_day": 1,
    "mandate_days": 1, "most": 1, "confirm_hours": 1, "acting_minutes": 1, "of_age": 1, "children": 1,
    "grown_notice_days": 1,
    "score": 350, "starting_score": 350, "at_most": 350,
    "most_people": 1, "check_in_minutes": 1, "settle_hours": 1,
    "form_minutes": 1, "form_tries": 1, "forms_a_day": 1, "face_minutes": 1, "request_days": 1,
    "every_days": 1, "titles": 1, "stock_from": 1, "near_km": 1,
    "late_again_days": 1, "length_minutes": 5, "orders": 1, "days_ahead": 1, "remind_before_hours": 1,
}  # fmt: skip
AT_MOST = {
    "length_minutes": 240, "orders": 1000,
    "hour": 23, "weekdays": 7, "reader_percent": 100, "fee_percent": 100, "found_again_percent": 100,
    "score": 950, "starting_score": 950, "at_most": 950,  # B3.1: what a bureau knows
    "loan_days_more": 366, "renewals_more": 12, "keep_days_more": 31,  # more than that is a slip of the hand
}  # fmt: skip
CENTURY = {"days": 36_500, "hours": 876_000}  # the calendar must have room for what is reckoned with them
MOST = 1_000_000_000  # of everything else; the store must have room
KINDS = {  # how a person writes what a field wants
    int: "expected a whole number like 30, found {found}", bool: "expected true or false, found {found}",
    date: "expected a day like 2026-11-20, without quotes, found {found}",
    str: 'expected words in quotes, like "杭州图书馆", found {found}',
}  # fmt: skip
ANY = ("delta", "start", "below", "balance_on_thaw", "auto_from_balance", "up_to", "from_balance", "floor")


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of a pack's inheritance, the pack's own first; the same as any that reads the same."""

    path: Path = field(compare=False)
    text: str
    says: Mapping[str, Any] = field(compare=False)


class _Refused(Exception):
    """Where in the pack something is wrong, and what."""

    def __init__(self, place: Place, *reasons: str) -> None:
        super().__init__(place, *reasons)
        self.place, self.reasons = place, reasons


def load_policy(pack: str | Path = "default") -> Policy:
    """Read and check a pack by name, by what it is known as, or by path. Raises PolicyError with file and line."""
    layers = tuple(_layers(_path(pack)))
    try:
        return _together(layers)
    except _Refused as wrong:
        raise PolicyError(_located(layers, wrong.place), *wrong.reasons) from wrong


@lru_cache(maxsize=64)  # the librarian's page of rules reads every pack there is, twice
def _together(layers: tuple[Layer, ...]) -> Policy:
    """The rules that the files come to, checked. Raises _Refused."""
    policy: Policy = _build(Policy, _merged_layers(layers), ())
    for place, reason in (*contradictions(policy), *_tree_problems(layers)):
        raise _Refused(place, reason)
    return policy


def load_text(text: str) -> Policy:
    """A pack that somebody typed; it may lie over packs that come with us only. Raises PolicyError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pack.toml"
        path.write_text(text, encoding="utf-8")
        parent = pack_files.parsed(path, text).get("inherits")
        if isinstance(parent, str) and _path(parent).parent != PACKS:  # asked before it is opened
            raise PolicyError("pack.toml: inherits", Wrong("expected the name of a pack"))
        return load_policy(path)


def pack_of(policy: Policy) -> str:
    """The name of the pack that says these rules, "default" when none that comes with us does."""
    return next((name for name in packs() if load_policy(name) == policy), "default")


def packs() -> list[str]:
    """The names of the packs that come with us."""
    return sorted(path.stem for path in PACKS.glob("*.toml"))


def tree(pack: str | Path) -> list[str]:
    """The pack and those it lies over, by name, itself first."""
    return [layer.path.stem for layer in _layers(_path(pack))]


# ---- finding and laying over ---------------------------------------------------------------------------------------


def _path(pack: str | Path) -> Path:
    if str(pack).endswith(".toml"):
        return Path(pack)
    path = PACKS / f"{pack}.toml"
    return path if _there(path) else PACKS / f"{_known_names().get(str(pack), pack)}.toml"


def _there(path: Path) -> bool:
    """Whether there is such a file; what can be no file's name is none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


@cache
def _known_names() -> dict[str, str]:
    """What the packs are known as (晋城, 杭州 …), to the names of their files."""
    found = {}
    for name in packs():
        try:
            said = tomllib.loads((PACKS / f"{name}.toml").read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PolicyError(f"{name}.toml", str(error)) from error
        for known in (said.get("name"), *said.get("known_as", ())):
            found[str(known)] = name
    return found


def _layers(path: Path, below: tuple[Path, ...] = ()) -> Iterator[Layer]:
    """The file and those it inherits from, itself first."""
    text = pack_files.read(path)
    says = pack_files.parsed(path, text)
    parent = says.get("inherits")
    yield Layer(path, text, {name: said for name, said in says.items() if name != "inherits"})
    if parent is None:
        return
    line = f"{path.name}:{toml_lines.lines(text).get(('inherits',), 1)}: inherits"
    if not isinstance(parent, str):
        raise PolicyError(line, Wrong("expected the name of a pack, found {parent!r}", parent=parent))
    above = path.parent / parent if parent.endswith(".toml") else _path(parent)
    if not _there(above):
        near = like(parent, (*packs(), *_known_names()))
        raise PolicyError(line, Wrong("there is no pack {parent!r}", parent=parent), *near)
    if above.resolve() in {one.resolve() for one in (*below, path)}:
        way = " → ".join(one.stem for one in (*below, path, above))
        raise PolicyError(line, Wrong("inherits from itself ({way})", way=way))
    yield from _layers(above, (*below, path))


def _merged_layers(layers: Sequence[Layer]) -> dict[str, Any]:
    """What the files say together: tables are merged, everything else is replaced, `without` takes away."""
    made: dict[str, Any] = {}
    for layer in reversed(layers):
        says = dict(layer.says)
        for dotted in _names(says.pop("without", [])):
            _take_away(made, dotted.split("."))
        if isinstance(made.get("parcels"), dict):  # the rounds a library drives itself are its own, not inherited
            made["parcels"] = {**made["parcels"], "rounds": []}
        made = _merged(made, says)
        made["known_as"] = layer.says.get("known_as", [])  # nor are names
    return made


def _names(without: Any) -> list[str]:
    if not isinstance(without, list) or not all(isinstance(one, str) for one in without):
        raise _Refused(("without",), Wrong('expected a list like ["ledger.redemption"]'))
    return without


def _tree_problems(layers: Sequence[Layer]) -> Iterator[tuple[Place, Wrong]]:
    """A library lies under one of its own level or above it (A12-6)."""
    levels = [CHOICES["level"].index(layer.says["level"]) for layer in layers if "level" in layer.says]
    if levels and levels[0] < max(levels):
        yield ("level",), Wrong("lies over a pack of a lower level of the library tree")


def _take_away(made: dict[str, Any], keys: list[str]) -> None:
    whole = made
    for key in keys[:-1]:
        made = made.get(key, {}) if isinstance(made, dict) else {}
    if keys[-1] not in made:
        there = [f"{name}.{field}" for name, part in whole.items() if isinstance(part, dict) for field in part]
        near = like(".".join(keys), [*whole, *there])
        raise _Refused(("without",), Wrong("{name} is not there to be taken away", name=".".join(keys)), *near)
    del made[keys[-1]]


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Both, in tables of their own: what a file says is read once and stays as it is."""
    made = dict(base)
    for name, value in over.items():
        under = base.get(name)
        made[name] = _merged(under if isinstance(under, dict) else {}, value) if isinstance(value, dict) else value
    return made


def _located(layers: Sequence[Layer], place: Place) -> str:
    """`file:line: place`; the file is the one that says it, or the pack itself for what nobody says."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f": {part}" for part in place)
    known = [(layer.path.name, toml_lines.lines(layer.text)) for layer in layers]
    whole = tuple(takewhile(lambda part: isinstance(part, str), place))  # a list comes from one file as a whole
    other = OTHERWISE.get(tuple(str(part) for part in whole), ())
    if known and other in known[0][1] and whole not in known[0][1]:
        return f"{known[0][0]}:{known[0][1][other]}{where}"
    if whole != place:
        known = [one for one in known if whole in one[1]][:1] or known
    for length in range(len(place), 0, -1):
        for name, lines in known:
            if place[:length] in lines:
                return f"{name}:{lines[place[:length]]}{where}"
    return f"{layers[0].path.name}{where}"


# ---- building ------------------------------------------------------------------------------------------------------


def _build(kind: Any, raw: Any, place: Place) -> Any:
    """The value of this kind; dataclasses field by field, so that an error names its place."""
    if is_dataclass(kind):
        return _build_dataclass(kind, raw, place)
    if get_origin(kind) is tuple:
        if not isinstance(raw, list):
            raise _Refused(place, Wrong("expected a list"))
        return tuple(_build(get_args(kind)[0], item, (*place, n)) for n, item in enumerate(raw, 1))
    if get_origin(kind) is UnionType:
        return None if raw is None else _build(next(k for k in get_args(kind) if k is not NoneType), raw, place)
    if kind is time:
        return _clock_time(raw, place)
    if type(raw) is not kind:
        raise _Refused(place, Wrong(KINDS[kind], found=_as_written(raw)))
    if kind is int:
        _check_range(raw, place)
    return raw


_hints = cache(get_type_hints)  # evaluated anew each time, they are half of what reading a pack takes


def _as_written(raw: Any) -> str:
    """As it stands in the file: true rather than True."""
    return str(raw).lower() if isinstance(raw, bool) else repr(raw)


def _build_dataclass(kind: Any, raw: Any, place: Place) -> Any:
    if not isinstance(raw, dict):
        raise _Refused(place, Wrong("expected a table"))
    hints = _hints(kind)
    names = {ALIASES.get(one.name, one.name): one for one in fields(kind)}
    unknown = sorted(set(raw) - set(names))
    if unknown:
        reason = Wrong("unknown field {name!r}", name=unknown[0])
        raise _Refused((*place, unknown[0]), reason, *like(unknown[0], names))
    values = {}
    for written, one in names.items():
        if written in raw:
            values[one.name] = _build(hints[one.name], raw[written], (*place, written))
            _check_choice(written, values[one.name], (*place, written))
        elif one.default is MISSING:
            whole = [] if place else [Wrong("a pack that inherits from none says everything itself")]
            raise _Refused((*place, written), Wrong("{name} is missing", name=written), *whole)
    return kind(**values)


def _check_choice(written: str, value: Any, place: Place) -> None:
    """Refuse a word that the rules do not know, alone or in a list."""
    words = value if isinstance(value, tuple) else (value,)
    wrong = next((word for word in words if written in CHOICES and word not in CHOICES[written]), None)
    if wrong is not None:
        words_known = ", ".join(word for word in CHOICES[written] if word)
        reason = Wrong("{name} must be one of {known}, found {found!r}", name=written, known=words_known, found=wrong)
        raise _Refused(place, reason, *like(str(wrong), CHOICES[written]))


def _check_range(number: int, place: Place) -> None:
    """Refuse a count that the rules could not work with; the field's name is the last word of its place."""
    name = next(str(part) for part in reversed(place) if isinstance(part, str))
    most = AT_MOST.get(name, CENTURY.get(name.rpartition("_")[2], MOST))
    least = -MOST if name in ANY else AT_LEAST.get(name, 0)
    if number < least:
        raise _Refused(place, Wrong("must be at least {least}, found {found}", least=least, found=number))
    if number > most:
        raise _Refused(place, Wrong("must be at most {most}, found {found}", most=most, found=number))


def _clock_time(raw: Any, place: Place) -> time:
    try:
        return datetime.strptime(raw, "%H:%M").time()
    except (TypeError, ValueError) as error:
        raise _Refused(place, Wrong("expected a time like 21:30, found {found!r}", found=raw)) from error
