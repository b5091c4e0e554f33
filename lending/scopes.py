"""What one reader may do in another's name: the whole matrix on one screen (D-12). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lending.errors import LendingError, fact

OFFERED = ("collect", "return", "borrow", "see", "address")  # 代取、代还代续、代借、查看借阅、送书地址
SCOPES = (*OFFERED, "care")  # "care", 资料和信用, is a guardian's alone

MATRIX = {  # act: the scopes of which one is enough
    "see_ready": ("collect", "borrow", "see"),  # orders that wait to be fetched
    "fetch_code": ("collect",),  # the code that opens the box
    "receive": ("collect",),  # "我拿到了"
    "see_loans": ("return", "see"),
    "renew": ("return",),
    "give_back": ("return",),  # "我还了", the courier at the door
    "see_orders": ("borrow", "see"),
    "order": ("borrow",),  # the cart, ordering, cancelling
    "see_holds": ("borrow", "see"),
    "hold": ("borrow",),
    "use_address": ("address",),  # to see where the reader lives, and send there
    "see_record": ("care",),  # points and their lines
    "attend": ("care",),  # what they sign up for: a guardian signs a child up, others come themselves
    "care": ("care",),  # cases, appeals, data, chats
}


@fact
class NotInScope(LendingError):
    """What somebody tried in another's name is not among what they were given; `act` is "" where nobody else may."""

    act: str


def allows(scopes: Iterable[str], act: str) -> bool:
    """Whether these scopes reach to that act; an act nobody has thought of is allowed to nobody."""
    return any(scope in scopes for scope in MATRIX.get(act, ()))
