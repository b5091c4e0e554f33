"""What became of a file: counts, and the first problems of each kind with their places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lending.by_hand import Differing
from lending.importing.problems import Problem

SHOWN = 20  # problems of a kind that are kept, so that one in every row hides no other; all are counted


@dataclass
class Report:
    """`problems` are rows that stayed out, `warnings` what was left out of rows that went in.

    `by_hand` is what a person had changed and the file says otherwise.
    `withdrawn` are the titles 下架 (with their ids) that copies came to, and how many.
    `repeated` rows name a title that the file has named before: the first stands.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    repeated: int = 0
    copies_added: int = 0
    copies_changed: int = 0
    without_copies: int = 0
    problem_count: int = 0
    warning_count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    by_hand: list[Differing] = field(default_factory=list)
    withdrawn: Counter[tuple[int, str]] = field(default_factory=Counter)

    def refuse(self, problem: Problem) -> None:
        """A row that stays out."""
        self.problem_count += 1
        self.reasons[problem.reason] += 1
        if self.reasons[problem.reason] <= SHOWN:
            self.problems.append(problem)

    def warn(self, problem: Problem) -> None:
        """Something left out of a row that goes in."""
        self.warning_count += 1
        self.reasons[problem.reason] += 1
        if self.reasons[problem.reason] <= SHOWN:
            self.warnings.append(problem)
