"""Lines that speak of a deed and ask for none, built from what readers say who want it done."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.templates import wordings

HERE = Path(__file__).parent
DEEDS = (
    "borrow", "add_to_cart", "remove_from_cart", "checkout", "cancel_order", "renew", "return_books", "hold", "cancel_hold",
    "transfer", "report_lost", "report_damaged", "authorize_credit", "erase_data", "export_data", "escalate", "appeal",
    "suggest_purchase", "review", "sign_up_event", "set_language", "reminder_settings",
)  # fmt: skip
NEVER = {  # what is put around a wish, and makes it none
    "question": (
        "{x}要钱吗", "{x}会扣分吗", "{x}有什么影响", "{x}会怎么样", "{x}来得及吗", "什么时候可以{x}", "为什么不能{x}", "为什么要{x}", "谁可以{x}", "怎么{x}", "怎样才能{x}",
        "在哪{x}", "{x}以后会怎样", "{x}有次数限制吗", "最晚什么时候{x}", "{x}需要什么条件", "{x}是免费的吗", "一天能{x}几次", "{x}要等多久", "{x}之后还能反悔吗",
    ),
    "negation": (
        "不要{x}", "先别{x}", "我没说要{x}", "不是要{x}", "我不想{x}", "别{x}", "不用{x}了", "我没让你{x}", "我没有要{x}", "不需要{x}", "暂时不{x}", "千万别{x}", "谁让你{x}了",
        "我不打算{x}", "可别给我{x}", "我又没要{x}",
    ),
    "condition": (
        "如果{x}会怎样", "要是{x}会不会扣分", "等我看完再{x}", "要是明天下雨再{x}", "万一要{x}怎么办", "明天再{x}", "到时候再{x}", "等书到了再{x}", "过几天再{x}", "如果{x}的话要多少钱",
        "假如我{x}呢", "以后再{x}吧",
    ),
    "past": (
        "我昨天{x}了", "我刚才{x}了没", "我{x}过了", "是谁{x}的", "我什么时候{x}的", "刚才是不是{x}了", "我上次{x}了", "{x}成功了吗", "我是不是已经{x}了", "我以前{x}过",
    ),
    "report": ("我妈说{x}", "他们让我{x}", "朋友问能不能{x}", "听说可以{x}", "馆员说可以{x}", "别人都说要{x}", "我同学在你们这{x}过", "上次有人跟我说{x}"),
    "quotation": ("「{x}」是什么意思", "“{x}”这个按钮在哪", "说「{x}」就行吗", "刚才那条消息写着「{x}」是怎么回事", "点了「{x}」会怎样"),
    "doubt": (
        "是不是该{x}", "我在想要不要{x}", "要不要{x}呢", "考虑一下要不要{x}", "我不确定要不要{x}", "该不该{x}", "需不需要{x}", "有必要{x}吗", "还没想好要不要{x}", "好像不用{x}",
        "我犹豫要不要{x}", "你说我要不要{x}",
    ),
    "unreal": (
        "早知道就{x}了", "差点{x}", "忘了{x}", "要是当时{x}就好了", "后悔{x}了", "我以为你{x}了", "本来想{x}的", "我怕{x}", "不敢{x}", "不准{x}", "我没有{x}啊", "能不{x}吗", "{x}干嘛",
        "你怎么给我{x}了", "你帮我{x}了吗",
    ),
    "cantonese": (
        "唔好{x}", "我冇話要{x}", "點樣{x}", "{x}使唔使錢", "如果{x}會點", "我琴日{x}咗", "係咪應該{x}", "我阿媽話{x}", "我唔想{x}", "使唔使{x}", "幾時可以{x}", "唔使{x}住",
        "我幾時{x}過", "點解要{x}",
    ),
}  # fmt: skip
NEVER_EN = {
    "question": (
        "how do i {x}", "when can i {x}", "why can't i {x}", "does it cost anything to {x}", "what happens when i {x}", "is it free to {x}", "who can {x}", "how often can i {x}",
        "where do i {x}", "do i have to {x}", "why should i {x}", "is there a limit to how often i can {x}", "how late can i {x}",
    ),
    "negation": (
        "don't {x}", "dont {x}", "please don't {x}", "i don't want to {x}", "i didn't ask to {x}", "i never asked to {x}", "no need to {x}", "i did not {x}", "do not {x}",
        "i didn't {x}", "never {x}", "i won't {x}",
    ),
    "condition": ("what if i {x}", "if i {x} will i lose points", "what would happen if i {x}", "maybe later i will {x}", "when i have finished i will {x}", "tomorrow i will {x}", "suppose i {x}"),
    "past": ("did i {x}", "did you {x}", "who told you to {x}", "have i asked you to {x} already", "last week i tried to {x}"),
    "report": ("my mum says i should {x}", "they told me to {x}", "my friend asked how to {x}", "someone said i could {x}"),
    "unreal": (
        "i can't {x}", "i forgot to {x}", "must i {x}", "nobody asked you to {x}", "i could {x}", "next week i'll {x}", "i'm afraid to {x}", "i'd rather not {x}", "stop asking me to {x}",
        "i don't know if i should {x}", "can my friend {x}", "i refuse to {x}", "before i {x}, what do i lose?",
    ),
    "quotation": ("what does \"{x}\" mean", "where is the button \"{x}\"", "the message said \"{x}\", why", "what happens if i press \"{x}\""),
    "doubt": (
        "should i {x}", "maybe i should {x}", "not sure whether to {x}", "i'm thinking about whether to {x}", "is it necessary to {x}", "do you think i should {x}", "i wonder whether i should {x}",
        "would it be better to {x}",
    ),
}  # fmt: skip
NO_CORE = re.compile(
    "[吗么呢吧啊呀嘛呗哈?？!！。,，、~～/「」…]|不|别|没|怎|能|可以|请|麻烦|我|帮|给|哪|什|啥|几|多|谁|为|想|要|再|还是|已|了$|了.$|老师|谢|好吗|行|算|妳|您|你|^[^\u3400-\u9fff]+$"
)
VERB = re.compile(
    "^(?:renew|cancel|remove|borrow|reserve|hold|return|delete|extend|transfer|buy|add|take|sign|switch|turn|send|place|check|forget|erase|export|download|call|talk|speak|rate|review|write"
    "|order|put|drop|clear|empty|give|get|join|queue|stop|appeal|report|authorize|suggest|pass|lend|keep|use|change|set|speak|wipe)\\b[a-z' ]+$"
)
NOT_VERB = re.compile(r"\b(please|can|could|should|what|how|why|not|don't|dont|i'd|do you|for me|thanks)\b")
CALLS = re.compile("人工|客服|馆员|真人|[找叫]人|人来|human|librarian|manager|employee")  # a complaint is no call that may be refused


class Line(NamedTuple):
    """What is said, the deed that it speaks of, and how."""

    text: str
    deed: str
    kind: str


def calls_for_help(text: str) -> bool:
    """Whether somebody may be called for this though a deed is only spoken of: the way to a person is asked, or one complains."""
    return bool(re.search("(?:怎|點|在哪|什么时候|幾時|how|where|when|who).*(?:人|客服|馆员|human|librarian|manager|employee)|態度|态度|怕|不敢|^who can", text))


def cores() -> dict[str, list[str]]:
    """What says a deed and nothing else, so that words can be put around it: {deed: [Chinese and English]}."""
    said: dict[str, dict[str, None]] = {deed: {} for deed in DEEDS}
    for line in (HERE / "utterances.tsv").read_text("utf8").splitlines():
        text, intent, *_ = line.split("\t")
        if intent in said:
            said[intent][text] = None
    for name in ("examples.toml", "examples_en.toml"):
        for intent, lines in tomllib.loads((HERE.parents[1] / "bot" / name).read_text("utf8")).items():
            if intent in said:
                said[intent].update(dict.fromkeys(words for line in lines for words in (wordings(line) or ())[:4]))
    found = {deed: [text for text in texts if _core(text)] for deed, texts in said.items()}
    return found | {"escalate": [text for text in found["escalate"] if CALLS.search(text)]}


def _core(text: str) -> bool:
    if text.isascii():
        return bool(VERB.match(text)) and not NOT_VERB.search(text) and len(text.split()) <= 8
    return 2 <= len(text) <= 14 and not NO_CORE.search(text)


def lines() -> Iterator[Line]:
    """Every one of them."""
    for deed, said in cores().items():
        for core in said:
            for kind, around in (NEVER_EN if core.isascii() else NEVER).items():
                for words in around:
                    text = words.format(x=core)
                    yield Line(text, deed, kind)
