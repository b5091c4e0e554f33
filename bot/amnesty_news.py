"""What the library says by itself on days of grace: what bringing books back brings, in the reader's own numbers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import loans, whatif
from lending.model import library_day
from lending.notices import Notice


def _amnesty(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """All overdue books in one message; nothing when they are back, or the days are over (B2-5, B2-7)."""
    _, amnesty = say.words, say.policy.amnesty(library_day(say.now))
    late = [loan for loan in loans.of_reader(say.db, say.reader.id) if loan.days_left(say.now) < 0]
    if amnesty is None or amnesty.until is None or not late:
        return None
    last = group[-1].step == "last" or amnesty.until == library_day(say.now)
    heading = (
        _("今天是{name}宽免的最后一天，超期的书还回来，不扣分也不收费：", name=_(amnesty.name))
        if last
        else _(
            "{name}到了，{day} 以前超期的书还回来，不扣分也不收费：", name=_(amnesty.name), day=_.date(amnesty.until)
        )
    )
    books = [_("· 《{title}》", title=loan.title) for loan in late]
    return Reply(
        "\n".join([heading, *books, _brings(say)]),
        rows(menu(_, "return_books"), menu(_, "show_loans"), menu(_, "show_credit")),
    )


def _brings(say: Saying) -> str:
    """From so many points to so many, and when borrowing opens (D-6)."""
    _, account = say.words, whatif.read(say.db, say.reader.id, say.policy)
    outcome = whatif.if_returned(account, say.now, say.now, say.policy)
    back = outcome.balance - account.balance
    if outcome.frozen_until is not None:
        day = _.day(outcome.frozen_until)
        return _(
            "今天还，退回 {back} 分，共 {balance} 分；{day} 恢复借阅。", back=back, balance=outcome.balance, day=day
        )
    if back <= 0:
        return _("今天还，{balance} 分一分不少，马上能借。", balance=outcome.balance)
    return _("今天还，退回 {back} 分，共 {balance} 分，马上能借。", back=back, balance=outcome.balance)


SAY: dict[str, Sentences] = {"amnesty": _amnesty}
