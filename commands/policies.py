"""`flask policy list | show | check | rehearse`: packs in sentences, checked, and tried on what really happened."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import click

from bot import rulebook
from bot.handlers import greeting
from bot.texts import N_, Words
from commands import shared
from lending import rehearsal
from lending.policy import Policy, PolicyError, load_policy, packs, tree
from lending.rehearsal import Change, Rehearsal

SHOWN = 20  # readers named by a rehearsal
LAST = re.compile(r"(\d{1,4})d?")
FIELDS = {
    "balance": N_("信用分"),
    "limit": N_("一次可借"),
    "frozen_days": N_("暂停天数"),
    "refused": N_("借不成的次数"),
    "fee_fen": N_("快递费"),
}
OUTCOMES = {"gains": N_("更好"), "loses": N_("更差"), "both": N_("有好有坏")}


@click.group()
def policy() -> None:
    """Rules as packs: one TOML file for each library."""


def _load(pack: str | Path) -> Policy:
    try:
        return load_policy(pack)
    except PolicyError as error:
        raise click.ClickException(str(error)) from error


@policy.command("list")
def list_() -> None:
    """Every pack that comes with us, under the one it lies over; the one in force has a star."""
    _ = Words("zh_Hans")
    for way in sorted(list(reversed(tree(name))) for name in packs()):
        found = _load(way[-1])
        star = "*" if found == shared.service().policy else " "
        known = _("，也叫{names}", names=_.listed(found.known_as)) if found.known_as else ""
        click.echo(f"{star} {'  ' * (len(way) - 1)}{way[-1]}  {found.name}{known}")


@policy.command()
@click.argument("name")
def show(name: str) -> None:
    """What a pack means, in sentences. NAME is its file's name, what people call the library (晋城), or a path."""
    _ = Words("zh_Hans")
    found = _load(name)
    click.echo(_("{name}，{version} 版", name=found.name, version=found.version))
    above = [_load(one).name for one in tree(name)[1:]]
    if above:
        click.echo(_("没有另说的，从这里来：{names}", names=" → ".join(above)))
    if found.services:
        click.echo(_("进门先看到：{names}", names=_.listed(greeting.service(_, one).label for one in found.services)))
    for part in rulebook.sections(_, shared.service().store.db, found, shared.service().clock.now()):
        click.echo(f"\n{part.title}")
        for line in part.lines:
            click.echo(f"  {line}")
        for example in part.examples:
            click.echo(f"    {_('比如：')}{example}")


@policy.command()
@click.argument("file")
def check(file: str) -> None:
    """Whether a pack can be used; what is wrong is told with its line. Then how it differs from the one above it."""
    _ = Words("zh_Hans")
    found = _load(file)
    click.echo(_("{file} 可以用：{name}，{version} 版。", file=Path(file).name, name=found.name, version=found.version))
    above = tree(file)[1:]
    if not above:
        return
    other = _load(above[0])
    if other.version == found.version:
        click.echo(_("提醒：没有写自己的 version，记账时会写上一级的版本号 {version}。", version=found.version))
    ours, theirs = _sentences(_, found), _sentences(_, other)
    if ours == theirs:
        return click.echo(_("和上一级「{name}」说的一样。", name=other.name))
    click.echo(_("和上一级「{name}」不同的地方（+ 是新的，− 是上一级有、这里没有的）：", name=other.name))
    for sign, lines, others in (("+", ours, theirs), ("−", theirs, ours)):
        for line in lines:
            if line not in others:
                click.echo(f"  {sign} {line}")


def _sentences(_: Words, found: Policy) -> list[str]:
    parts = rulebook.sections(_, shared.service().store.db, found, shared.service().clock.now())
    return [line for part in parts for line in (*part.lines, *part.examples)]


@policy.command()
@click.argument("file")
@click.option("--last", default="90d", show_default=True, metavar="DAYS", help="how far back to look: 90d")
def rehearse(file: str, last: str) -> None:
    """What the last weeks would have come to under a pack: who gains, who loses. Nothing is changed."""
    span = LAST.fullmatch(last)
    if span is None or not int(span[1]):
        raise click.ClickException(f"--last {last}: write it in days, like 90d")
    service, planned, now = shared.service(), _load(file), shared.service().clock.now()
    since = now - timedelta(days=int(span[1]))
    _tell(Words("zh_Hans"), planned, rehearsal.rehearse(service.store.db, service.policy, planned, since, now))


def _tell(_: Words, planned: Policy, outcome: Rehearsal) -> None:
    counts = outcome.counts()
    click.echo(
        _(
            "从 {since} 到 {until}，{readers} 位读者、{loans} 次借阅，换成「{name}」重来一遍：",
            since=_.day(outcome.since), until=_.day(outcome.until), readers=outcome.readers, loans=outcome.loans, name=planned.name,
        )
    )  # fmt: skip
    click.echo(
        _(
            "更好 {gains} 位，更差 {loses} 位，有好有坏 {both} 位，不变 {same} 位。",
            gains=counts["gains"], loses=counts["loses"], both=counts["both"], same=outcome.readers - len(outcome.changes),
        )
    )  # fmt: skip
    for field, label in FIELDS.items():
        before, after = outcome.total(field)
        if before != after:
            numbers = _numbers(_, field, before, after)
            click.echo(_("{what}：有变化的读者合计 {before} → {after}", what=_(label), **numbers))
    if not outcome.changes:
        click.echo(_("这段时间里发生的事，两份规则说的一样。规则本身哪里不同，用 flask policy check 看。"))
    before, after = outcome.starts
    if before != after:
        click.echo(
            _("起始分 {before} → {after}：只给以后新来的读者；老读者从原来的分接着算。", before=before, after=after)
        )
    if outcome.ask_again:
        click.echo(_("门槛变了，有 {n} 位读者以前的回答说明不了新门槛，要重新问。", n=outcome.ask_again))
    for change in outcome.changes[:SHOWN]:
        said = {"outcome": _(OUTCOMES[change.outcome]), "number": change.number, "what": _changed(_, change)}
        click.echo(_("  {outcome} {number}：{what}", **said))
    if len(outcome.changes) > SHOWN:
        click.echo(_("  ……还有 {n} 位，馆员页上都有。", n=len(outcome.changes) - SHOWN))


def _changed(_: Words, change: Change) -> str:
    said = []
    for field, label in FIELDS.items():
        before, after = getattr(change.before, field), getattr(change.after, field)
        if before != after:
            said.append(_("{what} {before} → {after}", what=_(label), **_numbers(_, field, before, after)))
    return _.listed(said)


def _numbers(_: Words, field: str, before: int, after: int) -> dict[str, str]:
    """As a person reads them."""
    said = _.money if field == "fee_fen" else str
    return {"before": said(before), "after": said(after)}
