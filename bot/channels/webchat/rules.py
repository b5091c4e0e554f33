"""The rules page, /rules: the policy in sentences with examples computed now; no session (F-13)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint

from bot import rulebook
from bot.channels.webchat import public
from bot.service import Service
from bot.texts import Words


def blueprint(service: Service, headers: Mapping[str, str]) -> Blueprint:
    """One page, answered with these headers; the rules of now, not of the last visit."""
    return public.blueprint("rules", service, headers, "no-cache", partial(_facts, service))


def _facts(service: Service, _: Words) -> dict[str, Any]:
    now = service.clock.now()
    return {
        "policy": service.policy,
        "today": _.day(now),
        "parts": rulebook.sections(_, service.store.db, service.policy, now),
    }
