"""What a part of the rules is: its title, its sentences, and examples computed now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """`lines` say the rules, the weightiest first; `examples` show them at work."""

    code: str
    title: str
    lines: tuple[str, ...]
    examples: tuple[str, ...] = ()
