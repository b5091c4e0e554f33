"""Narrowing a list of titles: by class, branch, city, year, publisher, author, subject, language, form, what is free.

`select` answers a list and how long it is, `options` what each further narrowing would leave. Nothing empty is offered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from lending import audience
from lending.catalogue import ON_SHELF
from lending.database import Database
from lending.stock import named

MOST = 200  # titles that can be paged through; `Selected.total` counts them all
FOREIGN = "foreign"  # any language but Chinese
PARTED = {"author": "authors", "subject": "subjects"}  # columns that hold several names, parted by "; "
MOST_ALIKE = 6  # publishers whose names hold the same words
EARLY = 6  # decades shown one by one; what is older stands together
Form = Callable[[str], str]  # one form of the spellings of a publisher's name


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: these titles in this order, or class marks that begin so but not so; nothing set: everywhere.

    `young` leaves out what is for adults only, by its mark or by `adult_classes`.
    """

    ids: tuple[int, ...] | None = None
    prefixes: tuple[str, ...] | None = None
    beyond: tuple[str, ...] = ()
    young: bool = False
    adult_classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What must hold, all of it. Names are whole and as the catalogue writes them; years are inclusive.

    `city` means on the shelf there (A2-16): what is out may come back anywhere.
    `spellings` are other ways in which the catalogue writes that publisher; `language` is a code as the catalogue
    writes it, or FOREIGN.
    """

    available: bool = False
    point_id: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    publisher: str = ""
    spellings: tuple[str, ...] = ()
    author: str = ""
    subject: str = ""
    language: str = ""
    material: str = ""
    city: str = ""

    def as_facts(self) -> dict[str, Any]:
        """Only what is set, for keeping as JSON; `Filters.of(facts)` brings it back."""
        facts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in facts.items() if value not in (None, "", False, ())}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        """From what was kept."""
        return cls(**facts | {"spellings": tuple(facts.get("spellings", ()))})


class Selected(NamedTuple):
    """Title ids, the best known first or in the order of the scope, and how many there are in all."""

    ids: list[int]
    total: int


class Option(NamedTuple):
    """One further narrowing, and how many titles it would leave."""

    filters: Filters
    n: int


def select(db: Database, scope: Scope, filters: Filters, limit: int = MOST) -> Selected:
    """The titles of the scope that pass every filter."""
    where, values = _where(scope, filters)
    if scope.ids is not None:
        passed = {row["id"] for row in db.all(f"SELECT t.id FROM titles t WHERE {where}", **values)}
        return Selected([one for one in scope.ids if one in passed][:limit], len(passed))
    if not limit:
        return Selected([], int(db.value(f"SELECT COUNT(*) FROM titles t WHERE {where}", **values)))
    found = db.all(
        f"WITH passed AS MATERIALIZED (SELECT t.id, t.popularity FROM titles t WHERE {where}) "
        "SELECT id, (SELECT COUNT(*) FROM passed) AS total FROM passed ORDER BY popularity DESC, id LIMIT :most",
        most=limit, **values,
    )  # fmt: skip
    return Selected([row["id"] for row in found], found[0]["total"] if found else 0)


def marks(db: Database) -> dict[str, int]:
    """How many titles have each class mark, whatever class it belongs to."""
    rows = db.all("SELECT clc, COUNT(*) AS n FROM titles WHERE withdrawn = 0 GROUP BY clc")
    return {row["clc"]: row["n"] for row in rows}


def count(db: Database, scope: Scope) -> int:
    """How many titles stand there."""
    where, values = _where(scope, Filters())
    return int(db.value(f"SELECT COUNT(*) FROM titles t WHERE {where}", **values))


def options(db: Database, scope: Scope, filters: Filters, facet: str, form: Form = str) -> list[Option]:
    """What narrowing by that facet would leave, most first (years: newest first); its own filter is left out before.

    Publishers of one form stand together under their commonest spelling.
    """
    free = cleared(filters, facet)
    found = (Option(narrower, n) for narrower, n in _found(db, scope, free, facet, form) if n)
    if facet == "year":
        return list(found)
    return sorted(found, key=lambda option: (-option.n, str(option.filters)))


def cleared(filters: Filters, facet: str) -> Filters:
    """The filters without that facet's own."""
    empty: dict[str, dict[str, Any]] = {
        "available": {"available": False}, "point": {"point_id": None}, "year": {"year_from": None, "year_to": None},
        "publisher": {"publisher": "", "spellings": ()},
    }  # fmt: skip
    return replace(filters, **empty.get(facet, {facet: ""}))


def languages(db: Database, scope: Scope, filters: Filters) -> dict[str, int]:
    """How many of these titles are in each language, '' where the record does not say."""
    where, values = _where(scope, filters)
    rows = db.all(f"SELECT t.language, COUNT(*) AS n FROM titles t WHERE {where} GROUP BY t.language", **values)
    return {row["language"]: row["n"] for row in rows}


def stocked_points(db: Database) -> list[int]:
    """Ids of the points that have books, on the shelf or out."""
    rows = db.all(
        "SELECT p.id FROM points p WHERE EXISTS (SELECT 1 FROM copies c WHERE c.point_id = p.id "
        "AND c.state NOT IN ('lost', 'withdrawn')) ORDER BY p.id"
    )
    return [row["id"] for row in rows]


def publishers_like(db: Database, words: str, form: Form) -> list[Filters]:
    """Publishers one of whose names is or holds these words, those with most titles first; the very house alone."""
    found = sorted(_by_publisher(db, Scope(), Filters(), form), key=lambda house: (-house[1], house[0].publisher))
    houses = [house for house, _ in found]
    very = [house for house in houses if form(house.publisher) == form(words)]
    return very or [house for house in houses if _written_with(house, words.lower())][:MOST_ALIKE]


def _written_with(house: Filters, words: str) -> bool:
    return any(words in name.lower() for name in (house.publisher, *house.spellings))


# ---- the conditions ------------------------------------------------------------------------------------------------


def _where(scope: Scope, filters: Filters) -> tuple[str, dict[str, Any]]:
    parts: list[str] = ["t.withdrawn = 0"]
    values: dict[str, Any] = {}
    for part, bound in (*_of_scope(scope), *_of_title(filters), *_of_copies(filters)):
        parts.append(part)
        values |= bound
    return " AND ".join(parts), values


def _of_scope(scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    if scope.ids is not None:
        marks, bound = named(scope.ids)
        yield (f"t.id IN ({marks})" if marks else "1 = 0"), bound
    if scope.prefixes is not None:
        yield _beginning(scope.prefixes, "in")
        if scope.beyond:
            text, bound = _beginning(scope.beyond, "out")
            yield f"NOT {text}", bound
    if scope.young:
        text, bound = audience.condition(scope.adult_classes)
        yield f"NOT {text}", bound


def _beginning(prefixes: Iterable[str], name: str) -> tuple[str, dict[str, Any]]:
    """A condition on `clc`; a range on plain text is exact, uses the index and needs no pattern.

    Several ranges stand within one from the first to the last, so that the index is read once.
    """
    parts: list[str] = []
    values: dict[str, Any] = {}
    for n, prefix in enumerate(prefixes):
        parts.append(f"(t.clc >= :{name}{n} AND t.clc < :{name}{n}_end)")
        values |= {f"{name}{n}": prefix, f"{name}{n}_end": prefix + "\U0010ffff"}
    if len(parts) < 2:
        return f"({''.join(parts) or '1 = 0'})", values
    values |= {f"{name}_first": min(values.values()), f"{name}_last": max(values.values())}
    return f"(t.clc >= :{name}_first AND t.clc < :{name}_last AND ({' OR '.join(parts)}))", values


def _of_title(filters: Filters) -> Iterator[tuple[str, dict[str, Any]]]:
    if filters.publisher:
        houses = {f"house{n}": name for n, name in enumerate((filters.publisher, *filters.spellings))}
        yield f"t.publisher IN ({', '.join(':' + name for name in houses)})", houses
    if filters.year_from is not None:
        yield "t.year >= :year_from", {"year_from": filters.year_from}
    if filters.year_to is not None:
        yield "t.year <= :year_to", {"year_to": filters.year_to}
    if filters.language == FOREIGN:
        yield "t.language > '' AND t.language <> 'zh'", {}
    elif filters.language:
        yield "t.language = :language", {"language": filters.language}
    for facet, column in PARTED.items():
        if name := getattr(filters, facet):
            like = f"%; {_plain(name)}; %"
            yield f"('; ' || t.{column} || '; ') LIKE :{facet} ESCAPE '!'", {facet: like}


def _of_copies(filters: Filters) -> Iterator[tuple[str, dict[str, Any]]]:
    """One and the same copy must be of that form, at that branch, and free."""
    if filters.available or filters.city or filters.point_id is not None or filters.material:
        text, bound = _copy(filters)
        yield f"EXISTS (SELECT 1 FROM copies c WHERE c.title_id = t.id AND {text})", bound


def _copy(filters: Filters) -> tuple[str, dict[str, Any]]:
    parts = [ON_SHELF if filters.available or filters.city else "c.state NOT IN ('lost', 'withdrawn')"]
    values: dict[str, Any] = {}
    if filters.point_id is not None:
        parts.append("c.point_id + 0 = :point_id")  # not by the index of points: a title has few copies, a branch many
        values["point_id"] = filters.point_id
    if filters.city:
        parts.append("c.point_id + 0 IN (SELECT id FROM points WHERE city = :city)")
        values["city"] = filters.city
    if filters.material:
        parts.append("c.material = :material")
        values["material"] = filters.material
    return " AND ".join(parts), values


def _plain(words: str) -> str:
    return words.replace("!", "!!").replace("%", "!%").replace("_", "!_")


# ---- the counts ----------------------------------------------------------------------------------------------------


def _found(db: Database, scope: Scope, filters: Filters, facet: str, form: Form) -> Iterable[tuple[Filters, int]]:
    if facet == "available":
        free = replace(filters, available=True)
        return [(free, select(db, scope, free, 0).total)]
    if facet == "city":
        return _by_city(db, scope, filters)
    if facet in ("point", "material"):
        return _by_copies(db, scope, filters, {"point": "point_id"}.get(facet, facet))
    if facet in PARTED:
        return _by_name(db, scope, filters, facet)
    if facet == "language":
        return [(replace(filters, language=code), n) for code, n in languages(db, scope, filters).items() if code]
    return _by_decade(db, scope, filters) if facet == "year" else _by_publisher(db, scope, filters, form)


def _by_copies(db: Database, scope: Scope, filters: Filters, column: str) -> list[tuple[Filters, int]]:
    where, values = _where(scope, filters)
    copy, bound = _copy(filters)
    rows = db.all(
        f"SELECT c.{column} AS value, COUNT(DISTINCT t.id) AS n FROM titles t JOIN copies c ON c.title_id = t.id "
        f"WHERE {where} AND {copy} GROUP BY c.{column}",
        **values | bound,
    )
    return [(replace(filters, **{column: row["value"]}), row["n"]) for row in rows if row["value"] != ""]


def _by_city(db: Database, scope: Scope, filters: Filters) -> list[tuple[Filters, int]]:
    where, values = _where(scope, filters)
    copy, bound = _copy(replace(filters, available=True))
    rows = db.all(
        f"SELECT p.city AS value, COUNT(DISTINCT t.id) AS n FROM titles t JOIN copies c ON c.title_id = t.id "
        f"JOIN points p ON p.id = c.point_id WHERE {where} AND {copy} AND p.city <> '' GROUP BY p.city",
        **values | bound,
    )
    return [(replace(filters, city=row["value"]), row["n"]) for row in rows]


def _by_name(db: Database, scope: Scope, filters: Filters, facet: str) -> list[tuple[Filters, int]]:
    where, values = _where(scope, filters)
    rows = db.all(f"SELECT t.{PARTED[facet]} AS names FROM titles t WHERE {where}", **values)
    counted = Counter(name for row in rows for name in {*row["names"].split("; ")} if name)
    return [(replace(filters, **{facet: name}), n) for name, n in counted.items()]


def _by_publisher(db: Database, scope: Scope, filters: Filters, form: Form) -> list[tuple[Filters, int]]:
    where, values = _where(scope, filters)
    rows = db.all(
        f"SELECT t.publisher, COUNT(*) AS n FROM titles t WHERE {where} AND t.publisher <> '' GROUP BY t.publisher",
        **values,
    )
    houses: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        houses[form(row["publisher"])][row["publisher"]] += row["n"]
    found = []
    for counted in houses.values():
        name, *others = (name for name, _ in counted.most_common())
        found.append((replace(filters, publisher=name, spellings=tuple(others)), counted.total()))
    return found


def _by_decade(db: Database, scope: Scope, filters: Filters) -> list[tuple[Filters, int]]:
    where, values = _where(scope, filters)
    rows = db.all(
        f"SELECT t.year, COUNT(*) AS n FROM titles t WHERE {where} AND t.year IS NOT NULL GROUP BY t.year", **values
    )
    decades: Counter[int] = Counter()
    for row in rows:
        decades[row["year"] // 10 * 10] += row["n"]
    newest = sorted(decades, reverse=True)
    shown = [(replace(filters, year_from=ten, year_to=ten + 9), decades[ten]) for ten in newest[:EARLY]]
    older = newest[EARLY:]
    return [*shown, (replace(filters, year_to=older[0] + 9), sum(decades[ten] for ten in older))] if older else shown
