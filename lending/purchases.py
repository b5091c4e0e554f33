"""新书采购: a reader picks a new book at the bookshop, the library pays, and it comes on loan to them (A2-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import (
    audience,
    case_records,
    cases,
    catalogue,
    copy_states,
    decisions,
    holds,
    loans,
    notices,
    numbers,
    readers,
    wishes,
)
from lending.database import Database, Row, writing
from lending.errors import BadAddress, LendingError, NotAllowed, OutsideServiceArea, UnknownThing, fact
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles

STEPS = {  # name: from which states, to which
    "approve": (("asked",), "approved"),  # 馆里同意
    "refuse": (("asked",), "refused"),  # 不买（原因）
    "send": (("approved",), "sent"),  # 书店寄出：入藏，借给这位读者
    "cancel": (("asked", "approved"), "cancelled"),  # 读者改变主意
}
COUNTED = "state IN ('asked', 'approved', 'sent')"  # what counts against the caps
IN_STOCK = f"EXISTS (SELECT 1 FROM copies c WHERE c.title_id = {{}} AND NOT c.{copy_states.GONE})"
OURS = f"SELECT t.id FROM titles t WHERE t.isbn = {{}} AND t.withdrawn = 0 AND {IN_STOCK.format('t.id')}"
NOT_LENT = (  # 下架: what a librarian has decided, no shop's list undoes
    "(EXISTS (SELECT 1 FROM titles t WHERE t.isbn = {0} AND t.withdrawn = 1) "
    "AND NOT EXISTS (SELECT 1 FROM titles t WHERE t.isbn = {0} AND t.withdrawn = 0))"
)
BOUGHT = (  # of any shop; what came and was lost since may be bought again
    "(SELECT s.isbn FROM purchases p JOIN shop_books s ON s.id = p.shop_book_id WHERE p.state IN ('asked', 'approved') "
    f"OR (p.state = 'sent' AND {IN_STOCK.format('p.title_id')}))"
)


@fact
class CannotBuy(LendingError):
    """`reason`: price (most, in fen), month (books a month), year (fen a year), budget, bought, ours (we have it),
    withdrawn (it was, and is 下架). `number` is the cap of the reason.
    """

    title: str
    reason: str
    number: int = 0
    title_id: int | None = None


@fact
class PurchaseMoved(LendingError):
    """The purchase no longer stands where the step begins."""

    number: str
    state: str


@dataclass(frozen=True, slots=True)
class ShopBook:
    """A new book on the shop's list."""

    id: int
    shop: str
    isbn: str
    title: str
    authors: str
    publisher: str
    year: int | None
    price_fen: int
    audience: str = ""  # see audience.ADULTS


@dataclass(frozen=True, slots=True)
class Purchase:
    """A book being bought for a reader."""

    id: int
    number: str
    reader_id: int
    shop_book_id: int
    title: str
    isbn: str
    state: str
    price_fen: int
    address: str
    reason: str
    placed_at: datetime
    lost: bool = False  # sent, and never came


BOOK = "id, shop, isbn, title, authors, publisher, year, price_fen, audience"
PURCHASE = (
    "SELECT p.id, p.number, p.reader_id, p.shop_book_id, b.title, b.isbn, p.state, p.price_fen, "
    "unseal(p.address) AS address, unseal(p.reason) AS reason, p.placed_at, "
    "p.lost_at <> '' AS lost FROM purchases p "
    "JOIN shop_books b ON b.id = p.shop_book_id "
)
OFFERED = (  # of the shops' lists: within the price, not bought yet and not ours
    "FROM shop_books b WHERE listed = 1 AND price_fen <= :most "
    f"AND b.isbn NOT IN {BOUGHT} AND NOT EXISTS ({OURS.format('b.isbn')}) AND NOT {NOT_LENT.format('b.isbn')}"
)


def _purchase(row: Row | None, name: str) -> Purchase:
    if row is None:
        raise UnknownThing("purchase", name)
    return Purchase(**{**row, "placed_at": parse_stamp(row["placed_at"]), "lost": bool(row["lost"])})


def purchase(db: Database, purchase_id: int) -> Purchase:
    """Raises UnknownThing."""
    return _purchase(db.one(PURCHASE + "WHERE p.id = :id", id=purchase_id), str(purchase_id))


def listed(db: Database, states: tuple[str, ...] = ("asked", "approved"), limit: int = 100) -> list[Purchase]:
    """The oldest first."""
    marks = ", ".join(f"'{state}'" for state in states if state == "asked" or state in [to for _, to in STEPS.values()])
    rows = db.all(PURCHASE + f"WHERE p.state IN ({marks}) ORDER BY p.id LIMIT :n", n=limit)
    return [_purchase(row, "") for row in rows]


def of_reader(db: Database, reader_id: int) -> list[Purchase]:
    """The newest first."""
    rows = db.all(PURCHASE + "WHERE p.reader_id = :r ORDER BY p.id DESC LIMIT 20", r=reader_id)
    return [_purchase(row, "") for row in rows]


def to_come(db: Database, reader_id: int, policy: Policy, now: datetime) -> list[Purchase]:
    """What this reader waits for: asked for, ordered, or sent so lately that it may be on its way."""
    travels = stamp(now - timedelta(days=policy.purchases.travel_days))
    on_its_way = "p.state = 'sent' AND p.lost_at = '' AND p.changed_at >= :t"
    mine = f"WHERE p.reader_id = :r AND (p.state IN ('asked', 'approved') OR {on_its_way}) "
    rows = db.all(PURCHASE + mine + "ORDER BY p.id DESC LIMIT 20", r=reader_id, t=travels)
    return [_purchase(row, "") for row in rows]


IN_HANDS = (  # loans l, purchases p: as it was sent, and not borrowed anew since
    "l.title_id = p.title_id AND l.reader_id = p.reader_id AND l.returned_at IS NULL AND l.started_at <= p.changed_at"
)


LOST_BY_READER = (  # or said to be lost before anybody knew better, and looked at; a new copy given for it stays
    "l.title_id = p.title_id AND l.reader_id = p.reader_id AND l.ended_as = 'lost' AND l.started_at <= p.changed_at "
    "AND EXISTS (SELECT 1 FROM compensations k WHERE k.loan_id = l.id AND k.kind = 'lost' AND k.state NOT IN "
    "('reported', 'found') AND NOT EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = k.id "
    "AND e.step = 'take_book'))"
)


def sent_out(db: Database, limit: int = 100) -> list[Purchase]:
    """Sent by the shop and not back since, the newest first: what may yet turn out to be lost on the way."""
    gone = f"EXISTS (SELECT 1 FROM loans l WHERE ({IN_HANDS}) OR ({LOST_BY_READER}))"
    still = f"WHERE p.state = 'sent' AND p.lost_at = '' AND {gone} "
    rows = db.all(PURCHASE + still + "ORDER BY p.changed_at DESC, p.id DESC LIMIT :n", n=limit)
    return [_purchase(row, "") for row in rows]


# ---- the shop's list -------------------------------------------------------------------------------------------------


def store_list(db: Database, shop: str, books: Iterable[ShopBook]) -> int:
    """The shop's list as it is now: what is no longer on it cannot be chosen any more. Returns how many are on it."""
    with writing(db) as db:
        db.run("UPDATE shop_books SET listed = 0 WHERE shop = :shop", shop=shop)
        for one in books:
            db.run(
                "INSERT INTO shop_books (shop, isbn, title, authors, publisher, year, price_fen, audience) "
                "VALUES (:shop, :isbn, :title, :authors, :publisher, :year, :price, :audience) "
                "ON CONFLICT (shop, isbn) DO UPDATE SET title = :title, authors = :authors, publisher = :publisher, "
                "year = :year, price_fen = :price, audience = :audience, listed = 1",
                shop=shop, isbn=one.isbn, title=one.title, authors=one.authors, publisher=one.publisher, year=one.year,
                price=one.price_fen, audience=one.audience,
            )  # fmt: skip
        return int(db.value("SELECT COUNT(*) FROM shop_books WHERE shop = :shop AND listed = 1", shop=shop))


def on_offer(db: Database, policy: Policy, limit: int = 10, to_child: bool = False) -> list[ShopBook]:
    """What can be chosen: listed, within the price, not bought yet and not ours; the newest first."""
    fit = f"AND audience <> '{audience.ADULTS}' " if to_child else ""
    ask = f"SELECT {BOOK} {OFFERED} {fit}ORDER BY year DESC, id LIMIT :n"
    return [ShopBook(**row) for row in db.all(ask, most=policy.purchases.most_fen, n=limit)]


def on_the_way(policy: Policy) -> int:
    """Days a shop's parcel may travel before the days of the loan count; none where loans count from the sending."""
    return policy.purchases.travel_days if policy.lending.loan_starts in ("signed", "pickup") else 0


def how_many_on_offer(db: Database, policy: Policy, shop: str = "") -> int:
    """All that can be chosen, also what a list has no room for; of one shop where it is named."""
    ask = f"SELECT COUNT(*) {OFFERED} AND :shop IN ('', shop)"
    return int(db.value(ask, most=policy.purchases.most_fen, shop=shop))


def shop_book(db: Database, shop_book_id: int) -> ShopBook:
    """A book on the list. Raises UnknownThing."""
    row = db.one(f"SELECT {BOOK} FROM shop_books WHERE id = :id AND listed = 1", id=shop_book_id)
    if row is None:
        raise UnknownThing("shop_book", str(shop_book_id))
    return ShopBook(**row)


# ---- the reader ------------------------------------------------------------------------------------------------------


def ask(db: Database, reader_id: int, shop_book_id: int, key: str, policy: Policy, now: datetime) -> Purchase:
    """The reader would like this one; approved by rule up to a price. The same key again is the same purchase (B2-2).

    Raises UnknownThing, CannotBuy, NotAllowed, BadAddress, OutsideServiceArea; nothing is kept then.
    """
    with writing(db) as db:
        same = db.value("SELECT id FROM purchases WHERE request_key = :key AND reader_id = :r", key=key, r=reader_id)
        if same is not None:
            return purchase(db, same)
        book, month = shop_book(db, shop_book_id), f"{library_day(now):%Y-%m}"
        address = _address(db, reader_id, policy)
        _within_the_caps(db, reader_id, book, month, policy)
        facts = decisions.facts(db, reader_id, now)
        title = {"title": book.title, "audience": book.audience, "clc": ""}  # a shop gives no class
        decision = audience.within(db, decisions.may_borrow(facts, 1, policy), facts, [title], policy)
        if not decision.allowed:
            raise NotAllowed(decision)
        state = "approved" if book.price_fen <= policy.purchases.auto_up_to_fen else "asked"
        made = db.value(f"SELECT {numbers.following('purchases')}")
        db.run(
            "INSERT INTO purchases (id, number, reader_id, shop_book_id, request_key, state, price_fen, month, "
            "address, placed_at, changed_at) "
            "VALUES (:id, :number, :r, :b, :key, :state, :price, :month, seal(:address), :now, :now)",
            id=made, number=f"XS{library_day(now):%y%m}-{made:04d}", r=reader_id, b=book.id, key=key, state=state,
            price=book.price_fen, month=month, address=address, now=stamp(now),
        )  # fmt: skip
        return purchase(db, made)


def _address(db: Database, reader_id: int, policy: Policy) -> str:
    """Sent by post within the service area (A2-4: 浙江省内)."""
    who = readers.reader(db, reader_id)
    if missing := tuple(name for name in ("name", "phone", "address") if not getattr(who, name)):
        raise BadAddress(missing)
    if who.zone not in policy.purchases.zones:
        raise OutsideServiceArea(who.zone)
    return f"{who.name} {who.phone} {who.address}"


def _within_the_caps(db: Database, reader_id: int, book: ShopBook, month: str, policy: Policy) -> None:
    """Price, books a month, the library's month; and one copy is enough: others can wait for it."""
    caps = policy.purchases
    ours = db.value(OURS.format(":isbn"), isbn=book.isbn)
    if ours is not None:
        raise CannotBuy(book.title, "ours", 0, ours)
    if db.value(f"SELECT {NOT_LENT.format(':isbn')}", isbn=book.isbn):
        raise CannotBuy(book.title, "withdrawn")
    if book.price_fen > caps.most_fen:
        raise CannotBuy(book.title, "price", caps.most_fen)
    row = db.one(
        "SELECT COALESCE(SUM(reader_id = :r AND lost_at = ''), 0) AS mine, COALESCE(SUM(price_fen), 0) AS spent, "
        f":isbn IN {BOUGHT} AS bought FROM purchases WHERE month = :month AND {COUNTED}",
        r=reader_id, isbn=book.isbn, month=month,
    )  # fmt: skip
    assert row is not None
    if row["bought"]:
        raise CannotBuy(book.title, "bought")
    if row["mine"] >= caps.a_month:
        raise CannotBuy(book.title, "month", caps.a_month)
    if caps.a_year_fen is not None and _spent_in(db, reader_id, month[:4]) + book.price_fen > caps.a_year_fen:
        raise CannotBuy(book.title, "year", caps.a_year_fen)
    if row["spent"] + book.price_fen > caps.month_budget_fen:
        raise CannotBuy(book.title, "budget")


def _spent_in(db: Database, reader_id: int, year: str) -> int:
    """What the library has paid for this reader's books in a year, in fen (B5 常州)."""
    mine = f"reader_id = :r AND month LIKE :y AND {COUNTED} AND lost_at = ''"
    asked = f"SELECT COALESCE(SUM(price_fen), 0) FROM purchases WHERE {mine}"
    return int(db.value(asked, r=reader_id, y=f"{year}-%"))


# ---- moving on -------------------------------------------------------------------------------------------------------


def _step(db: Database, name: str, purchase_id: int, now: datetime, reason: str = "") -> Purchase:
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    changed = db.run(
        f"UPDATE purchases SET state = '{after}', reason = seal(:reason), changed_at = :now "
        f"WHERE id = :id AND state IN ({states})",
        reason=reason[:300], now=stamp(now), id=purchase_id,
    )  # fmt: skip
    found = purchase(db, purchase_id)
    if changed != 1:
        raise PurchaseMoved(found.number, found.state)
    return found


def _tell(db: Database, found: Purchase, now: datetime) -> None:
    notices.record(db, found.reader_id, "purchase_moved", f"purchase:{found.id}", found.state, now, purchase=found.id)


def cancel(db: Database, reader_id: int, purchase_id: int, now: datetime) -> Purchase:
    """The reader changes their mind, until it is sent. Raises UnknownThing, PurchaseMoved."""
    with writing(db) as db:
        if purchase(db, purchase_id).reader_id != reader_id:
            raise UnknownThing("purchase", str(purchase_id))
        return _step(db, "cancel", purchase_id, now)


def decide(db: Database, purchase_id: int, yes: bool, reason: str, now: datetime) -> Purchase:
    """A person's answer where the rule has none; a refusal has its reason. Raises UnknownThing, PurchaseMoved."""
    with writing(db) as db:
        found = _step(db, "approve" if yes else "refuse", purchase_id, now, "" if yes else reason)
        _tell(db, found, now)
        return found


def send(db: Database, purchase_id: int, barcode: str, point_id: int, policy: Policy, now: datetime) -> Purchase:
    """The shop has sent it: title and copy enter the stock, on loan to this reader; its way there is not of the loan.

    Raises UnknownThing for a point or purchase there is not or a barcode that is taken, PurchaseMoved.
    """
    with writing(db) as db:
        found = _step(db, "send", purchase_id, now)
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        if catalogue.copy_id(db, barcode) is not None:
            raise UnknownThing("barcode", barcode[:40])
        title_id = _into_stock(db, found, barcode, point_id, now)
        copy_id = db.value("SELECT id FROM copies WHERE barcode = :b", b=barcode)
        loans.lend(db, copy_id, title_id, found.reader_id, policy, now, "order", on_the_way(policy))
        holds.fill_title(db, found.reader_id, title_id, policy, now)
        wishes.bought(db, found.title, title_id, policy, now)
        db.run("UPDATE purchases SET title_id = :t WHERE id = :id", t=title_id, id=found.id)
        _tell(db, found, now)
        return found


def lose(db: Database, purchase_id: int, actor: str, policy: Policy, now: datetime) -> Purchase:
    """It never came: the library's loss, as of parcels; nobody owes anything, and the reader may choose anew.

    The book counts no more among the reader's, and goes on counting in the library's month, which has paid for it.
    What the reader has reported of it is waived; where it was charged already, points and money come back.
    Raises UnknownThing, PurchaseMoved.
    """
    with writing(db) as db:
        found = purchase(db, purchase_id)
        loan = db.one(
            "SELECT l.id, l.copy_id, l.title_id, k.number FROM purchases p "
            f"JOIN loans l ON ({IN_HANDS}) OR ({LOST_BY_READER}) LEFT JOIN compensations k "
            "ON k.loan_id = l.id AND l.ended_as = 'lost' AND k.kind = 'lost' WHERE p.id = :id "
            "ORDER BY l.id DESC LIMIT 1",
            id=found.id,
        )
        changed = loan and db.run(
            "UPDATE purchases SET lost_at = :now WHERE id = :id AND state = 'sent' AND lost_at = ''",
            now=stamp(now), id=found.id,
        )  # fmt: skip
        if not loan or not changed:
            raise PurchaseMoved(found.number, found.state)
        points, refund = _undo_loss(db, loan, actor, policy, now)
        notices.record(
            db, found.reader_id, "purchase_lost", f"purchase:{found.id}", "", now,
            notices.outside_quiet_hours(now, policy), purchase=found.id, points=points, refund=refund,
        )  # fmt: skip
        return purchase(db, found.id)


def _undo_loss(db: Database, loan: Row, actor: str, policy: Policy, now: datetime) -> tuple[int, int]:
    """What comes back to a reader who had been charged for it: points, and fen of the price that was paid."""
    if not loan["number"]:
        cases.bear(db, loan, actor, policy, now)
        return 0, 0
    before = case_records.by_number(db, loan["number"])
    if before.back:  # scanned in since: it did come
        raise PurchaseMoved(before.number, before.state)
    after = cases.advance(db, before.number, "never_came", actor, policy, now)
    return after.points - before.points, after.refund_fen


def _into_stock(db: Database, found: Purchase, barcode: str, point_id: int, now: datetime) -> int:
    row = db.one(f"SELECT {BOOK} FROM shop_books WHERE id = :id", id=found.shop_book_id)
    assert row is not None
    book = ShopBook(**row)
    names = tuple(name.strip() for name in book.authors.split("；") if name.strip())
    entry = TitleEntry(
        book.title, authors=names, publisher=book.publisher, year=book.year, isbn=book.isbn, price_fen=book.price_fen,
        audience=book.audience,
    )  # fmt: skip
    title_id = store_titles(db, [entry], day=library_day(now)).ids[0]
    store_copies(db, [CopyEntry(barcode, title_id, point_id)])
    return title_id
