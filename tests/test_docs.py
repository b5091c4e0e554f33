"""README.md and docs/ name only what there is: files, folders, links, `flask` and `make` commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click
import pytest

import commands
from admin.waiting import LYING
from bot.phrasebook import phrasebook
from lending import cases, copy_states, holds, orders, parcels, purchases, reviews, wishes

ROOT = Path(__file__).parents[1]
PAGES = {str(page.relative_to(ROOT)): page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
NOT_OURS = {".venv", "data", "node_modules"}  # made at the first start
FILE = re.compile(r"`([\w./-]+\.(?:py|toml|tsv|csv|html|css|js|md|po|txt)|[\w./-]+/)`")
DRAWN = re.compile(r"(?<![\w*./])([\w/]+\.(?:py|html)|(?<=\n)(?: {2})?[a-z_]+/)(?= |,|:|\))")  # in a plan
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
COMMAND = re.compile(r"`(?:\.venv/bin/)?flask ([a-z-]+)(?: ([a-z-]+))?")
TARGET = re.compile(r"\bmake ([a-z-]+)`")


def there() -> set[str]:
    """Every file and folder of ours, each also by the end of its path, as the pages name them."""
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.relative_to(ROOT).parts[0] not in NOT_OURS)
    return {end for path in paths for end in ends(path.parts, (ROOT / path).is_dir())}


def ends(parts: tuple[str, ...], folder: bool) -> Iterable[str]:
    return ("/".join(parts[n:]) + ("/" if folder else "") for n in range(len(parts)))


THERE = there()
TEXTS = {name: page.read_text(encoding="utf-8") for name, page in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_is_there(name: str) -> None:
    """What is made at the first start (`data/`), and an ending by itself (`.csv`), are none."""
    named = {one for one in FILE.findall(TEXTS[name]) if one.split("/")[0] not in NOT_OURS and not one.startswith(".")}
    assert named - THERE == set()


def test_every_room_of_the_plan_is_there() -> None:
    """docs/architecture.md draws them, without marks round their names."""
    plans = TEXTS["docs/architecture.md"].split("```")[1::2]
    drawn = {found.strip() for plan in plans for found in DRAWN.findall(plan)}
    assert {"app.py", "lending/", "channels/", "running.py", "bot/receive.py"} <= drawn and drawn - THERE == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = LINK.findall(TEXTS[name])
    assert [link for link in links if not (PAGES[name].parent / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_is_named_can_be_given(name: str) -> None:
    known = {command.name: command for command in commands.ALL}
    recipes = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(TEXTS[name])) <= recipes
    for command, part in COMMAND.findall(TEXTS[name]):
        assert command in known, command
        group = known[command]
        if part and isinstance(group, click.Group):
            assert part in group.commands, (command, part)


def test_every_picture_that_is_shown_is_taken_by_the_script_and_no_other_lies_there() -> None:
    shown = {Path(link).stem for text in TEXTS.values() for link in LINK.findall(text) if link.endswith(".png")}
    taken = (ROOT / "docs" / "pictures.py").read_text()
    assert [one for one in shown if f'"{one}"' not in taken and f'"{one.removeprefix("admin-")}"' not in taken] == []
    assert shown == {picture.stem for picture in (ROOT / "docs" / "pictures").glob("*.png")} and len(shown) > 50


def test_something_is_looked_at() -> None:
    """A pattern that finds nothing would be content with any page."""
    every = "\n".join(TEXTS.values())
    assert {"lending/orders.py", "orders.py", "bot/dialogue.py"} <= set(FILE.findall(every)) & THERE
    assert {"docs/export.md", "credit.md"} <= set(LINK.findall(every))
    assert {("policy", "show"), ("reindex", "")} <= set(COMMAND.findall(every)) and "bench" in TARGET.findall(every)


LIVES: dict[str, Iterable[str]] = {  # a part of docs/circulation.md, and the table of steps that it tells
    "订单 orders": orders.STEPS, "册 copies": copy_states.STEPS, "个案 cases": cases.STEPS, "预约 holds": holds.STEPS,
    "荐购 suggestions": wishes.STEPS, "书评 reviews": reviews.STEPS, "书店新书 purchases": purchases.STEPS,
}  # fmt: skip


@pytest.mark.parametrize("part", LIVES)
def test_every_step_of_a_life_stands_in_its_table(part: str) -> None:
    text = TEXTS["docs/circulation.md"].split(f"\n## {part}\n")[1].split("\n## ")[0]
    rows = " ".join(line for line in text.split("\n") if line.startswith("|"))
    assert set(LIVES[part]) - set(re.findall("[a-z_]+", rows)) == set()


def test_every_state_of_a_parcel_is_told_as_it_is() -> None:
    """Whether it ends there, a librarian looks, and the reader hears."""
    text = TEXTS["docs/circulation.md"].split("\n## 包裹 parcels\n")[1].split("\n## ")[0]
    rows = {found[1]: line.split("|")[3:6] for line in text.split("\n") if (found := re.match(r"\| `(\w+)` ", line))}
    assert list(rows) == list(parcels.LIFE)
    for name, (ends, looked_at, told) in rows.items():
        life = parcels.LIFE[name]
        assert ("✓" in ends, "✓" in looked_at) == (life.ends, f"'{name}'" in LYING), name
        assert told.strip().startswith("✓") == life.told, name


def test_how_many_wordings_there_are_is_about_right() -> None:
    said = re.search(r"some ([\d,]+) wordings", TEXTS["docs/architecture.md"])
    assert said
    told, there_are = int(said[1].replace(",", "")), len(phrasebook().phrases)
    assert 0.85 < told / there_are < 1.15, there_are
