"""What holds a reader beside the tables cleared by days: the other tables, and every file of the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.texts import N_
from lending.policy import Policy

LASTING = {  # tables that name a reader for another time than days of the policy: how long, and why
    "readers": N_("读者自己改、删以前"),
    "contacts": N_("聊天的地址：加密；下次来时靠它的指纹认出读者"),
    "cart_items": N_("读者自己拿走以前"),
    "shelf_items": N_("读者自己拿走以前"),
    "suggestions": N_("读者删除资料以前"),
    "reviews": N_("读者删除资料以前；审核通过的是公开的"),
    "calendar_links": N_("读者换掉、停用或删除资料以前：加密"),
    "subscriptions": N_("读者取消订阅以前：加密"),
    "cards": N_("读者取下卡以前；只有指纹和尾号"),
    "credit_lines": N_("一直留着，不含书名"),
    "freezes": N_("一直留着，不含书名"),
    "appeals": N_("一直留着；话跟着读者的资料删除"),
    "appeal_events": N_("和申诉一起"),
    "compensation_events": N_("和赔付一起"),
    "credit_checks": N_("一直留着：同意和收回，不含分数"),
    "outside_calls": N_("问到答复为止，内容随即清空"),
    "rent_consents": N_("读者收回同意以前"),
    "rent_records": N_("和借阅一起断开"),
    "moved_dates": N_("和借阅一起断开"),
    "shelf_checks": N_("和借阅一起断开"),
    "loan_exports": N_("和借阅一起断开：只记告诉过、哪天"),
    "home_return_items": N_("和上门取书一起"),
    "door_codes": N_("和它证明的事一起：声明已还、柜门没开；不含书名"),
    "evidence_photos": N_("事情办结几天以后；天数在规则的 cases.photo_days"),
    "escalations": N_("一直留着编号和时间；话过期就清空"),
    "drives": N_("读者删除资料以前：开过哪一班，不含书名"),
    "draw_entries": N_("一直留着签号，不含书名"),
    "special_readers": N_("图书馆取消以前"),
    "looks": N_("读者删除资料以前：读者要看"),
    "minors": N_("只记成年的日子，到那天就删"),
    "minor_consents": N_("成年那天，或者两边有一位删除资料时"),
    "merged_readers": N_("一直留着：旧号只指到现在的号"),
    "parcels": N_("一直留着：运单和状态，不含书名和地址"),
    "parcel_events": N_("一直留着：运单和状态，不含书名和地址"),
    "parcel_follows": N_("一直留着：运单和状态，不含书名和地址"),
    "broken_promises": N_("一直留着：图书馆自己的帐"),
    "moved_promises": N_("一直留着：图书馆自己的帐"),
    "order_additions": N_("一直留着：册数和邮费，不含书名"),
    "promise_lines": N_("一直留着：图书馆自己的帐"),
    "boxes": N_("订单取走以前"),
    "locker_reports": N_("书柜的消息：内容办完就清空"),
    "link_tries": N_("和说过的话一起：只有聊天的指纹和次数"),
}
OF_NOBODY = (  # tables that lead to no reader
    "titles", "copies", "points", "events", "counters", "clock", "picks", "mended", "special_days", "wishes",
    "shop_books", "announcements", "free_days", "draw_windows", "usage_counts", "visits", "clearings", "staff",
    "simulated", "copy_events", "stock_takes", "stock_take_copies", "stock_take_scans", "unfound",
    "points_as_told", "shut_points", "staff_sign_outs",
)  # fmt: skip
KNOWN = {  # files and folders of the data folder, by name
    "shuxin.sqlite": N_("资料库：名字、电话、地址、话都加密"),
    "shuxin.sqlite-wal": N_("资料库还没并回去的部分：和资料库一样加密"),
    "shuxin.sqlite-shm": N_("资料库还没并回去的部分：和资料库一样加密"),
    "index": N_("检索索引：只有书目"),
    "keys": N_("打开资料的钥匙"),
    "secret": N_("服务自己的密钥，不含读者"),
    "first-password.txt": N_("馆员的首次密码，不含读者"),
}
COPY = N_("资料库的副本：它留着当时的一切，不能比 {days} 天更旧")
UNKNOWN = N_("不是本服务写的，请看一眼里面有没有读者")
SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file or folder beside the tables: what it is, and whether it is older than it may be."""

    name: str
    what: str
    over: bool


def files(folder: Path, policy: Policy, now: datetime) -> Iterator[Kept]:
    """Everything in the data folder; a copy of the store older than the link may last is over."""
    for path in sorted(folder.iterdir()):
        if path.name in KNOWN:
            yield Kept(path.name, KNOWN[path.name], False)
        elif path.is_file() and path.open("rb").read(len(SQLITE)) == SQLITE:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Kept(path.name, COPY, now - written > timedelta(days=policy.privacy.borrowed_days))
        else:
            yield Kept(path.name, UNKNOWN, False)
