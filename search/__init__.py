"""Finding titles: what a reader types, in characters, pinyin or an ISBN, becomes the titles that were meant."""

from search.analysis import warm

__all__ = ["warm"]
