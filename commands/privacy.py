"""`flask keys show | rotate` and `flask privacy report`: what readers' data is sealed with, and what is kept of whom."""

from __future__ import annotations

import dataclasses

import click

from admin import staff
from bot import forgetting
from bot.service import Service
from bot.texts import N_, Words
from commands import privacy_stores, shared
from lending import evidence, retention, sealed
from search.document import Document

SEALED: sealed.Columns = {**forgetting.SEALED, **staff.SEALED}  # all that lies sealed, of every part
NAMED = 20  # damaged rows that are named


@click.group()
def keys() -> None:
    """The keys that names, phones, addresses and words are sealed with."""


@keys.command()
def show() -> None:
    """Where the keys are, and how much is sealed with the newest."""
    store = shared.service().store
    found = sealed.state(store.db, SEALED)
    click.echo(f"{store.vault.path}: {len(store.vault.marks())}")
    in_the_clear = found.clear + evidence.lying_open(store.db)
    click.echo(f"newest {found.newest}  older {found.older}  in the clear {in_the_clear}")


@keys.command()
@click.option("--keep-old", is_flag=True, help="Keep the old keys, so that older copies of the data can be opened.")
def rotate(keep_old: bool) -> None:
    """Make a new key, seal everything with it, and throw the old ones away. Stopped half-way, run it again.

    Rows that cannot be opened are named and left, with the key they may need.
    """
    store = shared.service().store
    if not sealed.half_turned(store.db, SEALED):
        store.vault.rotate()
    pictures = evidence.seal_all(store.db)
    done = sealed.seal_anew(store, SEALED, forgetting.HASHED)
    used = sealed.marks_used(store.db, SEALED)
    unknown = used.difference(store.vault.marks())
    dropped = 0 if keep_old or unknown else store.vault.drop_old(used)
    click.echo(f"{done + pictures} rows sealed with a new key; {dropped} old keys thrown away.")
    if bad := sealed.damaged(store.db, SEALED):
        named = ", ".join(f"{table} {row}" for table, row in bad[:NAMED]) + (" …" if len(bad) > NAMED else "")
        click.echo(f"{len(bad)} rows cannot be opened and stay as they are, with the keys they may need: {named}")


@click.group()
def privacy() -> None:
    """What is kept of whom, for how long, and why."""


KEPT = {  # table → how long it names a reader beside a title or their words, and why; days come from the policy
    "loans": ("borrowed_days", N_("还书以后：申诉、规则演练要用")),
    "order_items": ("borrowed_days", N_("订单结束以后：查找送错的书")),
    "orders": ("borrowed_days", N_("订单结束以后：地址和理由")),
    "order_events": ("borrowed_days", N_("订单结束以后：经过里的话，和替人办的是谁")),
    "door_claims": ("borrowed_days", N_("订单结束以后：柜门没开时说的话")),
    "appointments": ("borrowed_days", N_("约好的取书时间过去以后")),
    "holds": ("borrowed_days", N_("预约结束以后")),
    "unfound_askers": ("borrowed_days", N_("谁没找到书：馆员看过就删，最久留到这时")),
    "home_returns": ("borrowed_days", N_("上门取书结束以后")),
    "transfers": ("borrowed_days", N_("转借结束以后")),
    "drifting": ("borrowed_days", N_("漂流结束以后")),
    "purchases": ("borrowed_days", N_("代购结束以后")),
    "secret_forms": ("borrowed_days", N_("填卡号的一次性网页过期以后")),
    "proofs": ("borrowed_days", N_("核对卡的事办结以后；还连着的卡除外")),
    "notices": ("borrowed_days", N_("通知说出以后")),
    "mandates": ("borrowed_days", N_("授权结束以后")),
    "deeds": ("borrowed_days", N_("别人替读者办过的事")),
    "mandate_tries": ("borrowed_days", N_("输错授权码的次数")),
    "sign_ups": ("borrowed_days", N_("活动结束以后：来了几位跟着活动留下")),
    "staff_log": ("borrowed_days", N_("还书扫描以后")),
    "compensations": ("fee_days", N_("赔付办结以后：书可能还会找到")),
    "fee_refunds": ("fee_days", N_("可能要退的运费办结以后")),
    "inbox": ("words_days", N_("读者说的话")),
    "outbox": ("words_days", N_("对读者说的话")),
    "escalation_lines": ("words_days", N_("人工对话结束以后")),
    "conversations": ("words_days", N_("最后一次来以后：说到哪里了")),
    "link_codes": ("words_days", N_("连接两个聊天的代码失效以后")),
    "exports": ("words_days", N_("要过一份资料以后：谁要的，文件本身从来不存")),
}


@privacy.command()
@click.option("--clear", is_flag=True, help="Clear what is over first, without waiting for the next day's clearing.")
def report(clear: bool) -> None:
    """What is kept, how long and why; exits 1 when anything is kept longer, or lies open in the file."""
    service, _ = shared.service(), Words("zh_Hans")
    db, policy, now = service.store.db, service.policy, service.clock.now()
    end = retention.moments(policy, now)["end"]
    if clear:
        retention.clear(db, policy, now)
        forgetting.clear_words(db, policy, now)
        staff.forget_scans(db, end)
    found = retention.over(db, policy, now) | forgetting.words_over(db, policy, now)
    found["staff_log"] = staff.count_scans(db, end)
    for table, (field, why) in KEPT.items():
        click.echo(
            _("{table}：{rows} 行，{days} 天，{why}；过期 {over} 行", table=table, rows=db.table(table).count,
              days=getattr(policy.privacy, field), why=_(why), over=found[table])
        )  # fmt: skip
    stores = _say_the_rest(_, service)
    last = retention.last_clearing(db)
    click.echo(_("上次清理：{day} {what}", day=last[0], what=last[1]) if last else _("还没有清理过。"))
    clear_text = sealed.state(db, SEALED).clear + evidence.lying_open(db)
    over = sum(found.values()) + stores
    click.echo(_("过期未断的联系 {over} 处，没有加密的 {clear} 处。", over=over, clear=clear_text))
    if clear_text or over:
        raise SystemExit(1)


def _say_the_rest(_: Words, service: Service) -> int:
    """The tables that are not cleared by days, what lies sealed, and the other stores; how many of these are over."""
    db = service.store.db
    for table, why in privacy_stores.LASTING.items():
        click.echo(_("{table}：{rows} 行，{why}", table=table, rows=db.table(table).count, why=_(why)))
    click.echo(_("不提读者的表：{tables}", tables=_.listed(privacy_stores.OF_NOBODY)))
    for table, columns in SEALED.items():
        state = sealed.state(db, {table: columns})
        told = _.listed(columns)
        click.echo(_("加密的：{table} 的 {columns}，{n} 处，没有加密的 {clear} 处", table=table, columns=told,
                     n=state.newest + state.older, clear=state.clear))  # fmt: skip
    if pictures := evidence.lying_open(db):
        click.echo(
            _("还没有加密的照片 {n} 张：服务会一张张补上，flask keys rotate 马上全部补上。", n=pictures)
        )
    days, over = service.policy.privacy.borrowed_days, 0
    for kept in privacy_stores.files(service.store.path.parent, service.policy, service.clock.now()):
        over += kept.over
        click.echo(
            _("{name}：{what}；过期 {over} 个", name=kept.name, what=_(kept.what, days=days), over=int(kept.over))
        )
    fields = _.listed(field.name for field in dataclasses.fields(Document))
    click.echo(_("索引里每本书只有：{fields}。日志写到标准错误，只有事件的编号，没有读者说的话。", fields=fields))
    return over
