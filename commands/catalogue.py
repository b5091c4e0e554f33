"""`flask import`: titles and copies, or service points, with what stayed out told by its place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from admin.calendar import DAYS, TYPES
from bot.texts import N_, Words
from commands import shared
from lending import catalogue, importing
from lending.errors import UnknownThing
from lending.importing import ImportRefused, Problem, Report
from lending.model import library_day
from lending.points import WEEK

_OF_A_KIND = 10  # problems of one kind that are named after an import
_POINT_FIELDS = {
    "opens": N_("开放时间"), "branch_type": N_("谁办的"), "stops": N_("停靠表"), "city": N_("城市"),
    "city_en": N_("城市的英文名"),
}  # fmt: skip


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--copies-at", metavar="CODE", help="branch that gets a copy of every title that brings none")
@click.option("--source", default="", metavar="NAME", help="whose record numbers the file holds")
@click.option("--overwrite", is_flag=True, help="of service points: the file's word also for what was changed by hand")
def import_(path: Path, copies_at: str | None, source: str, overwrite: bool) -> None:
    """Bring in titles and copies: CSV, JSONL, XLSX, ISO 2709, MARCXML; or service points: a points.toml.

    What stays out is told with its place. What a librarian changed at a point stays, and is told.
    """
    service = shared.service()
    if path.suffix != ".toml" and not catalogue.points(service.store.db):  # a copy must stand somewhere
        importing.load_sample_points(service.store)
    try:
        if path.suffix == ".toml":
            return _say_points(importing.load_points(service.store, path, overwrite))
        with shared.bar(str(path.name), None) as show:

            def tell(rows: int, fraction: float) -> None:
                show(rows, int(rows / fraction) if fraction else None)

            today = library_day(service.clock.now())
            report = importing.load(service.store, path, tell, copies_at=copies_at, source=source, day=today)
    except ImportRefused as refused:
        raise click.ClickException(_refused(refused)) from refused
    except UnknownThing as unknown:
        raise click.ClickException(f"no branch with the code {unknown.name!r}") from unknown
    _say_report(report, [point.code for point in catalogue.points(service.store.db, "branch")])
    shared.open_index(service)


def _refused(refused: ImportRefused) -> str:
    _ = Words("zh_Hans")
    text, facts = importing.message(refused.problem)
    return _(text, **facts)


def _say_kinds(problems: list[Problem], counted: Counter[str]) -> None:
    """A few of each kind, the rarest kind first: what stands in every row would hide it."""
    _ = Words("zh_Hans")
    for reason in sorted({problem.reason for problem in problems}, key=lambda reason: counted[reason]):
        shown = [problem for problem in problems if problem.reason == reason][:_OF_A_KIND]
        for problem in shown:
            place, where = importing.where(problem.place)
            text, facts = importing.message(problem)
            click.echo(f"  {_(place, **where)}: {_(text, **facts)}")
        if more := counted[reason] - len(shown):
            click.echo("  " + _("……同样的还有 {n} 条", n=more))


def _say_report(report: Report, branches: list[str]) -> None:
    _ = Words("zh_Hans")
    click.echo(
        _(
            "读了 {read} 条：新增 {added}，更新 {changed}，不变 {same}，复本新增 {copies}。",
            read=report.read,
            added=report.added,
            changed=report.changed,
            same=report.same,
            copies=report.copies_added,
        )
    )
    if report.repeated:
        click.echo(_("{n} 条写的是前面已经有的书，书目以第一条为准，复本照收。", n=report.repeated))
    if report.without_copies:
        click.echo(
            _(
                "{n} 种没有复本，能查到、还不能借；加 --copies-at 馆代码 再导入一次，每种就有一册。馆代码：{codes}",
                n=report.without_copies,
                codes=" ".join(branches),
            )
        )
    _say_withdrawn(report)
    _say_problems(report)


def _say_withdrawn(report: Report) -> None:
    """Copies of titles that a librarian has withdrawn: nobody would look for them otherwise."""
    _ = Words("zh_Hans")
    if n := len(report.withdrawn):
        click.echo(_("复本收下了、书却已经下架的：{n} 种，读者查不到也借不到。要外借，在馆员页「书目」点「重新上架」。", n=n))
        for (_id, title), copies in report.withdrawn.most_common(_OF_A_KIND):
            click.echo("  " + _("《{title}》：{n} 册", title=title, n=copies))
        if n > _OF_A_KIND:
            click.echo("  " + _("……同样的还有 {n} 条", n=n - _OF_A_KIND))


def _say_points(report: Report) -> None:
    _ = Words("zh_Hans")
    facts = {"read": report.read, "added": report.added, "changed": report.changed, "same": report.same}
    click.echo(_("读了 {read} 个网点：新增 {added}，更新 {changed}，不变 {same}。", **facts))
    _say_by_hand(report)
    _say_problems(report)


def _say_by_hand(report: Report) -> None:
    """All of it: each is somebody's work, which the file would undo."""
    _ = Words("zh_Hans")
    for kept, heading, line in (
        (True, N_("馆员改过的，照旧没有动：{n} 处"), N_("网点「{name}」的{field}：现在是 {by_hand}；文件里是 {told}")),
        (False, N_("馆员改过的，照文件改了：{n} 处"), N_("网点「{name}」的{field}：原来是 {by_hand}；现在是 {told}")),
    ):
        found = [one for one in report.by_hand if one.kept is kept]
        if found:
            click.echo(_(heading, n=len(found)))
        for one in found:
            ours, theirs = one.by_hand, one.told
            facts = {"by_hand": _said(_, one.field, ours, theirs), "told": _said(_, one.field, theirs, ours)}
            click.echo("  " + _(line, name=one.name, field=_(_POINT_FIELDS.get(one.field, one.field)), **facts))
        if found and kept:
            click.echo(_("要照文件改，加 --overwrite 再导入一次。"))


def _said(_: Words, field: str, value: Any, other: Any) -> str:
    """A field of a point in words; of hours only the days that the other has otherwise."""
    if field == "opens":
        days = [day for day in DAYS if value.get(day) != other.get(day)]
        return _.listed(f"{_(DAYS[day])} {_hours(_, value, day)}" for day in days)
    if field == "stops":
        stops = (f"{_(DAYS.get(one['day'], one['day']))} {one['hours']} {one['place']}" for one in value)
        return _.listed(stops) or "—"
    return _(TYPES[value]) if field == "branch_type" and value in TYPES else str(value or "—")


def _hours(_: Words, opens: dict[str, str], day: str) -> str:
    return opens.get(day) or (_("闭馆") if day in WEEK or day in opens else _("按规矩"))


def _say_problems(report: Report) -> None:
    _ = Words("zh_Hans")
    for heading, count, problems in (
        (_("没能进来：{n} 条", n=report.problem_count), report.problem_count, report.problems),
        (_("进来了，但有一处没用上：{n} 条", n=report.warning_count), report.warning_count, report.warnings),
    ):
        if count:
            click.echo(heading)
            _say_kinds(problems, report.reasons)
