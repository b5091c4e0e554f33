"""What waits in every room, counted: one table, a row for each sort of work, and where it is done. Reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from admin.desk import N_
from admin.lookup import CHANGED_UNTOLD, LATELY, READY_UNTOLD
from bot.escalations import UNANSWERED
from lending import duplicates, events, repairs
from lending.clearing import OUT_OF_PLACE
from lending.database import Database
from lending.model import library_day, stamp, start_of_day
from lending.order_records import DOOR_SHUT
from lending.parcels import SILENT, STILL_OUT, TROUBLES, silent_since
from lending.policy import Policy
from lending.rounds import UNSPOKEN
from lending.uncollected import COMES, KNOWN_SINCE

DAYS = 7  # how far back the front page looks
ORDERS, CASES = "SELECT COUNT(*) FROM orders WHERE ", "SELECT COUNT(*) FROM compensations WHERE "
ANSWERED = "SELECT who FROM escalation_lines WHERE escalation_id = e.id ORDER BY id DESC LIMIT 1"
LYING = ", ".join(f"'{state}'" for state in (*TROUBLES, "at_pickup_point"))
UNDER_WAY = "state IN ('approved', 'picking', 'packed')"
APPEALS = "SELECT COUNT(*) FROM appeals WHERE state IN ('open', 'proposed')"


@dataclass(frozen=True, slots=True)
class Work:
    """One sort of work: the room and its arguments, its words, how much waits, and how much of it is late.

    The words may hold {n}, which is DAYS. The queries know :now, :today and :tomorrow (their beginnings), :week (the
    first of those days), :called (whose orders have waited since then is telephoned), :lately (what changed before is
    not told any more).
    """

    room: str
    words: str
    count: str
    late: str = "0"
    arguments: Mapping[str, object] = field(default_factory=dict)


WORK = (
    Work("escalations", N_("读者在等馆员"), f"SELECT COUNT(*) FROM escalations e WHERE {UNANSWERED} "
         f"OR (state = 'answered' AND 'reader' = ({ANSWERED}))",
         f"SELECT COUNT(*) FROM escalations WHERE {UNANSWERED} AND promised_at < :now"),
    Work("orders", N_("待审核的订单"), ORDERS + "state = 'in_review'",
         ORDERS + "state = 'in_review' AND promised_at < :now", arguments={"state": "in_review"}),
    Work("orders", N_("要备书、打包、送出的订单"), ORDERS + UNDER_WAY, ORDERS + UNDER_WAY +
         " AND (promised_at < :now OR (state <> 'packed' AND pack_by < :now))"),
    Work("parcels", N_("打包好，等着交出去的包裹"), "SELECT COUNT(*) FROM parcels WHERE state = 'created'"),
    Work("parcels", N_("遇到麻烦的包裹"), "SELECT COUNT(*) FROM parcels p JOIN orders o ON o.id = p.order_id "
         f"WHERE o.state = 'shipped' AND (p.state IN ({LYING}) OR {STILL_OUT.format(':today')} "
         f"OR {SILENT.format(':silent')})"),
    Work("rounds", N_("送书班次过了，没人说送到没有的包裹"),
         f"SELECT COUNT(*) FROM parcels p WHERE {UNSPOKEN.format(':today')}",
         f"SELECT COUNT(*) FROM parcels p WHERE {UNSPOKEN.format(':today')}"),
    Work("parcels", N_("没人跟踪的运单"), "SELECT COUNT(*) FROM parcel_follows f JOIN parcels p ON p.id = f.parcel_id "
         "JOIN orders o ON o.id = p.order_id WHERE f.state = 'refused' AND o.state IN ('packed', 'shipped')"),
    Work("lockers", N_("读者说没开的柜门"), "SELECT COUNT(*) FROM door_claims d JOIN orders o ON o.id = d.order_id "
         "WHERE d.state = 'open' AND o.state = 'in_locker'"),
    Work("lockers", N_("要清空的格口"), "SELECT COUNT(*) FROM boxes WHERE state = 'to_empty'"),
    Work("lockers", N_("对不上的书柜报告"), "SELECT COUNT(*) FROM locker_reports WHERE state = 'disputed'"),
    Work("lockers", N_("等了很久没来取，要打电话"),
         "SELECT COUNT(*) FROM orders o WHERE state IN ('in_locker', 'at_counter') "
         f"AND {KNOWN_SINCE.format(':called')} AND pickup_until >= :now AND NOT {DOOR_SHUT} AND NOT {COMES}"),
    Work("letters", N_("书到了、消息到不了，要打电话告诉读者"), f"SELECT COUNT(*) FROM ({READY_UNTOLD})"),
    Work("letters", N_("有了变化、消息到不了，要打电话告诉读者"), f"SELECT COUNT(*) FROM ({CHANGED_UNTOLD})"),
    Work("appointments", N_("到了服务台、在等书的读者"), ORDERS + "state = 'at_counter' AND arrived_at >= :today"),
    Work("appointments", N_("约了今天来取的订单"), "SELECT COUNT(*) FROM appointments WHERE state = 'booked' "
         "AND ends_at > :now AND starts_at < :tomorrow"),
    Work("orders", N_("在路上或等读者来取"), ORDERS + "state IN ('shipped', 'in_locker', 'at_counter')",
         ORDERS + "state IN ('in_locker', 'at_counter') AND pickup_until < :now"),
    Work("ways_back", N_("要拆包、下架的订单"), ORDERS + "to_clear = 1"),
    Work("ways_back", N_("要从预约架、备书桌上放回去的书，要取到预约架的书"),
         f"SELECT COUNT(*) FROM copies c WHERE {OUT_OF_PLACE}"),
    Work("ways_back", N_("读者说还了、要找的书"), "SELECT COUNT(*) FROM shelf_checks WHERE state = 'open'"),
    Work("copies", N_("读者在架上没找到的书"), "SELECT COUNT(*) FROM unfound WHERE state = 'open'"),
    Work("ways_back", N_("等快递上门取的书"), "SELECT COUNT(*) FROM home_returns WHERE state = 'asked'"),
    Work("ways_back", N_("快递取走、还没到馆的书"), "SELECT COUNT(*) FROM home_returns WHERE state = 'collected'"),
    Work("cases", N_("丢失和破损的个案"), CASES + "state NOT IN ('settled', 'found')",
         CASES + "state = 'reported' AND promised_at < :now"),
    Work("cases", N_("等着看的申诉"), APPEALS, APPEALS + " AND promised_at < :now"),
    Work("cases", N_("快递弄丢了，可能要退的运费"), "SELECT COUNT(*) FROM fee_refunds WHERE state = 'open'"),
    Work("cards", N_("要核对的读者证"), "SELECT COUNT(*) FROM proofs WHERE state = 'desk'"),
    Work("purchases", N_("书店新书，等看或等寄"),
         "SELECT COUNT(*) FROM purchases WHERE state IN ('asked', 'approved')"),
    Work("events", N_("今天的活动"), "SELECT COUNT(*) FROM events WHERE state = 'planned' AND ends_at > :now "
         "AND starts_at < :tomorrow"),
    Work("wishes", N_("没看过的荐购"), "SELECT COUNT(*) FROM wishes WHERE state = 'new'"),
    Work("reviews", N_("没看过的书评"), "SELECT COUNT(*) FROM reviews WHERE state = 'waiting'"),
    Work("messages", N_("没送到的消息"), "SELECT COUNT(*) FROM outbox WHERE state = 'failed'"),
    Work("misses", N_("近 {n} 天没找到的书"),
         "SELECT COUNT(DISTINCT key) FROM usage_counts WHERE kind = 'miss' AND day >= :week", arguments={"days": DAYS}),
    Work("promises", N_("近 {n} 天没守时的订单"),
         "SELECT COUNT(DISTINCT order_id) FROM broken_promises WHERE noticed_at >= :week"),
    Work("readers", N_("读者手里的书"), "SELECT COUNT(*) FROM loans WHERE returned_at IS NULL",
         "SELECT COUNT(*) FROM loans WHERE returned_at IS NULL AND stopped_at IS NULL AND due_at < :now"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of one sort of work there is."""

    work: Work
    n: int
    late: int


def now_waiting(db: Database, policy: Policy, now: datetime) -> list[Waiting]:
    """Whatever waits, in the order of the table; what is not there is not named."""
    counts = ", ".join(f"({one.count}) AS n{place}, ({one.late}) AS late{place}" for place, one in enumerate(WORK))
    row = db.one(
        f"SELECT {counts}", now=stamp(now), week=(library_day(now) - timedelta(days=DAYS - 1)).isoformat(),
        called=stamp(now - timedelta(hours=policy.lockers.call_hours)), today=stamp(start_of_day(library_day(now))),
        silent=stamp(silent_since(policy, now)), lately=stamp(now - LATELY),
        tomorrow=stamp(start_of_day(library_day(now) + timedelta(days=1))),
    )  # fmt: skip
    assert row is not None
    found = [Waiting(one, row[f"n{place}"], row[f"late{place}"]) for place, one in enumerate(WORK)]
    return [one for one in found if one.n]


def slower(db: Database, policy: Policy, now: datetime) -> list[Waiting]:
    """What takes a look through many rows: counted when the page is opened, and not every few seconds."""
    alike = len(duplicates.same_phone(db)) + len(duplicates.same_card(db))
    every = (
        Waiting(Work("events", N_("排在闭馆日子的活动"), ""), events.shut_out(db, policy, now), 0),
        Waiting(Work("cases", N_("修补架上的书"), ""), repairs.how_many(db), 0),
        Waiting(Work("duplicates", N_("像是同一位的读者"), ""), alike, 0),
    )
    return [one for one in every if one.n]
