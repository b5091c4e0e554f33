"""The sentences of the rules that answer a short question: 能续几次 is told how often, and not all of 借阅."""

from __future__ import annotations

import re

from bot import rulebook
from bot.talk import Talk
from bot.texts import Words
from bot.understanding import plainly

LONGEST = 24  # characters; a longer question may ask for more than one thing
A_PART = re.compile("规则|规定|制度|须知|章程|都有哪些|详细|所有|全部|rules|policy")
ANSWERS: dict[str, tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]] = {  # by part: what is asked, and the sentences
    part: tuple((re.compile(asked), re.compile(said)) for asked, said in pairs)
    for part, pairs in {
        "borrowing": (
            ("续|延长|延[几期]|renew|extend", "^可续借|^不能续借|^续借从|^有人预约的书不能续借"),
            ("(?:哪一?天|几号|时候|几时|今天|明天|取到|拿到|签收|下单).{0,6}[算计](?!晚|超|逾|过)|起算|算起",
             "^借期从"),
            ("超[了期]|逾期|过期|晚.{0,2}天|晚还|还晚|迟|忘了?还|不还|没还|拖|overdue|\\blate\\b", "^超期|超期的书"),
            ("别的馆|任何|哪个馆|通借通还|别处", "^书可以还到|还到别的城市"),
            ("几本|多少本|多少书|借满|how many", "^一次最多|^一张订单|分开计数"),
            ("多久|多长|几天|多少天|借期|几个月|到期|how long", "^一次最多|^借期从|到期。$"),
        ),
        "points": (
            ("超期|逾期|过期|晚.{0,2}天|晚还|还晚|迟|\\blate\\b|overdue", "^逾期"),
            ("丢|lost|lose", "^丢失|^丢了的书"),
            ("坏|破|污|脏|撕|湿|damage|torn", "^污损"),
            ("兑|换|redeem|exchange", "可兑换"),
            ("不让|不给借|不准借|少于|不能借|停借|暂停|冻结|停用|扣到|扣光|扣完|低于|到零|负|frozen|freeze|paused",
             "暂停借书|^期满|提前恢复|^分数不会低于"),
            ("要多少|多少分(?:才|能|可以|够)|够不够", "可兑换|暂停借书|起是“"),
            ("志愿|volunteer", "志愿"), ("活动|讲座|event", "活动"),
            ("补|涨回|挣回|加回|攒回|回来|恢复|regain|back", "(?<!承诺，每次)加 [0-9]|退回所扣|^期满|提前恢复"),
            ("扣|减|掉分|deduct", "减 [0-9]|暂停借书"),
            ("涨|加|挣|攒|赚|得分|升|earn|gain|raise|go up", "(?<!承诺，每次)加 [0-9]|退回所扣"),
            ("起始|一开始|刚开始|start", "^每位读者的起始分"),
            ("有什么用|有啥用|干什么用|干嘛用|什么是|是什么|是啥|啥是",
             "^每位读者的起始分|起是“|可兑换|暂停借书|信用分只用在"),
        ),
        "opening": (
            ("支付宝|不查|没有?芝麻|不用芝麻|alipay", "^不查|^开始一次可借|^按时归还"),
            ("押金|办卡|办证|年费|借书证|读者证|deposit", "^不收押金"),
        ),
        "family": (
            ("成年|几岁|\\d岁|多大|自己(?:能|可以)?借|学生|how old|years old", "^未满|^家长收回|只借给成年"),
        ),
        "delivery": (
            ("包裹", "一个包裹最多"),
            ("免费|免运费|不要钱|便宜|省钱|free|cheap", "都不收费|免快递费|不收快递费"),
        ),
        "mishaps": (
            ("找到|找着|found", "内找到了"),
            ("收到时|本来就|送来就|arrived", "^收到的书本来"),
            ("赔|怎么算|怎么办|怎么处理|要紧|多少钱|pay|cost", "^书丢了|^要赔的"),
        ),
        "service": (
            ("不取|没取|没去|不拿|没拿|忘[了记]去?[取拿]|保留|留[几多]|留着|来不及|keep|collect|pick",
             "为您保留|可以多留"),
            ("提醒|remind", "提醒"), ("人工|馆员|答复|回复|librarian", "答复|看过"),
        ),
        "activities": (
            ("去不了|来不了|没去|没来|不去|不来|爽约|迟到|取消", "以前取消|算迟到"),
            ("几个人|多少人|带|一起|几位", "^活动在聊天里报名"),
            ("签到|check", "签到"),
        ),
    }.items()
}  # fmt: skip


def told(talk: Talk, part: str, question: str) -> list[str]:
    """The sentences of a part that answer the question, where they are some of it and not all."""
    tells = sentences(question, part)
    if tells is None:
        return []
    plain, said = (rulebook.PARTS[part](_, talk.db, talk.policy, talk.now) for _ in (Words("zh_Hans"), talk._))
    known = zip((*plain.lines, *plain.examples), (*said.lines, *said.examples), strict=True)
    meant = [sentence for chinese, sentence in known if tells.search(chinese)]
    return meant if len(meant) < len(said.lines) else []


def sentences(question: str, part: str) -> re.Pattern[str] | None:
    """How the sentences begin that answer it, in simplified characters; None where the whole part is the answer."""
    said = plainly(question).strip()
    if not said or len(said) > LONGEST * (1 + said.isascii()) or A_PART.search(said):
        return None
    return next((tells for asked, tells in ANSWERS.get(part, ()) if asked.search(said)), None)
