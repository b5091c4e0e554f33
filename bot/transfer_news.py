"""What the library says by itself while a book goes from hand to hand, to the one and to the other (F-7, A1-23)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, rows
from lending import catalogue, evidence, loans, transfer_records, transfers
from lending.notices import Notice


def _transfer(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last step; a question that is over is not asked any more (B2-7).

    That it is over is said also where the other side was forgotten, and the hand-over with them.
    """
    _, notice = say.words, group[-1]
    if notice.step in ("accepted", "done"):
        moved = transfer_records.transfer(say.db, notice.facts["transfer"])
        if notice.step == "done":
            return _yours_now(say, moved)
        return please_confirm(say.words, moved) if moved.state == "accepted" else None
    title = catalogue.title(say.db, notice.facts["title"])
    texts = {
        "declined": _("对方不接《{title}》了，书还在您这里。", title=title.title),
        "withdrawn": _("《{title}》这次不转了。想看可以预约，到了就告诉您。", title=title.title),
        "new_code": _(
            "对方给《{title}》换了一个转借码，刚才那次不算了。想接的话，请对方把新的码给您。", title=title.title
        ),
        "returned": _(
            "《{title}》刚刚还给图书馆了，这次转不成了。想看就点「看这本书」，能借就借，借完了可以预约。",
            title=title.title,
        ),
        "claimed": _(
            "对方说《{title}》已经还给图书馆了，这次转不成了。想看可以预约，到了就告诉您。", title=title.title
        ),
        "collected": _(
            "《{title}》由快递取走，送回图书馆了，这次转不成了。想看可以预约，到了就告诉您。", title=title.title
        ),
        "lost": _("《{title}》在对方那里找不到了，这次转不成了，不用再等。", title=title.title),
        "damaged": _("对方说《{title}》破损了，要先请馆员看看，这次转不成了。", title=title.title),
        "waiting": _(
            "《{title}》刚刚有别的读者排上了，要先还给图书馆，这次不能转给您了。想看可以预约，排在他们后面。",
            title=title.title,
        ),
        "stays_waiting": _(
            "《{title}》刚刚有别的读者排上了，这次转不成了，书还在您这里。看完还给图书馆，就给下一位。",
            title=title.title,
        ),
        "overdue": _(
            "《{title}》要先还给图书馆，这次转不成了。想看可以预约，到了就告诉您。",
            title=title.title,
        ),
        "stays_overdue": _(
            "《{title}》已经超期，这次转不成了。先还到任何馆或书柜，朋友就能马上借。",
            title=title.title,
        ),
        "home": _("《{title}》的主人要请它回家，这次转不成了，不用再等。", title=title.title),
        "expired": _("《{title}》的转借没有在时间内确认，没有换人。需要的话重新来一次。", title=title.title),
    }
    if notice.step == "home":
        return Reply(texts[notice.step], rows(Button(_("我的漂流书"), "own"), menu(_, "show_loans")))
    if notice.step.startswith("stays_"):
        return Reply(texts[notice.step], rows(menu(_, "return_books"), menu(_, "show_loans")))
    if notice.step == "waiting":
        return Reply(texts[notice.step], rows(Button(_("预约这本"), f"hold:{title.id}"), menu(_, "show_loans")))
    return Reply(texts[notice.step], rows(menu(_, "show_loans"), Button(_("看这本书"), f"t:{title.id}")))


def please_confirm(_: Words, moved: transfer_records.Transfer) -> Reply:
    """What the giver is asked once the other side has said yes."""
    text = _(
        "对方愿意接《{title}》。书交到手上以后再点确认；{moment} 前有效。",
        title=moved.title,
        moment=_.time(moved.expires_at),
    )
    return Reply(
        text, rows(Button(_("书已交到对方手上"), f"tf:{moved.id}"), Button(_("不转了"), f"tw:{moved.id}"), across=1)
    )


def _yours_now(say: Saying, moved: transfer_records.Transfer) -> Reply:
    _ = say.words
    mine = [loan for loan in loans.of_reader(say.db, say.reader.id) if loan.title_id == moved.title_id]
    if moved.drifting_id is not None or not mine:
        text = _("《{title}》到您手上了，慢慢看。", title=moved.title)
        return Reply(text, rows(Button(_("我的漂流书"), "own"), menu(_, "show_loans")))
    lines = [_("《{title}》转到您名下了，{day} 到期，快到时我提醒您。", title=moved.title, day=_.day(mine[0].due_at))]
    if saved := transfers.fee_saved(say.db, say.reader.id, say.policy):
        lines.append(_("这一转省下了一来一回的运费 {money}。", money=_.money(saved)))
    look = Button(_("拍下书的样子"), f"tp:{moved.id}")
    return Reply("\n".join(lines), rows(look, menu(_, "show_loans"), menu(_, "return_books")))


def _recalled(say: Saying, group: Sequence[Notice]) -> Reply | None:
    _, title = say.words, catalogue.title(say.db, group[-1].facts["title"])
    text = _("《{title}》的主人想请它回家。看完了就约个地方交还，见面时点下面给对方一个码。", title=title.title)
    return Reply(text, rows(Button(_("给主人转借码"), f"ot:{group[-1].facts['own']}"), menu(_, "escalate")))


def _photo(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """What the other side shows of the book; not once the picture has gone."""
    _, facts = say.words, group[-1].facts
    moved = transfer_records.transfer(say.db, facts["transfer"])
    if not evidence.is_kept(say.db, facts["photo"]):
        return None
    text = _("对方拍了《{title}》现在的样子。", title=moved.title)
    own = Button(_("我也拍一张"), f"tp:{moved.id}")
    return Reply(text, rows(own, menu(_, "show_loans")), picture=facts["photo"])


SAY: dict[str, Sentences] = {"transfer": _transfer, "transfer_photo": _photo, "own_book_recalled": _recalled}
