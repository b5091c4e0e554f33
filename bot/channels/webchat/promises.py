"""图书馆的信用, /promises: kept and broken by month, for everybody; no session and no reader in it (A1-16, D-1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint

from bot import promise_words
from bot.channels.webchat import public
from bot.service import Service
from bot.texts import Words
from lending import kept_promises

CACHE_SECONDS = 60


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """One page, answered with these headers."""
    cache = f"public, max-age={CACHE_SECONDS}"
    return public.blueprint("promises", service, headers, cache, partial(_facts, service))


def _facts(service: Service, _: Words) -> dict[str, Any]:
    return {
        "promised": promise_words.promised(_, service.policy),
        "months": kept_promises.by_month(service.store.db),
        "kinds": promise_words.KINDS,
        "month_name": partial(promise_words.month_name, _),
        "given": partial(promise_words.given, _),
    }
