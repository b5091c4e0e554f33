"""What a sentence that no phrase covers is most like: the examples of each intent and the sentence, all as characters
(in English: words without their endings, and their kinds) and pairs of them, rare ones weighing more. A book's
name holds pieces that no example has, so it is like none."""

from __future__ import annotations

import math
import operator
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from bot.numbers import NUMBER, ORDINALS
from bot.templates import wordings

_COUNTED = (1.0, 0.7, 0.5)  # of each intent's examples the best, with what weight
_COUNTED_ENGLISH = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
_UNMARKED = re.compile(r"\b(i|what|that|where|do|does|did|ca|is|wo|have|has)(m|s|nt|ve)\b")  # as typed in a hurry
_SHORTENED = re.compile(r"('m|'s|'re|'ll|'ve|'d|n't)\b")
_IN_FULL = {"'m": " am", "'s": " is", "'re": " are", "'ll": " will", "'ve": " have", "'d": " would", "n't": " not"}
_ENDINGS = (("ing", 5, ""), ("ies", 4, "y"), ("ed", 4, ""), ("ss", 2, "ss"), ("s", 3, ""))  # of words longer than that
_SHORTEST = 3
_ANY_NUMBER = re.compile(f"第 ?{NUMBER}")


@dataclass(frozen=True, slots=True)
class Examples:
    """Sentences with their intents, ready to be compared."""

    intents: Mapping[str, slice]  # where its examples stand, one after the other
    size: int
    kinds: Mapping[str, str]  # by word (in English without its ending): the first that means much the same, or ''
    counted: tuple[float, ...]
    rarity: Mapping[str, float]
    unknown: float  # how rare a piece is that no example holds
    holding: Mapping[str, tuple[list[int], list[float]]]  # by piece: in which examples, with what weights

    def strange(self, text: str) -> int:
        """How many of its words, or characters, stand in no example."""
        return sum(len(piece.split()) == 1 and piece not in self.rarity for piece in set(_pieces(text, self.kinds)))


@dataclass(frozen=True, slots=True)
class Likeness:
    """The intent whose examples a sentence is most like."""

    intent: str
    likeness: float  # to the best of them, 0 to 1
    lead: float  # how much more than a wish for a book, all examples counted


@cache
def examples() -> Examples:
    """What is said in Chinese."""
    return read(Path(__file__).with_name("examples.toml"), _COUNTED)


@cache
def english() -> Examples:
    """What is said in English."""
    return read(Path(__file__).with_name("examples_en.toml"), _COUNTED_ENGLISH)


@cache
def here() -> Examples:
    """What is said of what stands there: the intents are the words of halves.TABLE."""
    return read(Path(__file__).with_name("examples_here.toml"), _COUNTED)


@cache
def here_in_english() -> Examples:
    """The same in English."""
    return read(Path(__file__).with_name("examples_here_en.toml"), _COUNTED_ENGLISH)


def read(path: Path, counted: tuple[float, ...]) -> Examples:
    """The examples in the TOML file at `path`. ValueError or KeyError where one is not well written."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    alike = [[_stem(word) for word in line.split()] for line in data.pop("alike", ())]
    kinds = {word: words[0] for words in alike for word in words} | dict.fromkeys(data.pop("unsaid", ()), "")
    kinds = {word: kinds[word] for word in sorted(kinds, key=len, reverse=True)}
    intents, said = dict[str, slice](), list[str]()
    for intent, lines in data.items():
        begin = len(said)
        said += [text for line in lines for text in _texts(line)]
        intents[intent] = slice(begin, len(said))
    counts = Counter(piece for text in said for piece in set(_pieces(text, kinds)))
    rarity = {piece: math.log((len(said) + 1) / (n + 0.5)) for piece, n in counts.items()}
    unknown = math.log(2 * (len(said) + 1))
    holding: dict[str, tuple[list[int], list[float]]] = {}
    for at, text in enumerate(said):
        for piece, weight in _weights(_pieces(text, kinds), rarity, unknown).items():
            where, weights = holding.setdefault(piece, ([], []))
            where.append(at)
            weights.append(weight)
    return Examples(intents, len(said), kinds, counted, rarity, unknown, holding)


def _texts(line: str) -> Iterable[str]:
    texts = wordings(line)
    if texts is None:
        raise ValueError(f"an example with a slot, or with too many wordings: {line}")
    return texts


def nearest(examples: Examples, text: str) -> Likeness:
    """What `text` is most like, the best examples of each intent counted."""
    best = {"search": [0.0]} | alike(examples, text)
    total = {intent: sum(map(operator.mul, found, examples.counted)) for intent, found in best.items()}
    intent = max(total, key=lambda name: total[name])
    return Likeness(intent, best[intent][0], total[intent] - total["search"])


def alike(examples: Examples, text: str) -> dict[str, list[float]]:
    """How like `text` the examples of each intent are, 0 to 1, the best first."""
    scores = [0.0] * examples.size
    for piece, weight in _weights(_pieces(text, examples.kinds), examples.rarity, examples.unknown).items():
        for at, other in zip(*examples.holding.get(piece, ([], [])), strict=True):
            scores[at] += weight * other
    return {intent: sorted(scores[where], reverse=True) for intent, where in examples.intents.items()}


def _weights(pieces: list[str], rarity: Mapping[str, float], unknown: float) -> Mapping[str, float]:
    """Each piece with its weight; the squares of all weights add up to one."""
    raw = {piece: (1 + math.log(n)) * rarity.get(piece, unknown) for piece, n in Counter(pieces).items()}
    length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
    return {piece: weight / length for piece, weight in raw.items()}


def _pieces(text: str, kinds: Mapping[str, str]) -> list[str]:
    """Its characters, or English words, and pairs of them; which number a book has makes no difference."""
    if text.isascii():
        whole = _SHORTENED.sub(lambda found: _IN_FULL[found[1]], _UNMARKED.sub(r"\1'\2", text))
        words = ["first" if word in ORDINALS else _stem(word) for word in whole.split()]
        meant = [kinds.get(word, word) for word in words]
        of_kinds = [f"={kinds[word]}" for word in words if word in kinds]
        return [*words, *of_kinds, *map(" ".join, pairwise(("^", *meant, "$")))]
    plain = _ANY_NUMBER.sub("第1", text)
    for word, kind in kinds.items():
        plain = plain.replace(word, kind)
    edged = f"^{plain}$"
    return [*plain, *(edged[at : at + 2] for at in range(len(edged) - 1))]


def _stem(word: str) -> str:
    """An English word without its ending; roughly, but each form of a word alike."""
    for ending, least, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > least:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > _SHORTEST and word.endswith("e"):
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] else word

