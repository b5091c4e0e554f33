"""What the library says by itself about a card: linked, taken, being looked at, or not recognised, with the way on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.card_words import named
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, rows
from lending import proofs
from lending.notices import Notice


def _card_proof(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The step that still holds; what has gone on since is told by its own notice (B2-7)."""
    _, notice = say.words, group[-1]
    found = proofs.proof(say.db, int(notice.object.removeprefix("proof:")))
    if found.state != notice.step:
        return None
    card = named(_, found.kind, found.tail)
    texts = {
        "linked": _("{card}连上了，在自助机上刷它就能借、还、续。不是您自己连的？马上去掉它，再告诉馆员。", card=card),
        "taken": _(
            "{card}是您的，不过它已经连着另一个账户。如果那也是您，把两个聊天连起来就合成一个；如果不是，请告诉馆员。",
            card=card,
        ),
        "desk": _(
            "{card}请馆员核对了，他们只看到尾号。到馆出示一下卡最快，{n} 天内都可以；"
            "馆员也可能打卡上登记的电话报一个码，发到这里就行。",
            card=card, n=say.policy.credentials.request_days,
        ),
        "declined": _("{card}这次没能核对上，可能只是看不清或记错了，不影响借书。换一种方式再试试？", card=card),
        "lapsed": _("{card}一直没能核对，先作罢了，不影响借书。想连随时再来。", card=card),
    }  # fmt: skip
    return Reply(texts[found.state], rows(*_ways(_, found), across=2)) if found.state in texts else None


def _ways(_: Words, found: proofs.Proof) -> list[Button]:
    mine, person = Button(_("我的证件"), "cards"), menu(_, "escalate")
    again = Button(_("换一种方式"), f"card:{found.kind}")
    return {
        "linked": [mine, person],
        "taken": [Button(_("把两个聊天连起来"), "links"), person],
        "desk": [again, mine, menu(_, "find_branches")],
        "declined": [again, person],
        "lapsed": [again, person],
    }[found.state]


SAY: dict[str, Sentences] = {"card_proof": _card_proof}
