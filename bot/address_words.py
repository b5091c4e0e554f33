"""An address as people write it: recipient, telephone and place, in any order, in one message or in several (A4-11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from bot.folding import fold
from bot.texts import N_

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
PARTED = re.compile(  # 139-0000-2222, +86 139 0000 2222
    r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)([- ]?)(\d{4})\2(\d{4})(?!\d)"
)
LABEL = re.compile(  # what people write before a name, an address or a number, or a shop's form does
    r"^(?:就|那|麻烦|请)*(?P<name>我叫|我是|我姓|收件人|收货人|联系人|姓名|名字|my name is|name)?"
    r"(?(name)|(?:我?家?住在?|(?:详细|收货|收件)?地址|所在地区?|地区|手机号?码?|电话号?码?|送到|寄到"
    r"|i live at|i am|address|phone))"
    r"(?:是|为|在|[:： ])*",
    re.IGNORECASE,
)
BEHIND_IT = re.compile("(?:就行|就好|就可以|可以吗|好吗|行吗|谢谢|[吧哦啊呢])+$")
LIVES = re.compile("(?:我们?|我家)?(?:家|现在)?(?:住在?|地址是?|在)|(?:送|寄)到(?!家)")
STREET = re.compile(r"[路街弄巷道村苑园区].{0,12}\d+.{0,3}[号弄幢栋室楼]")
PLACE = re.compile(
    r".{1,20}(?:[路街弄巷道村苑园区府城厦楼院里号室店门]|门口|[小中大]学|学校|公司|广场|宿舍|中心|公寓|酒店|宾馆"
    "|road|street|garden|lane|building)",
    re.IGNORECASE,
)
NO_PART = re.compile(  # only says that a number follows, or which books are wanted
    r".{0,6}(?:电话|手机|号码|联系方式|phone|mobile|number)(?:号码?|是|为|is|[:： ])*|.{0,6}[借看].*"
    "|不对|不是|错了|写错了",
    re.IGNORECASE,
)
NO_NAME = re.compile("[放送寄请不别在到给就要帮那是我]|麻烦|还是|还有|先|其他|其它|等")  # such words lead no name
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季葛倪颜章鲁樊殷柳庄伍庞翟安聂岳齐梅"
    "俞耿左焦包兰祝纪舒骆关管鲍华阮柯裴詹童凌游翁路单姬欧甘尚喻祁应桂沙符谷阎霍房"
)
A_NAME = re.compile(
    rf"[老小阿][{SURNAMES}]|(?:老|小)?[{SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    r"|(?:欧阳|上官|司马|东方|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐)[\u4e00-\u9fff]{1,2}"
    r"|[\u4e00-\u9fff]{1,6}(?:·[\u4e00-\u9fff]{1,6})+|[a-z][a-z'.-]+(?: [a-z][a-z'.-]+){1,3}"
)
SPOKEN = re.compile(  # an English line that asks or tells something, and is nobody's name
    r"\b(?:am|are|can|could|did|do|does|has|have|how|is|must|should|was|were|what|when|where|which|who|why|will|would"
    r"|(?:can|don|isn|won|didn)'t|wait|sorry|nothing|never)\b"
)
TELLS_OF_IT = re.compile(
    r"(?:road|street|avenue|garden|lane|alley|building|room|floor|flat|apartment|district|house)s?\b"
    r"|\bname|\baddress\b|\bphone|\bnumber|\bcall me\b|i live|i'm at|i am at"
)
UNIT_APART = re.compile(r"(?<=\d)\s+(?=号|弄|幢|栋|座|室|楼|层|单元|房间|房(?:\s|$))")  # 春风路 8 号: no name
BEHIND = re.compile(r"(?P<place>.*[\d号室楼幢栋)）])(?P<name>[\u4e00-\u9fff]{2,4}?)收?")  # 春风路8号李明收
LONGEST_NAME = 20  # characters


@dataclass(frozen=True)
class Told:
    """What of an address has been told."""

    name: str = ""
    phone: str = ""
    place: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what is still to be told."""
        return tuple(one.name for one in fields(self) if not getattr(self, one.name))

    def over(self, earlier: Told) -> Told:
        """With what was told before, where this says nothing of it."""
        return Told(*(getattr(self, one.name) or getattr(earlier, one.name) for one in fields(self)))

    def __iter__(self) -> Iterator[str]:
        return (getattr(self, one.name) for one in fields(self) if getattr(self, one.name))


ASKED = {"name": N_("收件人"), "phone": N_("手机号"), "place": N_("详细地址（路名、门牌号）")}


def in_one(text: str) -> str:
    """A telephone number is written in one, however its groups are parted."""
    return PARTED.sub(r"\1\3\4", text)


def only_phone(text: str) -> bool:
    """Whether a mobile number is said and nothing else."""
    return bool(PHONE.fullmatch(in_one(text.strip())))


def only_talks(text: str) -> bool:
    """Whether an English sentence speaks of something else ("what can she do in my name?")."""
    said = fold(text)
    if not said.isascii() or PHONE.search(in_one(said)) or not SPOKEN.search(said):
        return False
    return not TELLS_OF_IT.search(said.replace("in my name", ""))


def read(text: str, *districts: str) -> Told:
    """Name, telephone and place of a message, each '' where it is not there; none is the district."""
    text = in_one(text)
    called = [fold(one) for one in districts]  # "7 Wenlan Avenue, Tingquan District, John Smith"
    found = PHONE.search(text)
    phone = found.group() if found else ""
    parts = [part for part in _parts(text.replace(phone, ",") if phone else text) if fold(part[1]) not in called]
    at = _name_at([part for _labelled, part in parts], [labelled for labelled, _part in parts])
    name = parts.pop(at)[1] if at is not None else ""
    for district in districts:  # "听泉区 李明 139…": it is no part of a name
        name = name.removeprefix(district).strip() or name
    name = name.removesuffix("收") if len(name) > 2 else name
    rest = [part for _labelled, part in parts]
    if not name and rest and (glued := BEHIND.fullmatch(rest[-1])) and is_name(glued["name"]):
        name, rest[-1] = glued["name"], glued["place"]
    alone = len(rest) == 1 and not name and not phone and not _may_be_place(rest[0])
    return Told(name, phone, "" if alone else " ".join(rest))


def _name_at(parts: list[str], labelled: list[bool]) -> int | None:
    """Which part is the recipient: what is called so, or the shortest of the first without a number."""
    if True in labelled:
        return labelled.index(True)
    possible = [n for n, part in enumerate(parts) if _may_be_name(part)]
    if len(parts) == 1:
        return 0 if possible and is_name(parts[0]) else None
    possible = [n for n in possible if is_name(parts[n]) or not PLACE.fullmatch(parts[n])]
    possible = [n for n in possible if n < 2] or possible
    return min(possible, key=lambda n: (bool(PLACE.fullmatch(parts[n])), len(parts[n])), default=None)


def _may_be_name(text: str) -> bool:
    return not has_number(text) and len(text) <= LONGEST_NAME and (is_name(text) or not NO_NAME.match(text))


def _may_be_place(text: str) -> bool:
    return has_number(text) or bool(PLACE.fullmatch(text))


def has_number(text: str) -> bool:
    """Whether a figure stands in it, as in every address and no name."""
    return any(sign.isdigit() for sign in text)


def is_name(text: str) -> bool:
    """Whether this alone can be what somebody is called."""
    return bool(A_NAME.fullmatch(fold(text).strip()))


def _parts(text: str) -> list[tuple[bool, str]]:
    """Cut at commas and lines, so that "Li Ming" stays whole; where that leaves one part, at blanks. Each with
    whether it is called a name; what only says that a name or a number follows is left out."""
    parts = [part.strip() for part in re.split(r"[,，;；。\n]+|\. ", text) if part.strip(" .")]
    if len(parts) == 1 and not is_name(parts[0]):
        parts = UNIT_APART.sub("", text.replace(",", " ")).split()
    found = []
    for part in parts:
        if NO_PART.fullmatch(fold(part)):
            continue
        label = LABEL.match(part)
        bare = BEHIND_IT.sub("", part[label.end() :].strip() if label else part)
        if bare:
            found.append((bool(label and label["name"]), bare))
    return found
