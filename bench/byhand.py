"""A second peer of the webhook: the bare view, doing a turn's own SQL too, written out, without rules or talk.

`python -m bench.byhand PORT FOLDER`. The folder is a copy of the service's, its own; what a turn reads and writes
stands below, nothing is sealed, no index is asked, the answer is one constant. What it costs more than the bare view
nobody saves who keeps those tables.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, Response, jsonify, request

from bench.bare import THREADS
from bench.orders import Ask, connect, within
from bench.web import CHATTING, FIRST_CHAT, ORDERS
from bot import conversations
from lending import readers
from lending.catalogue import COPIES_BY_SHELF, FIELDS, HOLDS_WAITING
from lending.database import Store

ANSWER = '{"text":"' + "《活着》余华 · 作家出版社 2012 · 中心馆可借 2 本\\n" * 4 + '"}'
MEMORY = '{"choices":[["i:show_cart","借书单"],["i:show_orders","我的订单"]]}'


def turn(ask: Ask, update: dict[str, Any], titles: dict[str, int]) -> None:
    """One update, from the mark that it was seen to the answer in the outbox."""
    said = update.get("callback_query") or update["message"]
    chat, now = str(said["from"]["id"]), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ask(
        "INSERT INTO inbox (channel, event_id, address, chat, kind, text, received_at) "
        "VALUES ('telegram', :id, :chat, :chat, 'text', :text, :now) ON CONFLICT (channel, event_id) DO NOTHING",
        {"id": str(update["update_id"]), "chat": chat, "text": said.get("text") or said["data"], "now": now},
    )
    [(reader,)] = ask(
        "UPDATE contacts SET last_seen = :now, reachable = 1 WHERE channel = 'telegram' AND address = :chat "
        "RETURNING reader_id",
        {"now": now, "chat": chat},
    ).fetchall()
    ask("SELECT * FROM readers WHERE id = :r", {"r": reader}).fetchone()
    [(memory,)] = ask("SELECT memory FROM conversations WHERE reader_id = :r", {"r": reader}).fetchall()
    if "data" in said:
        within(ask, reader, int(memory), said["data"])
        ask("UPDATE readers SET point_id = :p WHERE id = :r", {"p": int(memory), "r": reader})
    else:
        _search(ask, reader, said["text"], titles, now)
    ask("UPDATE conversations SET memory = :memory WHERE reader_id = :r", {"memory": MEMORY, "r": reader})
    ask(
        "INSERT INTO outbox (channel, address, chat, body, state, due_at, made_at) "
        "VALUES ('telegram', :chat, :chat, :body, 'queued', :now, :now)",
        {"chat": chat, "body": ANSWER, "now": now},
    )
    due = "SELECT * FROM notices WHERE reader_id = :r AND state = 'waiting' AND due_at <= :now"
    ask(due, {"r": reader, "now": now}).fetchall()


def _search(ask: Ask, reader: int, text: str, titles: dict[str, int], now: str) -> None:
    found = {"id": titles[text], "r": reader}
    ask("SELECT id FROM escalations WHERE reader_id = :r AND state <> 'closed'", found).fetchone()
    ask(
        "INSERT INTO usage_counts (kind, key, day, n) VALUES ('search', :text, :day, 1) "
        "ON CONFLICT (kind, key, day) DO UPDATE SET n = usage_counts.n + 1",
        {"text": text, "day": now[:10]},
    )
    ask(f"SELECT {FIELDS} FROM titles WHERE id IN (:id)", found).fetchall()
    places = ask(COPIES_BY_SHELF.format(ids=":id"), found).fetchall()
    ask(HOLDS_WAITING.format(ids=":id"), found).fetchall()
    marks = {f"p{n}": row[1] for n, row in enumerate(places)}
    ask(f"SELECT * FROM points WHERE id IN ({', '.join(':' + mark for mark in marks)})", marks).fetchall()


def plain(store: Store, chats: list[str]) -> dict[str, int]:
    """Nothing sealed, all known already, the locker that was chosen as the talk's whole memory. Titles by name."""
    with store.writing() as db:
        db.run("UPDATE contacts SET address = unseal(chat)")
        db.run("UPDATE conversations SET memory = json_extract(unseal(memory), '$.draft.point')")
        for chat in chats:
            reader = readers.join(db, "zh_Hans", datetime.now(UTC))
            db.run(
                "INSERT INTO contacts (channel, address, reader_id, last_seen) VALUES ('telegram', :chat, :r, '')",
                chat=chat, r=reader.id,
            )  # fmt: skip
            conversations.save(db, reader.id, "", {})
    known = store.db.all("SELECT id, title FROM titles ORDER BY popularity, id DESC")
    return {row["title"]: row["id"] for row in known}


def application(folder: Path) -> Flask:
    """One connection behind a lock, as the bare view; its log at full length from the start, as the service's."""
    path = folder / "shuxin.sqlite"
    store = Store(path)
    titles = plain(store, [str(FIRST_CHAT + ORDERS + n) for n in range(CHATTING)])
    store.make_room()
    conn, app, lock = connect(path), Flask(__name__), threading.Lock()

    @app.post("/webhooks/telegram")
    def update() -> Response:
        payload = request.get_json()
        with lock:
            conn.execute("BEGIN IMMEDIATE")
            turn(conn.execute, payload, titles)
            conn.execute("COMMIT")
        return jsonify({})

    return app


if __name__ == "__main__":
    view = application(Path(sys.argv[2]))
    waitress.serve(view, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, _quiet=True)
