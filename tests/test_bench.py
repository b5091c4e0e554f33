"""What the measuring compares must do the same work: a peer that leaves other rows is no peer."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench import library, orders


def test_an_order_by_hand_leaves_the_rows_that_ours_leaves(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    library.build(ours)
    shutil.copy(ours, theirs)
    store, conn = orders.opened(ours), orders.connect(theirs)
    for reader in (1, 2):
        orders.through_the_door(store, reader)
        orders.by_hand(conn, reader)
    orders.same_rows(conn, store)
    assert store.db.value("SELECT COUNT(*) FROM orders") == 2
    conn.close()
    store.close()
