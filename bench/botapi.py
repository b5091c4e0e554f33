"""A Bot API in a process of its own, for a service under load: it takes every message and asks no questions.

`python -m bench.botapi PORT [apart]`; apart, it stays on one processor.
"""

from __future__ import annotations

import sys
from itertools import count

import waitress
from flask import Flask, Response, jsonify, request

from bench.load import stay_apart

TRUE_ONLY = ("setwebhook", "deletewebhook", "setmycommands", "answercallbackquery")


def application() -> Flask:
    """Messages get numbers; everything else is true."""
    app, numbers = Flask(__name__), count(1)

    @app.route("/bot<token>/<method>", methods=["GET", "POST"])
    def call(token: str, method: str) -> Response:
        if method.lower() in TRUE_ONLY:
            return jsonify({"ok": True, "result": True})
        chat = {"id": int(request.values.get("chat_id", 1)), "type": "private"}
        message = {"message_id": next(numbers), "date": 1_763_600_000, "chat": chat, "text": "…"}
        return jsonify({"ok": True, "result": message})

    return app


if __name__ == "__main__":
    if sys.argv[2:] == ["apart"]:
        stay_apart()
    waitress.serve(application(), host="127.0.0.1", port=int(sys.argv[1]), threads=16, _quiet=True)
