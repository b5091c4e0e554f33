"""One line a figure: what was measured, the goal, and whether it was met."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured ratio or count. `goal` is its least value, or its greatest with `at_most`; None is told only."""

    name: str
    value: float
    goal: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal, if there is one, is reached."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.at_most else self.value >= self.goal


def show(figures: Iterable[Figure]) -> bool:
    """Print the table; True when every goal is met."""
    figures = list(figures)
    wide = max((_columns(figure.name) for figure in figures), default=0)
    print(f"\n{'':{wide}}  {'measured':>9}  {'goal':>8}")
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≤' if figure.at_most else '≥'} {_number(figure.goal)}"
        verdict = "" if figure.goal is None else "met" if figure.met else "MISSED"
        pad = " " * (wide - _columns(figure.name))
        print(f"{figure.name}{pad}  {_number(figure.value):>9}  {goal:>8}  {verdict:6}  {figure.note}".rstrip())
    return all(figure.met for figure in figures)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
