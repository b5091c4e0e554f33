"""语言、提醒、我的数据: how the reader wants to be spoken to, and what we hold about them."""

from __future__ import annotations

from bot import forgetting
from bot.events import Button
from bot.handlers import credentials, family, greeting
from bot.talk import Talk
from bot.texts import LANGUAGES, N_, menu, rows
from lending import looks, readers

OWN_NAMES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
SHOWN = 3_200  # characters of a data report in one message
HELD = {  # what a reader calls each table
    "readers": N_("个人资料"),
    "contacts": N_("联系方式"),
    "messages": N_("您说过的话"),
    "escalations": N_("人工请求"),
    "credit_checks": N_("信用授权"),
    "credit_lines": N_("信用记录"),
    "freezes": N_("借阅暂停"),
    "cart_items": N_("借书车"),
    "shelf_items": N_("暂存架"),
    "orders": N_("订单"),
    "order_items": N_("订单里的书"),
    "order_events": N_("订单经过"),
    "order_additions": N_("加进订单的书"),
    "parcels": N_("包裹"),
    "loans": N_("借阅"),
    "holds": N_("预约"),
    "transfers": N_("转借"),
    "drifting": N_("漂流书"),
    "purchases": N_("新书采购"),
    "notices": N_("通知"),
    "appeals": N_("申诉"),
    "suggestions": N_("荐购"),
    "reviews": N_("书评"),
    "looks": N_("馆员看过您资料的记录"),
    "mandates": N_("授权"),
    "mandate_tries": N_("输错的授权码"),
    "deeds": N_("替人办的事"),
    "minors": N_("成年的日子"),
    "minor_consents": N_("家长的同意"),
    "cards": N_("读者卡"),
    "proofs": N_("核对卡的记录"),
    "secret_forms": N_("填卡号的一次性网页"),
    "outside_calls": N_("问合作方的事"),
    "rent_consents": N_("信用借还的同意"),
    "rent_records": N_("告诉合作方的借还"),
    "home_returns": N_("上门取书"),
    "moved_dates": N_("改过的日期"),
    "moved_promises": N_("改过的承诺"),
    "compensations": N_("赔付"),
    "draw_entries": N_("免邮抽签"),
    "special_readers": N_("免邮优先"),
}
EARLIEST = 15  # days before the due date that a reminder may be asked for


def set_language(talk: Talk) -> None:
    """ "English" · "繁體" · "语言"."""
    language = talk.slot("language")
    if language in LANGUAGES:
        return choose_language(talk, language)
    talk.say(talk._("用哪种语言？"), rows(*(Button(OWN_NAMES[code], f"lang:{code}") for code in LANGUAGES)))


def choose_language(talk: Talk, language: str) -> None:
    """From now on everything is said so (B2-13)."""
    if language in LANGUAGES:
        readers.set_language(talk.db, talk.reader.id, language)
        talk.reader = readers.reader(talk.db, talk.reader.id)
        talk.say(talk._("好，以后说{language}。", language=OWN_NAMES[language]))
    greeting.greet(talk)


def reminder_settings(talk: Talk) -> None:
    """ "提前5天提醒我" · "别提醒我"."""
    _, days = talk._, talk.number("days")
    if days is not None:
        return remind(talk, str(days) if days else "off")
    current = talk.reader.remind_days or max(talk.policy.reminders.before_days)
    state = _("到期前不提醒您")
    if talk.reader.reminders_on:
        state = _.n("到期前 {n} 天提醒您", "到期前 {n} 天提醒您", current)
    choices = [Button(_.n("提前 {n} 天", "提前 {n} 天", n), f"remind:{n}") for n in (1, 3, 5, 7)]
    text = _(
        "现在是{state}，每次把所有的书放在一条消息里，{opens}–{closes} 之外不打扰。",
        state=state,
        opens=f"{talk.policy.reminders.quiet_until:%H:%M}",
        closes=f"{talk.policy.reminders.quiet_from:%H:%M}",
    )
    talk.say(text, rows(*choices, Button(_("不要到期提醒"), "remind:off"), across=2))


def remind(talk: Talk, days: str) -> None:
    """Set it; overdue books are still told about."""
    _ = talk._
    if days == "off":
        readers.set_reminders(talk.db, talk.reader.id, on=False)
        return talk.say(_("好，到期前不再提醒；要是真的超期了，还是会告诉您。"), rows(menu(_, "reminder_settings")))
    if not (days.isascii() and days.isdigit()):
        return reminder_settings(talk)
    n = min(max(int(days), 1), EARLIEST)
    readers.set_reminders(talk.db, talk.reader.id, on=True, days=n)
    talk.say(_.n("好，到期前 {n} 天提醒您。", "好，到期前 {n} 天提醒您。", n), rows(menu(_, "show_loans")))


LOOKED_AT = {looks.PAGE: N_("您的读者页"), looks.ADDRESS: N_("您的送书地址"), looks.TALK: N_("您和人工的对话")}


def show_looks(talk: Talk) -> None:
    """ "谁看过我的资料": which librarian looked at what, when and why (A11-5)."""
    _ = talk._
    found = looks.of_reader(talk.db, talk.reader.id)
    lines = [
        _("{when} 馆员{who}看了{what}", when=_.moment(look.at), who=look.who, what=_(LOOKED_AT[look.what]))
        + (_("（因为 {why}）", why=look.why) if look.why else "")
        for look in found
    ]
    heading = _("馆员每次看您的资料都会记下来，最近的在前：") if found else _("还没有馆员看过您的资料。有人看，这里就会记下来。")
    cards = credentials.log_lines(talk)
    if cards:
        lines += [_("您的证件："), *cards]
    lines += ["", *family.deed_lines(talk)]
    talk.say("\n".join([heading, *lines]), rows(Button(_("我的家人"), "fam"), menu(_, "export_data"), menu(_, "escalate")))


def export_data(talk: Talk) -> None:
    """Everything we hold about the reader, table by table (A11-5); or who looked at it."""
    if talk.slot("query") == "谁看过":
        return show_looks(talk)
    _ = talk._
    held = forgetting.everything(talk.db, talk.reader.id)
    lines = [_("我们保存的您的资料（您说过的话保留 {days} 天）：", days=talk.policy.privacy.words_days)]
    for table, found in held.items():
        if found:
            lines.append("\n" + _("【{what}】{n} 条", what=_(HELD.get(table, table)), n=len(found)))
        lines += [
            " · ".join(f"{name}={value}" for name, value in row.items() if value not in ("", None)) for row in found
        ]
    text = "\n".join(lines)
    if len(text) > SHOWN:
        text = text[:SHOWN] + "\n…" + _("（太长了，完整的一份请馆员导出给您。）")
    own = (Button(_("谁看过我的资料"), "looks"), Button(_("删除我的数据"), "i:erase_data"), menu(_, "escalate"))
    talk.say(text, rows(*own))


def erase_data(talk: Talk) -> None:
    """Told first what goes and what must stay."""
    _ = talk._
    talk.memory["confirm"] = "erase!"
    talk.say(
        _(
            "会删除：您的姓名、电话、地址、借书车、预约、荐购和书评，过去的借阅不再和您有关。会保留：信用分的加减（不含书名），这是规则要求的。确定删除吗？"
        )
        + "\n"
        + _("还没还的书、没结束的订单和赔付，要先办完才能删。就算不删，书还回来 {days} 天后的那个月底，也没人查得到是谁借的。", days=talk.policy.privacy.borrowed_days),
        rows(menu(_, "cancel"), Button(_("确定删除"), "erase!")),
    )


def erase(talk: Talk) -> None:
    """Done, and said so. Raises StillBorrowing while books are open."""
    _ = talk._
    forgetting.forget(talk.db, talk.reader.id)
    talk.memory.clear()
    talk.say(_("删好了。以后再来，直接说书名就行。"))
