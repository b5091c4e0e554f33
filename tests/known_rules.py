"""Applications made sooner, for whoever makes many: importing this is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart


class KnownRule(Rule):
    """A rule that is read, and whose addresses are written by code compiled, once: this is most of what an application
    costs, and a thousand tests have one of their own. What comes of it is the same for rules that read the same."""

    _parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}  # noqa: RUF012
    _known: dict[Any, Callable[..., Any]] = {}  # noqa: RUF012

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        if rule not in self._parsed:
            before = len(self._trace)
            parts = list(super()._parse_rule(rule))
            self._parsed[rule] = parts, self._trace[before:], dict(self._converters)
        else:
            _parts, trace, converters = self._parsed[rule]
            self._trace += trace
            self._converters |= converters
            self.arguments |= converters.keys()
        return self._parsed[rule][0]

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        reads = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if reads not in self._known:
            self._known[reads] = super()._compile_builder(append_unknown)
        return self._known[reads]


Flask.url_rule_class = KnownRule
