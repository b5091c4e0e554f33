"""Books like a book: the same class, author and subjects, the likeliest first; its own editions are left out."""

from __future__ import annotations

import math
from itertools import takewhile

from bot.finder import Finder
from lending import catalogue, selection
from lending.catalogue import Title
from lending.database import Database
from lending.selection import Scope
from search import analysis, forms

ENOUGH = 60  # books of the very class; with fewer, the wider class is looked at too
WIDEST = 2  # characters of a class mark below which books have too little in common
BY_AUTHOR = 40


def similar(db: Database, finder: Finder, title: Title, limit: int) -> list[int]:
    """Ids of other works, the most alike first; [] when nothing is known that a book could share."""
    near = dict.fromkeys((*_same_class(db, title.clc), *_same_author(finder, title), *_same_subjects(finder, title)))
    found = [one for one in catalogue.titles(db, near).values() if not one.withdrawn and one.id != title.id]
    scored = sorted(((likeness(title, one), one) for one in found), key=lambda pair: (-pair[0], pair[1].id))
    works = {work(title)}
    kept: list[int] = []
    for score, one in scored:
        if score >= 1 and work(one) not in works:
            works.add(work(one))
            kept.append(one.id)
    return kept[:limit]


def likeness(title: Title, other: Title) -> float:
    """How much two books share: up to 3 for the author, 2 for the class, 2 for subjects; fame only parts equals."""
    score = 3.0 if names(title) & names(other) else 0.0
    if title.clc and other.clc:
        shared = len([*takewhile(lambda pair: pair[0] == pair[1], zip(title.clc, other.clc, strict=False))])
        score += 2 * shared / len(title.clc) if shared >= WIDEST else 0
    subjects = set(title.subjects)
    if subjects:
        score += 2 * len(subjects & set(other.subjects)) / len(subjects)
    return score + min(math.log10(1 + max(other.popularity, 0)) / 20, 0.4)


def names(title: Title) -> set[str]:
    """The authors' names in the form that all spellings share."""
    return {form for name in title.authors if (form := forms.author(name))}


def work(title: Title) -> tuple[str, str]:
    """What the editions of one work share: the title without brackets, and the volume."""
    bare = title.title.split("（")[0].split("(")[0] or title.title
    return analysis.key(bare), analysis.key(title.volume)


def _same_class(db: Database, clc: str) -> list[int]:
    """Books of the class, the best known first; a thin class is filled up from the one above."""
    found: list[int] = []
    for length in range(len(clc), WIDEST - 1, -1):
        found = selection.select(db, Scope(prefixes=(clc[:length].rstrip("."),)), selection.Filters()).ids
        if len(found) >= ENOUGH:
            break
    return found


def _same_author(finder: Finder, title: Title) -> tuple[int, ...]:
    return finder.by_fields("", title.authors[0])[:BY_AUTHOR] if title.authors else ()


def _same_subjects(finder: Finder, title: Title) -> tuple[int, ...]:
    """Only where there is no class to go by."""
    return finder.find(" ".join(title.subjects[:2])).ids if title.subjects and not title.clc else ()
