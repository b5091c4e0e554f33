"""What a period came to, table by table as 信阅's own monthly report had them (A2-R); as text and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from admin.desk import LANGUAGES, N_, Words
from lending import campaigns, catalogue, cities, costs, rankings, reports
from lending.campaigns import Effect, Span
from lending.database import Database
from lending.model import start_of_day
from lending.policy import Policy
from lending.reports import Line, Period
from search import browse, usage

MOST = 10  # of a ranking
UNKNOWN = "—"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run: readers' own words are among the rows
SOURCES = {
    "telegram": "Telegram", "web": N_("网页"), "terminal": N_("终端"), "desk": N_("馆员代下"), "": N_("没有记下"),
}  # fmt: skip
STANDINGS = {"trusted": N_("信用借阅"), "ladder": N_("信任阶梯"), "new": N_("还没开通")}
SPANS = {"before": N_("活动之前"), "during": N_("活动期间"), "after": N_("活动之后")}
COPIES = {  # steps of a copy, lending/copy_states.py
    "miss": N_("找不到了"), "find": N_("找到了"), "give_up": N_("找了很久，记为丢失"),
    "lost_by_reader": N_("读者弄丢了"), "lost_in_post": N_("快递弄丢了"), "damage": N_("坏了"), "mend": N_("修好了"),
    "withdraw": N_("已剔除"), "written_off": N_("其中坏了才剔除的"), "readmit": N_("重新入藏了"),
    "still_missing": N_("现在还在找"),
}  # fmt: skip
Visits = Callable[[Database, date, date], int]


class Fen(int):
    """An amount, told as money."""


Cell = int | str | Fen


@dataclass(frozen=True, slots=True)
class Table:
    """One block of the report: its row of the source, what each row is about, its columns, and what they mean."""

    code: str
    name: str
    about: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, tuple[Cell, ...]]]
    notes: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """What each row is about, as it stands within a heading: "by place"."""
        return self.about[:1].lower() + self.about[1:]


class Report:
    """All tables of one period, in one language."""

    def __init__(self, db: Database, policy: Policy, say: Words, period: Period, visits: Visits) -> None:
        self.db, self.policy, self.say, self.period, self.visits = db, policy, say, period, visits
        self.lent = reports.lent(db, period)
        self.returned = reports.returned(db, period)
        self.approved = reports.approved(db, period)
        self.first_orders = reports.first_orders(db, period)
        self.orders = reports.placed_and_completed(db, period)
        self.points = {point.id: point for point in catalogue.points(db)}
        english = say.language == "en"
        named = cities.among(self.points.values())
        self.cities = {one.name: one.name_en if english and one.name_en else say(one.name) for one in named}
        self.zones = {zone.zone: zone.name for zone in policy.fees.zones}

    def tables(self) -> list[Table]:
        """R-1 to R-12, and what 信阅's report had no table for."""
        return [
            self._visits(), self._borrowing(), self._newcomers(), self._classes(), *self._began_at(),
            self._borrowed_at(), self._returned_at(), self._sources(), self._borrowed_most(),
            self._searched_most(), self._opened_most(), *self._readers(), self._since_the_beginning(),
            self._costs(), *self._campaigns(), self._copies(),
        ]  # fmt: skip

    # ---- sums ----

    def _visits(self) -> Table:
        _, period = self.say, self.period
        n = self.visits(self.db, period.first, period.last)
        note = _("读者每说一句、每按一次算一次。")
        return Table("R-1", _("访问"), "", (_("次数"),), [(_("访问"), (n,))], (note,))

    def _borrowing(self) -> Table:
        _, done = self.say, self.orders.completed + self.orders.earlier
        priced = [book.price_fen for book in self.lent if book.price_fen]
        books, fen = reports.bought(self.db, self.period)
        by_order = sum(book.order_id is not None for book in self.lent)
        rows: list[tuple[str, tuple[Cell, ...]]] = [
            (_("完成订单"), (done,)), (_("借出册数"), (len(self.lent),)), (_("其中经订单"), (by_order,)),
            (_("归还册数"), (len(self.returned),)), (_("借出图书的码洋"), (Fen(sum(priced)),)),
            (_("没有定价的册数"), (len(self.lent) - len(priced),)), (_("代购新书"), (books,)),
            (_("代购书款"), (Fen(fen),)),
        ]  # fmt: skip
        if priced:
            rows.insert(5, (_("平均一册"), (Fen(round(sum(priced) / len(priced))),)))
        notes = (
            _("完成：读者拿到书的那天在这段时间里。借出：从那天起算的借阅，馆内当面借的、转借来的也在内。"),
            _("归还：书回到馆里；转借出去的、丢失结案的不算。"),
        )
        return Table("R-2", _("借阅"), "", (_("数"),), rows, notes)

    def _newcomers(self) -> Table:
        _ = self.say
        rows: list[tuple[str, tuple[Cell, ...]]] = [
            (_("新来的读者"), (reports.joined(self.db, self.period),)), (_("信用授权通过"), (len(self.approved),)),
            (_("第一次下单"), (len(self.first_orders),)),
        ]  # fmt: skip
        note = _("新来的：第一次来说话，或者家人给孩子办了卡。三个数不是同一批人；从信任阶梯起步的，下了单才算进来。")
        return Table("R-3", _("新读者"), "", (_("人数"),), rows, (note,))

    # ---- by class, place and source; what is too small stands together ----

    def _classes(self) -> Table:
        _ = self.say
        rows = [(browse.everyday_shelf(book.clc).name, book.reader_id, book.order_id) for book in self.lent]
        return self._grouped("R-4", _("热门分类"), _("分类"), rows, lambda name: _(str(name)), "books orders readers")

    def _began_at(self) -> list[Table]:
        _ = self.say
        note = _("按读者选的取书地点。")
        began = {_("信用授权通过"): self.approved, _("第一次下单"): self.first_orders}
        return [
            self._grouped("R-5", name, _("地点"), [(*one[::-1], None) for one in those], self._place, "readers", note)
            for name, those in began.items()
        ]

    def _borrowed_at(self) -> Table:
        _ = self.say
        rows = [(book.zone or book.point_id, book.reader_id, book.order_id) for book in self.lent]
        note = _("送到家的按地区，自取的按取书地点；当面借的和转借的按书所属的馆。")
        return self._grouped("R-6", _("借到哪里"), _("地点"), rows, self._place, "books orders", note)

    def _returned_at(self) -> Table:
        _ = self.say
        rows = [(book.point_id, book.reader_id, None) for book in self.returned]
        return self._grouped("R-7", _("还在哪里"), _("地点"), rows, self._place, "books readers")

    def _sources(self) -> Table:
        _, orders = self.say, self.orders
        table = self._grouped(
            "R-8", _("订单来源"), _("来源"), orders.placed, lambda name: _(SOURCES.get(str(name), str(name))), "books",
            _("来源数的是这段时间里下的单，完成数的是这段时间里拿到书的单，下面几行把两个数对上。"),
        )  # fmt: skip
        agreed: list[tuple[str, tuple[Cell, ...]]] = [
            (_("下单合计"), (len(orders.placed),)), (_("其中期内完成"), (orders.completed,)),
            (_("其中取消或没通过"), (orders.called_off,)), (_("其中期末还在路上"), (orders.on_the_way,)),
            (_("另有期前下单、期内完成"), (orders.earlier,)), (_("完成合计"), (orders.completed + orders.earlier,)),
        ]  # fmt: skip
        return Table(table.code, table.name, table.about, (_("订单"),), [*table.rows, *agreed], table.notes)

    def _place(self, place: Hashable) -> str:
        """A courier's zone, a point, or neither."""
        _ = self.say
        if isinstance(place, str):
            return _("送到家：{zone}", zone=_(self.zones.get(place, place)))
        point = self.points.get(int(place)) if isinstance(place, int) else None
        if point is None:
            return _("没有选过")
        name = _.called(point.name, point.name_en)
        city = self.cities.get(point.city, "")
        return f"{city} · {name}" if city else name

    def _grouped(
        self, code: str, name: str, about: str, rows: Iterable[tuple[Hashable, int | None, int | None]],
        label: Callable[[Hashable], str], wanted: str, *notes: str,
    ) -> Table:  # fmt: skip
        _ = self.say
        rows = list(rows)
        shown, rest = reports.lines(rows)
        names = {"books": _("册数"), "orders": _("订单"), "readers": _("人数")}
        told = [(label(what), line) for what, line in shown] + ([(_("其余合并"), rest)] if rest else [])
        if rest or (rows and not shown):
            notes = (*notes, _("不到 {n} 人的合并在一起，合起来还不够的不列。", n=rankings.SMALL))
        if any(line.cleared for _name, line in told):
            notes = (*notes, _("借还已经不记名的，订单和人数不知道，记作 {mark}。", mark=UNKNOWN))
        cells = [(one, tuple(_cell(line, measure) for measure in wanted.split())) for one, line in told]
        return Table(code, name, about, tuple(names[one] for one in wanted.split()), cells, notes)

    # ---- rankings ----

    def _borrowed_most(self) -> Table:
        _, period = self.say, self.period
        since, until = start_of_day(period.first), start_of_day(period.last + timedelta(days=1))
        most = rankings.most_borrowed(self.db, since, until, MOST)
        note = _("不到 {n} 位读者借过的不列。", n=rankings.SMALL)
        return self._ranked("R-9", _("借阅排行"), [(one.title_id, one.times) for one in most], note)

    def _opened_most(self) -> Table:
        _, period = self.say, self.period
        most = usage.top(self.db, "click", period.first, period.last, MOST, rankings.SMALL)
        return self._ranked("R-11", _("点击排行"), [(int(one.key), one.n) for one in most], _("点开一本书算一次。"))

    def _ranked(self, code: str, name: str, counted: list[tuple[int, int]], note: str) -> Table:
        titles = catalogue.titles(self.db, (title for title, _n in counted))
        named = [(f"《{titles[one].title}》" if one in titles else UNKNOWN, n) for one, n in counted]
        return self._places(code, name, self.say("书"), named, note)

    def _searched_most(self) -> Table:
        _, period = self.say, self.period
        most = usage.top(self.db, "search", period.first, period.last, MOST, rankings.SMALL)
        note = _("只数词，不记是谁搜的。")
        return self._places("R-10", _("检索排行"), _("检索词"), [(one.key, one.n) for one in most], note)

    def _places(self, code: str, name: str, about: str, counted: list[tuple[str, int]], note: str) -> Table:
        _ = self.say
        places = rankings.ranks([n for _what, n in counted])
        rows = [(what, (rank.place, n)) for (what, n), rank in zip(counted, places, strict=True)]
        ties = (_("次数相同的名次相同。"),) if any(rank.shared for rank in places) else ()
        return Table(code, name, about, (_("名次"), _("次数")), rows, (note, *ties))

    # ---- R-12 ----

    def _readers(self) -> list[Table]:
        _ = self.say
        here = {book.reader_id for book in self.lent if book.reader_id is not None}
        traits = reports.traits(self.db, here)
        by = {
            _("怎样借"): [(_(STANDINGS[standing]), reader, None) for reader, standing, _language in traits],
            _("语言"): [(LANGUAGES.get(language, language), reader, None) for reader, _standing, language in traits],
        }
        note = _("这段时间里借过书的读者。性别和年龄我们不收集，所以没有。")
        return [self._grouped("R-12", _("借书的读者"), about, rows, str, "readers", note) for about, rows in by.items()]


    # ---- beyond the seed ----

    def _since_the_beginning(self) -> Table:
        """A2-23: these days beside all there have been."""
        _, period = self.say, self.period
        spans = [(one, reports.sums(self.db, one)) for one in (period, reports.up_to(period))]
        visits = tuple(self.visits(self.db, one.first, one.last) for one, _sums in spans)
        rows: list[tuple[str, tuple[Cell, ...]]] = [
            (_("信用授权通过的读者"), tuple(sums.readers for _one, sums in spans)),
            (_("借出册数"), tuple(sums.books for _one, sums in spans)), (_("访问"), visits),
        ]  # fmt: skip
        return Table("A2-23", _("累计"), _("事项"), (_("这段时间"), _("从开始到这段时间结束")), rows)

    def _campaigns(self) -> list[Table]:
        """A4-10: what days of free delivery did."""
        return [self._campaign(effect) for effect in campaigns.effects(self.db, self.policy, self.period)]

    def _campaign(self, effect: Effect) -> Table:
        _, one = self.say, effect.campaign
        before = effect.spans[0]
        rows = [
            (_(SPANS[span.name]), (span.days, _a_day(span, span.orders), _a_day(span, span.deliveries),
                                   _of_before(span, before)))
            for span in effect.spans
        ]  # fmt: skip
        columns = (_("天数"), _("订单／天"), _("送到家／天"), _("送到家，比之前"))
        note = _(
            "{name}：{first} 至 {last}。前后各取一样多的天数，最多 {days} 天，到这段时间结束为止；取消和没通过的不算。",
            name=_(one.name), first=one.since, last=one.until, days=campaigns.NEAR.days,
        )  # fmt: skip
        return Table("A4-10", _("免邮活动：{name}", name=_(one.name)), _("时段"), columns, rows, (note,))

    def _costs(self) -> Table:
        """A2-5: what each funder paid for delivery."""
        _, found = self.say, costs.of_period(self.db, self.period)
        shares = [(_("读者"), found.readers)]
        shares += [(share.funder or _("图书馆自己"), share) for share in found.funders]
        rows: list[tuple[str, tuple[Cell, ...]]] = [(who, (share.orders, Fen(share.fen))) for who, share in shares]
        rows.append((_("合计"), (found.orders, Fen(found.fen))))
        rows.append((_("寄出前取消或没通过，没人付"), (found.called_off, Fen(0))))
        notes = (
            _("按下单的日子，数送到家的订单现在的样子；一张订单可以有几方一起付，所以订单数不相加，金额相加。"),
            _("寄出以后退回、丢了的包裹，快递照收，也算在内；丢了的那部分，读者不用付，算图书馆自己的。还书上门取件的费用不在内。"),
        )
        return Table("A2-5", _("快递的费用"), _("付款方"), (_("订单"), _("金额")), rows, notes)


    def _copies(self) -> Table:
        """E3: what happened to the copies themselves."""
        _, found = self.say, reports.of_copies(self.db, self.period)
        rows: list[tuple[str, tuple[Cell, ...]]] = [(_(name), (found.get(step, 0),)) for step, name in COPIES.items()]
        note = _("清点、备书、读者说架上没有，只要记下找不到，都算在内；最后一行是现在的数。")
        broken = _("坏了：放上修补架一次算一次，备书时、读者的个案里说坏的都在内；馆员看过、不影响阅读的个案不算。")
        lost = _("读者弄丢的：个案核定要赔，或者免赔的那天起。快递弄丢的：送书、上门取书、书店寄书的都在内。")
        return Table("E3", _("册的变动"), _("发生了什么"), (_("册"),), rows, (note, lost, broken))


def _a_day(span: Span, count: int) -> str:
    return f"{span.a_day(count):.1f}"


def _of_before(span: Span, before: Span) -> str:
    """How much more goes to the door on a day than before; nothing can be said where nothing went."""
    if not before.deliveries:
        return UNKNOWN
    return f"{100 * span.a_day(span.deliveries) / before.a_day(before.deliveries):.0f}%"


def _cell(line: Line, measure: str) -> Cell:
    if measure == "books":
        return line.books
    if line.cleared:
        return UNKNOWN
    return len(line.orders) if measure == "orders" else len(line.readers)


def shown(say: Words, cell: Cell) -> str:
    """A cell as a person reads it."""
    return say.money(cell) if isinstance(cell, Fen) else str(cell)


def as_text(say: Words, tables: list[Table]) -> str:
    """For a terminal: a heading, a row a line, and what it means."""
    said = []
    for table in tables:
        said.append(f"{table.code} {table.name}" + (say("（按{what}）", what=table.by) if table.about else ""))
        for name, cells in table.rows:
            values = [shown(say, cell) for cell in cells]
            if len(values) > 1:
                values = [f"{column} {value}" for column, value in zip(table.columns, values, strict=True)]
            said.append(f"  {name}: {say.listed(values)}")
        if not table.rows:
            said.append("  " + say("没有可以列的。"))
        said += [f"  · {note}" for note in table.notes] + [""]
    return "\n".join(said)


def as_csv(tables: list[Table]) -> str:
    """One number a line: table, its name, row, column, value (money in yuan). A spreadsheet runs none of it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("table", "name", "row", "column", "value"))
    for table in tables:
        for name, cells in table.rows:
            for column, cell in zip(table.columns, cells, strict=True):
                value = f"{cell / 100:.2f}" if isinstance(cell, Fen) else cell
                plain = f"'{name}" if name.startswith(FORMULA) else name
                writer.writerow((table.code, table.name, plain, column, value))
    return out.getvalue()
