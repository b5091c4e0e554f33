"""Plain words of the library as frozen dataclasses and enums, and how its time is written down."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

LIBRARY_ZONE = ZoneInfo("Asia/Shanghai")
MOMENTS = 256  # written down lately: an order writes the same one down four times


def half_width(text: str) -> str:
    """What an input method wrote in full width (Ｂ００７), as a keyboard writes it."""
    return unicodedata.normalize("NFKC", text)


def typed(code: str) -> str:
    """A number or code as we write it, however it was scanned or typed: half width, without blanks, in capitals."""
    return "".join(half_width(code).split()).upper()


@lru_cache(MOMENTS)
def stamp(moment: datetime) -> str:
    """UTC text that sorts by time: 2026-11-20T10:00:00Z. The moment must know its zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat()[:19] + "Z"


def parse_stamp(text: str) -> datetime:
    """The moment a stamp stands for, in UTC."""
    return datetime.fromisoformat(text)


@lru_cache(MOMENTS)
def library_day(moment: datetime) -> date:
    """The calendar day it is in the library (B2-15)."""
    return moment.astimezone(LIBRARY_ZONE).date()


def end_of_day(day: date) -> datetime:
    """23:59:59 of that day in the library's zone (B2-15)."""
    return datetime.combine(day, time(23, 59, 59), LIBRARY_ZONE)


def start_of_day(day: date) -> datetime:
    """00:00:00 of that day in the library's zone."""
    return datetime.combine(day, time(0), LIBRARY_ZONE)


def later(moment: datetime, **parts: float) -> datetime:
    """That long after the moment: later(now, hours=24)."""
    return moment + timedelta(**parts)


class CopyState(StrEnum):
    """Where a copy stands (E3)."""

    AVAILABLE = "available"  # 在架
    RESERVED = "reserved"  # 备书
    IN_TRANSIT = "in_transit"  # 在途
    AWAITING = "awaiting"  # 待取
    ON_LOAN = "on_loan"  # 在借
    DAMAGED = "damaged"  # 损坏
    LOST = "lost"  # 丢失
    WITHDRAWN = "withdrawn"  # 剔除


class OrderState(StrEnum):
    """The life of an order (E3); the table of steps stands in orders.py."""

    IN_REVIEW = "in_review"  # 待审核
    APPROVED = "approved"  # 审核通过
    REFUSED = "refused"  # 审核不通过
    PICKING = "picking"  # 备书中
    PACKED = "packed"  # 已打包
    SHIPPED = "shipped"  # 运输中
    IN_LOCKER = "in_locker"  # 已入柜
    AT_COUNTER = "at_counter"  # 待自取
    DONE = "done"  # 完成
    CANCELLED = "cancelled"  # 取消


class Fulfilment(StrEnum):
    """How books reach the reader."""

    LOCKER = "locker"
    DELIVERY = "delivery"
    COUNTER = "counter"


class Verdict(StrEnum):
    """A bureau's answer to "is it at least the threshold?"; cannot tell is not no (B3.1)."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"
