"""The peer of the webhook: a Flask view under a usual server that only reads the JSON and makes one durable write.

`python -m bench.bare PORT FILE`.
"""

from __future__ import annotations

import sqlite3
import sys
import threading

import waitress
from flask import Flask, Response, jsonify, request

THREADS = 8  # as many as the pages of the service


def application(path: str) -> Flask:
    """One connection behind a lock: writers that wait for SQLite's own lock would wait longer."""
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 10000"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("CREATE TABLE updates (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    app, turn = Flask(__name__), threading.Lock()

    @app.post("/webhooks/telegram")
    def update() -> Response:
        payload = request.get_json()
        with turn:
            conn.execute("INSERT INTO updates VALUES (?, ?)", (payload["update_id"], request.get_data(as_text=True)))
        return jsonify({})

    return app


if __name__ == "__main__":
    waitress.serve(application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, _quiet=True)
