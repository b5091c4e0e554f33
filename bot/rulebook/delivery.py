"""送书与费用: what is free, what the courier costs with examples quoted now, and late money where a library has it (A4)."""

from __future__ import annotations

from datetime import date, datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending import shipping
from lending.database import Database
from lending.model import library_day
from lending.policy import Policy
from lending.rules import FreeShipping

WAYS = ("borrow", "return")


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """The free ways first; then every zone, there and back."""
    lines = [
        _("书柜取书、到馆自取、还到任何馆或书柜：都不收费。"),
        _("送到家和上门取书付快递费，一个包裹最多 {n} 本，多的自动分开，按最省的分法算。", n=policy.fees.parcel_cap),
    ]
    if policy.fees.pay == "return":
        lines.append(_("快递费在书还回来以后再付。"))
    if policy.fees.waive_when_lost:
        lines.append(_("快递在路上弄丢了书，不用赔，那个包裹的快递费也由图书馆出，去和回都一样。"))
    lines += [*_free(_, policy, library_day(now)), late(_, policy)]
    return Section("delivery", _("送书与费用"), tuple(lines), tuple(_prices(_, policy, now)))


def _free(_: Words, policy: Policy, day: date) -> list[str]:
    """When the library pays: books worth so much, days of a campaign, the day's money (B5 常州, A4-10, A2-27)."""
    worth = {rate.free_from_fen for rate in policy.fees.rates if rate.free_from_fen is not None}
    lines = [_("书价合计满 {money}，送书不收快递费。", money=_.money(fen)) for fen in sorted(worth)]
    for one in policy.fees.campaigns:
        if day <= one.until:
            said = {"name": _(one.name), "first": one.since, "last": one.until}
            lines.append(
                _("{name}：{first} 至 {last}，送书不收快递费。", **said)
                if one.direction == "borrow"
                else _("{name}：{first} 至 {last}，上门取还不收快递费。", **said)
            )
    return lines + _days_money(_, policy.free_shipping)


def _days_money(_: Words, free: FreeShipping) -> list[str]:
    if free.mode == "none":
        return []
    money = {"all": _.money(free.daily_fen), "most": _.money(free.most_fen)}
    if free.mode == "first_come":
        return [_("每天有 {all} 用来免快递费，先到先得，一单最多免 {most}。", **money)]
    times = _.listed(f"{one:%H:%M}" for one in free.windows)
    return [_("每天有 {all} 用来免快递费，{times} 抽签，不用抢，一单最多免 {most}。", times=times, **money)]


def late(_: Words, policy: Policy) -> str:
    """Late money where the library takes it at its desk; 书信 takes none (E1-9)."""
    fee = policy.late_fee
    if fee is None:
        return _("不收逾期费。")
    text = _("超期每册每天收 {fee}", fee=_.money(fee.fen_a_day))
    if fee.cap_fen is not None:
        text += _("，最多 {fee}", fee=_.money(fee.cap_fen))
    if fee.points_may_pay:
        text += _("，可以用积分抵")
    return text + _("；由馆里的柜台收，这里不收。")


def _prices(_: Words, policy: Policy, now: datetime) -> list[str]:
    """A line for each zone and way, with what some numbers of books cost."""
    names = {zone.zone: _(zone.name) for zone in policy.fees.zones}
    lines = []
    for rate in sorted(policy.fees.rates, key=lambda rate: (rate.zone, WAYS.index(rate.direction))):
        quoted = [_price(_, policy, rate.direction, rate.zone, books, now) for books in counts(policy)]
        said = {"zone": names.get(rate.zone, rate.zone), "prices": _.listed(quoted)}
        lines.append(
            _("{zone}送到家：{prices}。", **said)
            if rate.direction == "borrow"
            else _("{zone}上门取还：{prices}。", **said)
        )
    return lines


def counts(policy: Policy) -> list[int]:
    """For how many books prices are shown: one, what the base price covers, a full parcel, and one more."""
    base = {rate.base_books for rate in policy.fees.rates if rate.base_books}
    return sorted({1, *base, policy.fees.parcel_cap, policy.fees.parcel_cap + 1})


def _price(_: Words, policy: Policy, direction: str, zone: str, books: int, now: datetime) -> str:
    quote = shipping.quote(policy, direction, zone, books, library_day(now))
    return _.n("{n} 本 {fee}", "{n} 本 {fee}", books, fee=_.money(quote.fee_fen))
