"""The simulators' pages alone, with a tick that counts how often it was called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask

from bot.texts import FULFILMENTS, ORDER_STATES, Words
from lending.clock import Clock
from lending.database import Store
from partners.console import blueprint
from partners.webhooks import webhooks
from tests.small_desk import POLICY

SECRET = "a secret for tests"
DOOR_KEY = b"a key for tests"


def application(store: Store, clock: Clock, tick: Callable[[], object]) -> Flask:
    """Console, bureau page and webhooks."""
    app = Flask("small stage", root_path=str(Path(__file__).parent))
    app.secret_key = "a key for tests"
    labels = ORDER_STATES, FULFILMENTS
    app.register_blueprint(blueprint(store, POLICY, clock, Words, "城西图书馆", *labels, tick, DOOR_KEY))
    app.register_blueprint(webhooks(store, POLICY, clock, SECRET))
    return app
