"""Applications made sooner, for whoever makes many: importing this is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule


class KnownRule(Rule):
    """A rule whose addresses are written by code compiled once: to compile it is most of what an application costs,
    and a thousand tests have one of their own. The code is the same for rules that read the same."""

    _known: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        reads = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if reads not in self._known:
            self._known[reads] = super()._compile_builder(append_unknown)
        return self._known[reads]


Flask.url_rule_class = KnownRule
