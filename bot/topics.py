"""Which part of the rules a question is about, so that the answer is that part and not all of them."""

from __future__ import annotations

import re

from bot.folding import fold
from bot.understanding import plainly

DUE_SHUT = re.compile(  # what becomes of a date
    "(闭馆|关门|停馆).{0,6}(到期|超期|逾期)|(到期|超期|逾期).{0,8}(闭馆|关门|停馆)"
)
OF_US = re.compile(  # what follows a late order of ours, or one not fetched
    "补偿|没守时|(没|不|忘[了记]?|来不及)(去|来|能)?(取|拿).{0,6}扣"
)
PARTS = (  # a part of bot/rulebook and the words that ask for it; the first that fits counts
    ("privacy", ("隐私", "聊天记录", "借书记录", "借阅记录留", "借阅记录保", "有记录", "留记录",
        "历史记录", "看我的", "能看我",
        "chats kept", "chat kept", "history kept", "messages kept", "records kept", "conversation", "stored",
        "my address",
        "泄露", "人脸", "刷脸", "芝麻分", "身份证号", "照片", "的信息", "的资料", "个人信息",
        "信用信息", "收集我", "加密", "存在哪", "银行", "流水", "借阅记录谁", "谁能看到",
        "告诉别人", "告诉他人", "告诉老师", "看到我", "知道我", "查到我", "别人知道", "别人能", "别人会", "别人看",
        "会知道", "能知道", "人知道", "师知道", "妈知道", "爸知道", "privacy", "my face",
        "personal data", "my data", "personal information", "credit data", "who can see", "who sees", "what i read",
        "what i borrow", "keep my loans", "keep my history", "remember my loans", "my borrowing", "纪录谁", "纪录留",
        "纪录保")),
    ("points", ("征信", "暂停",
        "信用分", "影响信用", "影响我的信用", "扣分", "扣多少", "扣几分", "扣很多", "加分", "涨分",
        "失信", "积分", "贷款",
        "掉分", "减分", "扣我分", "扣我的分", "会扣分", "多少分", "几分", "低于多少", "不让借",
        "不给借", "不准借", "停借", "分能换", "分换", "换东西",
        "分数", "score", "points", "credit history", "credit record")),
    ("family", ("小孩", "孩子", "娃", "宝宝", "小朋友",
        "儿子", "女儿", "未成年", "学生", "几岁", "岁", "家人", "家长", "老婆", "老公",
        "爱人", "我妈", "我爸", "替家里", "帮家里", "替老人", "帮老人", "一个账号",
        "的账号", "我的号", "child", "kids", "family", "my son", "my daughter", "my kid",
        "age limit", "how old", "years old", "in my name")),
    ("mishaps", ("书找到了", "书又找到", "书价", "丢", "弄坏", "破损", "破了",
        "坏了", "赔", "粘好", "修好", "补好", "撕",
        "买一本", "买本", "another copy", "new copy", "same book", "replace", "lost", "lose", "losing", "damage",
        "torn", "broken")),
    ("activities", ("活动", "签到", "讲座", "event", "check-in")),
    ("sharing", ("转借", "转几", "能转", "书店", "bookshop", "给别人", "借给别人", "朋友", "同事", "friend")),
    ("opening", ("是信用", "叫信用", "叫做信用", "信用是", "信用什么意思",
        "支付宝", "芝麻", "查我", "查信用", "信用查", "授权查", "身份证", "押金", "办卡", "办证", "借书证",
        "没有卡", "没卡", "没有证", "没证", "读者证", "读者卡", "借书卡",
        "证件", "户口", "户籍", "打工", "外地", "外国", "注册", "开通", "条件", "老人", "register", "card", "deposit",
        "alipay", "passport", "foreigner", "foreigners", "tourist", "tourists", "sign up", "join", "resident",
        "id card", "my id", "an id", "identity", "not from here", "live here")),
    ("delivery", ("最多减", "最多免", "送", "寄", "邮", "快递", "运费", "包裹", "deliver", "shipping", "ship")),
    ("service", ("取书", "打包", "审核", "拿到", "保留", "不取", "不拿", "没拿", "没去拿", "没去取", "忘了取", "忘了拿",
        "忘了去取", "忘了去拿", "忘记取", "忘记拿", "忘记去取", "忘记去拿",
        "不去取", "提醒", "备好", "答复", "pick up", "collect", "keep it for me",
        "on the shelf")),
    ("borrowing", ("几本", "多少本", "多少书", "多久", "多长", "几天", "多少天", "借期", "续借", "续几", "延几次",
        "再续",
        "一直续", "无限续",
        "超期", "超了", "逾期", "晚了", "晚几", "晚个", "迟了", "迟几", "拖几", "拖了",
        "过期", "晚还", "还晚", "忘了还", "忘还", "到期", "还书", "别的馆", "通借通还", "借满", "不还",
        "没还", "20本", "二十本", "renew", "return", "overdue",
        "how many", "how long", "how often", "late", "due", "extend", "keep a book", "keep it")),
    ("family", ("替她", "替他", "帮她", "帮他", "代她", "代他",
        "妈妈的", "爸爸的", "老伴", "奶奶的", "爷爷的", "给我家")),  # where nothing else is asked of them
)  # fmt: skip
LEFT_THERE = re.compile(  # no rule says so
    "放[在到]?(?:我家|我们家|家|我)?(?:门口|楼下|驿站|快递柜|丰巢|物业|保安室|邻居家)"
)
CARD_LOST = re.compile("[卡证](?:被我|给我|又)?(?:弄丢|丢|掉|不见|找不到|补)|补办")  # nor of a card that is gone
BELOW = re.compile(  # what if the score is too low
    r"芝麻(?:信用)?分.{0,4}(?:\d{3}(?!.*扣)|不够|不到|不足|没有|低于|达不到).{0,6}(?:借|行|可以|怎么办|吗)"
)
HOW_LONG = re.compile("的书.{0,4}借(?:多久|几天|多长|多少天)")  # whoever it is for
HOW = (
    "怎么借",
    "如何借",
    "怎样借",
    "借书流程",
    "借阅流程",
    "怎么办理",
    "how do i borrow",
    "how does borrowing",
    "how to borrow",
)
OF_ONE = ("关于", "有关", "about ", "for ")  # "what are the rules about lost books"
ALL = ("规则", "规定", "制度", "须知", "常见问题", "章程", "faq", "rule", "policy", "policies")


DOORS = (  # where a question that nothing answers may be at home; the first that fit
    ("find_branches", "馆|柜|书房|地址|开门|关门|停车|无线|wifi|打印|复印|自习|座位|厕所|楼"),
    ("return_books", "还书|还掉|归还|家还|来收|上门"), ("show_loans", "续|延|超期|逾期|到期|名下|借的|晚.{0,2}[天还]"),
    ("show_orders", "订单|这单|快递|寄|取|拿|备好|包裹"), ("show_holds", "预约|排队|几个人|轮到|等到"),
    ("fees", "钱|费|押金"), ("show_credit", "信用|扣分|冻结"), ("events", "活动|讲座|报名"),
    ("export_data", "资料|信息|隐私|删"),
)  # fmt: skip
MOST_DOORS = 2


def doors(question: str) -> list[str]:
    """Intents of the service that a question is near to; what it can do at all where none is."""
    said = fold(question)
    return [intent for intent, words in DOORS if re.search(words, said)][:MOST_DOORS] or ["help"]


def part_of(question: str) -> str:
    """The part's code; '' where none is meant in particular."""
    said = plainly(question)
    if BELOW.search(said):
        return "opening"
    if DUE_SHUT.search(said) or HOW_LONG.search(said):
        return "borrowing"
    if OF_US.search(said):
        return "service"
    if LEFT_THERE.search(said) or CARD_LOST.search(said):
        return ""
    if asks_for_all(question) and not any(word in said for word in OF_ONE):
        return ""
    return next((code for code, words in PARTS if any(_holds(said, word) for word in words)), "")


def asks_how(question: str) -> bool:
    """Whether somebody wants to know how borrowing goes."""
    said = plainly(question)
    return any(words in said for words in HOW)


def asks_for_all(question: str) -> bool:
    """Whether the rules as a whole are meant; a pressed button says nothing and means them."""
    said = plainly(question)
    of_one = any(words in said for words in ("隐私", "privacy"))
    return not said.strip() or (not of_one and any(words in said for words in ALL))


def _holds(said: str, word: str) -> bool:
    return f" {word}" in f" {said}" if word.isascii() else word in said
