"""How a reader's cards are called, and how each is told apart."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import N_, Words

KINDS: Mapping[str, str] = {"library": N_("读者证"), "citizen": N_("市民卡"), "kiosk": N_("自助卡")}
SHOWN = 2  # of a number's end


def named(_: Words, kind: str, tail: str) -> str:
    """读者证（尾号 42）"""
    return _("{kind}（尾号 {tail}）", kind=_(KINDS[kind]), tail=tail[-SHOWN:])
