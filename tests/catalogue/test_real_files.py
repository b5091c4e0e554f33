"""Real catalogues and broken exports: these tests exist only where SHUXIN_SHARED_DATA names a folder of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lending.database import Store
from lending.importing import load

FOLDER = Path(os.environ.get("SHUXIN_SHARED_DATA", "/nowhere"))
FILES = sorted(path for part in ("marc", "dirty") for path in (FOLDER / part).glob("*") if path.suffix != ".txt")

if FILES:

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_nearly_every_record_of_a_real_file_goes_in(store: Store, path: Path) -> None:
        report = load(store, path, gentle=False)
        assert report.added + report.repeated + report.same >= 0.97 * report.read > 0
        again = load(store, path, gentle=False)
        assert (again.added, again.changed) == (0, 0)
