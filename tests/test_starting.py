"""What each start waits for: a command imports only what every command needs, and whoever serves is warm before."""

from __future__ import annotations

import subprocess
import sys
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest

from app import build
from bot import likeness, phrasebook, texts
from bot.service import Service
from bot.texts import Words
from bot.understanding import Intent, understand
from commands import shared
from lending import importing
from lending.errors import StoreUnwritable
from lending.policy import load_policy
from search import analysis, pinyin
from settings import Settings
from tests.commandline import ROOT

HEAVY = ["aiohttp", "httpx", "jieba", "openpyxl", "pypinyin", "telegram"]
READ_ONCE: list[_lru_cache_wrapper] = [
    phrasebook.phrasebook, likeness.examples, likeness.english, texts._traditional,
    analysis._cutter, analysis._fold, analysis._spell, pinyin._known,
]  # fmt: skip


def test_a_command_imports_nothing_that_few_need() -> None:
    """Telegram and the partners are for those who have them; dictionaries for those who search: half of each start."""
    asked = f"import sys, app; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_who_has_got_ready_reads_nothing_while_somebody_waits(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for once in (*READ_ONCE, understand, texts._in_traditional, pinyin.split_pinyin, pinyin.readable):
        once.cache_clear()
    shared.prepare_search(service)
    assert not phrasebook.phrasebook.cache_info().currsize, "who only searches waits for no wordings"
    shared.prepare(service)
    assert [once.__name__ for once in READ_ONCE if not once.cache_info().currsize] == []

    def again(*_: object, **__: object) -> None:
        raise AssertionError("read while somebody waits")

    for place in ("tomllib.loads", "opencc.OpenCC", "jieba.Tokenizer"):
        monkeypatch.setattr(place, again)
    assert understand("帮我续借") == understand("please renew my books") == Intent("renew")
    assert understand("我那本想多留几天行不行") and analysis.key("圍城") == "围城" and analysis.syllables("围城")
    assert Words("zh_Hant").called("云栖", "") == "雲棲"


@pytest.mark.parametrize("last", ["load_sample_events", "load_sample_appointments"])
def test_a_first_start_that_broke_off_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    """Half a sample library would stay half for ever: there are titles, so nobody would bring the rest."""
    settings = Settings(data=tmp_path, library="云栖", policy=load_policy(), secret="s" * 40)
    service = build(settings)

    def refuse(*_: object) -> None:
        raise StoreUnwritable("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(importing, last, refuse)
        with pytest.raises(StoreUnwritable):
            shared.prepare(service)
    assert service.store.db.value("SELECT COUNT(*) FROM titles") == 0
    shared.prepare(service)
    counts = "SELECT (SELECT COUNT(*) FROM titles) > 2000 AND (SELECT COUNT(*) FROM copies) > 2000"
    assert service.store.db.value(f"{counts} AND (SELECT COUNT(*) FROM events) > 0")
    service.store.close()
