"""What a sentence that no phrase covers is most like: the examples of each intent and the sentence, all as characters
(in English: words) and pairs of them, rare ones weighing more. A book's name holds pieces that no example has, so it is
like none."""

from __future__ import annotations

import math
import operator
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bot.numbers import NUMBER, ORDINALS
from bot.templates import wordings

_BEST_THREE = (1.0, 0.7, 0.5)
_UNMARKED = re.compile(r"\b(i|what|that|where|do|does|did|ca|is|wo|have|has)(m|s|nt|ve)\b")  # as typed in a hurry
_SHORTENED = re.compile(r"('m|'s|'re|'ll|'ve|'d|n't)\b")
_IN_FULL = {"'m": " am", "'s": " is", "'re": " are", "'ll": " will", "'ve": " have", "'d": " would", "n't": " not"}
_ANY_NUMBER = re.compile(f"第 ?{NUMBER}")


@dataclass(frozen=True, slots=True)
class Examples:
    """Sentences with their intents, ready to be compared."""

    intents: tuple[str, ...]
    rarity: Mapping[str, float]
    unknown: float  # how rare a piece is that no example holds
    holding: Mapping[str, tuple[tuple[int, float], ...]]  # by piece: in which example, with what weight

    def strange(self, text: str) -> int:
        """How many of its words, or characters, stand in no example."""
        return sum(len(piece.split()) == 1 and piece not in self.rarity for piece in set(_pieces(text)))


def read(path: Path) -> Examples:
    """The examples in the TOML file at `path`. ValueError or KeyError where one is not well written."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    said = [(intent, text) for intent, lines in data.items() for line in lines for text in _texts(line)]
    counts = Counter(piece for _intent, text in said for piece in set(_pieces(text)))
    rarity = {piece: math.log((len(said) + 1) / (n + 0.5)) for piece, n in counts.items()}
    unknown = math.log(2 * (len(said) + 1))
    holding: dict[str, list[tuple[int, float]]] = {}
    for at, (_intent, text) in enumerate(said):
        for piece, weight in _weights(text, rarity, unknown).items():
            holding.setdefault(piece, []).append((at, weight))
    return Examples(tuple(i for i, _ in said), rarity, unknown, {k: tuple(v) for k, v in holding.items()})


def _texts(line: str) -> Iterable[str]:
    texts = wordings(line)
    if texts is None:
        raise ValueError(f"an example with a slot, or with too many wordings: {line}")
    return texts


def nearest(examples: Examples, text: str) -> tuple[str, float]:
    """The intent whose examples are most like `text`, its best three counted, and how like the best is, 0 to 1."""
    scores: dict[int, float] = {}
    for piece, weight in _weights(text, examples.rarity, examples.unknown).items():
        for at, other in examples.holding.get(piece, ()):
            scores[at] = scores.get(at, 0.0) + weight * other
    like: dict[str, list[float]] = {"search": [0.0]}
    for at, score in scores.items():
        like.setdefault(examples.intents[at], []).append(score)
    best = {intent: sorted(found, reverse=True)[:3] for intent, found in like.items()}
    intent = max(best, key=lambda name: sum(map(operator.mul, best[name], _BEST_THREE)))
    return intent, best[intent][0]


def _weights(text: str, rarity: Mapping[str, float], unknown: float) -> Mapping[str, float]:
    """Each piece of `text` with its weight; the squares of all weights add up to one."""
    raw = {piece: (1 + math.log(n)) * rarity.get(piece, unknown) for piece, n in Counter(_pieces(text)).items()}
    length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
    return {piece: weight / length for piece, weight in raw.items()}


def _pieces(text: str) -> list[str]:
    """Its characters, or English words, and pairs of them; which number a book has makes no difference."""
    if text.isascii():
        whole = _SHORTENED.sub(lambda found: _IN_FULL[found[1]], _UNMARKED.sub(r"\1'\2", text))
        words = ["first" if word in ORDINALS else word for word in whole.split()]
        return [*words, *map(" ".join, pairwise(("^", *words, "$")))]
    plain = _ANY_NUMBER.sub("第1", text)
    edged = f"^{plain}$"
    return [*plain, *(edged[at : at + 2] for at in range(len(edged) - 1))]


EXAMPLES = read(Path(__file__).with_name("examples.toml"))
ENGLISH = read(Path(__file__).with_name("examples_en.toml"))
