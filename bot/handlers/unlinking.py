"""取消绑定: one chat of several no longer speaks for the reader; books, orders and points stay with them (A1-20)."""

from __future__ import annotations

import re

from bot import contacts, linking, meaning
from bot.confiding import CITIZEN, LIBRARY
from bot.contacts import Chat
from bot.events import Button
from bot.folding import trimmed, unspaced
from bot.handlers import credentials
from bot.linking import LinkRefused
from bot.talk import Talk
from bot.texts import Words, menu, rows
from bot.understanding import without_courtesies
from lending import cards

LONGEST = 60
THIS = r"(?>这个?|那个?|此|另外?一?个?|别的|其他的?|旧的?|原来的?|以前的?|我的?|你们?的?|这边|那边|这里|上面?|在|跟|和|与|从|聊天|微信|qq|telegram|电报|网页|账[户号]|帐[户号]|手机|窗口|号|的|端|上)*"
ASKED = re.compile(
    rf"(?>请问|请|麻烦|帮我|给我|我|想要?|要|怎么样?|如何|怎样|能不能|可不可以|可以|能|把|将|现在|先|那)*(?:"
    rf"(?:取消|解除|解开|断开|撤销|撤掉|去掉|不要)了?(?!的)(?P<what>{THIS})(?:绑定|关联|连接|链接|捆绑)"
    rf"|(?:断开(?!的)|解绑|退出登[录陆]|登出|退出(?=账|帐|微信|telegram|聊天))了?(?P<what2>{THIS})(?:连接|绑定)?"
    rf"|(?P<what3>{THIS})(?:断开|解绑|解除绑定|取消绑定|取消关联|解除关联|断掉|退出登[录陆]|登出)(?:连接)?"
    rf"|(?P<what4>{THIS})(?:不想?要?|别)再?(?:连[着著]|绑[着著]|绑定|关联|连在|绑在){THIS}"
    r")(?>了|掉|吧|呢|吗|么|啊|一下|可以|行|怎么[弄办]|[,，])*"
    r"|(?>(?:please|can|could|you|i|want|to|would|like|how|do|hi|hello)[ ,]+)*(?:(?:un-?link|disconnect|detach|unbind|un-?pair|remove)"
    r"|(?:log|sign) ?(?:me )?out(?: (?:of|from))?)(?P<what5>(?> (?:this|my|the|that|other|another|old|a|telegram|wechat|web ?page|web|chat|account"
    r"|phone|from|here|library|it|device)(?![a-z]))*)(?:,? please)?",
)
OTHER = re.compile("那|另|别的|其他|旧|原来|以前|other|another|that|old")
CHANNEL = {"telegram": re.compile("telegram|电报"), "web": re.compile("网页|web")}
CARD = re.compile(rf"(?>请|麻烦|帮我|我|想|要|能不能|可以|那就|还是|好的?|[,， ])*(?:取消|解除|断开|解绑|去掉|不要).{{0,8}}(?:{LIBRARY}|{CITIZEN})(?:的?(?:绑定|关联|连接))?.{{0,4}}"
                  rf"|(?:请|帮我|我想|我要)*(?:把|将)?.{{0,4}}(?:{LIBRARY}|{CITIZEN})(?:解绑|取消绑定|解除绑定|去掉|断开).{{0,4}}")


def asked(talk: Talk) -> str | None:
    """What is to be disconnected, in the reader's words; None where nothing is."""
    said = unspaced(without_courtesies(trimmed(talk.event.text)))
    if len(said) > LONGEST or meaning.called_so(talk) is not None:
        return None
    found = ASKED.fullmatch(said)
    if found is None or (said.startswith("remove") and not re.search("chat|telegram|wechat|phone", said)):
        return None
    return next((part for part in found.groups() if part), "这个")


def asked_of_card(text: str) -> bool:
    """Whether a card is to be taken away; which, is chosen among one's own."""
    return len(text) <= LONGEST and bool(CARD.fullmatch(trimmed(text)))


def ask(talk: Talk, words: str) -> None:
    """What will happen, asked once; which chat, where several may be meant; why not, where it is the only one."""
    _, chats = talk._, contacts.chats(talk.db, talk.reader.id)
    here = next((one for one in chats if _is_here(talk, one)), None)
    wanted = next((name for name, pattern in CHANNEL.items() if pattern.search(words)), "")
    meant = [one for one in chats if one.channel == wanted] if wanted else [one for one in chats if OTHER.search(words) and one != here]
    if wanted and not meant:
        text = _("{channel}没有连着您的账户，不用断开。", channel=_chat_name(_, wanted))
        return talk.say(text, rows(Button(_("连接另一个聊天"), "links"), menu(_, "escalate")))
    if here in meant and not OTHER.search(words):
        meant = [here]
    meant = meant or [one for one in (here,) if one]
    if len(chats) < 2:
        return _only(talk)
    if len(meant) == 1:
        return ask_of(talk, meant[0].channel, meant[0].mark)
    buttons = [Button(_called(talk, one), f"unlink:{one.channel}:{one.mark}") for one in meant]
    talk.say(_("断开哪一个聊天？"), rows(*buttons, menu(_, "cancel"), across=1))


def _is_here(talk: Talk, chat: Chat) -> bool:
    return (chat.channel, chat.address) == (talk.event.channel, talk.event.address)


def _chat_name(_: Words, channel: str) -> str:
    return _(credentials.CHANNELS.get(channel, channel))


def _called(talk: Talk, chat: Chat) -> str:
    """This one, or by its channel and when it was last written from: two pages in a browser look alike."""
    _, name = talk._, _chat_name(talk._, chat.channel)
    if _is_here(talk, chat):
        return _("这个聊天（{channel}）", channel=name)
    return _("{channel}上的聊天（{day}来过）", channel=name, day=_.day(chat.last_seen))


def ask_of(talk: Talk, channel: str, mark: str) -> None:
    """Of this one: what goes, what stays, and a yes or a no."""
    _, chat, rest = talk._, *_split(talk, channel, mark)
    if chat is None:
        return _gone(talk)
    if not any(one.reachable for one in rest):
        return _only(talk)
    action = f"unlink!:{talk.reader.id}:{channel}:{mark}"
    told = _.listed(dict.fromkeys(_chat_name(_, one.channel) for one in rest if one.reachable))
    text = _(
        "要把{chat}断开吗？断开以后，那里看不到、也办不了您的借阅、订单和预约，消息都发到您别的聊天（{others}）；"
        "那里说过的话也清掉。书、订单和信用都还在您的账户里，一样不少。",
        chat=_called(talk, chat), others=told,
    )  # fmt: skip
    extra = [Button(_("我的证件"), "cards")] if cards.of_reader(talk.db, talk.reader.id) else []
    talk.memory["confirm"] = action
    talk.say(text, rows(Button(_("断开"), action), menu(_, "cancel"), *extra))


def _split(talk: Talk, channel: str, mark: str) -> tuple[Chat | None, list[Chat]]:
    """The chat that is meant, and the reader's others."""
    every = contacts.chats(talk.db, talk.reader.id)
    chat = next((one for one in every if (one.channel, one.mark) == (channel, mark)), None)
    return chat, [one for one in every if one != chat]


def unlink(talk: Talk, reader_id: str, channel: str, mark: str) -> None:
    """Done, and said here and in the others; pressed once more it is over already."""
    _, chat, rest = talk._, *_split(talk, channel, mark)
    if chat is None or reader_id != str(talk.reader.id):
        return _gone(talk)
    talk.memory.pop("confirm", None)
    try:
        linking.unlink(talk.db, talk.reader.id, chat, _told_elsewhere(talk, chat), talk.policy, talk.now, _here(talk))
    except LinkRefused:
        return _only(talk)
    names = _.listed(dict.fromkeys(_chat_name(_, one.channel) for one in rest if one.reachable))
    if _is_here(talk, chat):
        text = _(
            "断开了。您的书、订单和信用都在账户 {number} 里，在{others}照常用。这里再说话，就当是一位新读者；"
            "想再连上，在那边说「连接另一个聊天」。",
            number=talk.reader.number, others=names,
        )  # fmt: skip
        return talk.say(text)
    text = _("断开了，那个聊天再也看不到您的借阅和订单。书、订单和信用都没有变。")
    talk.say(text, rows(menu(_, "show_loans"), Button(_("连接另一个聊天"), "links")))


def _here(talk: Talk) -> tuple[str, str]:
    return talk.event.channel, talk.event.address


def _told_elsewhere(talk: Talk, chat: Chat) -> str:
    """What the reader's other chats hear."""
    _, name = talk._, _chat_name(talk._, chat.channel)
    return _("您在{channel}的一个聊天和账户断开了，以后在那里看不到您的借阅和订单。不是您做的？马上发「人工」告诉馆员。", channel=name)


def _only(talk: Talk) -> None:
    """Without it nothing would reach the reader any more."""
    _ = talk._
    text = _(
        "这是唯一联系得到您的聊天，断开了，到期提醒和取书码就没有地方发，所以现在不能断。\n"
        "想换到别处用：先点「连接另一个聊天」，在那边连上，再回来断开这里。不想再用了，点「删除我的数据」。"
    )
    ways = (Button(_("连接另一个聊天"), "links"), Button(_("删除我的数据"), "i:erase_data"), menu(_, "escalate"))
    talk.say(text, rows(*ways))


def _gone(talk: Talk) -> None:
    _ = talk._
    talk.say(_("那个聊天已经断开了，没有再动什么。"), rows(menu(_, "help")))
