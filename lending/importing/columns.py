"""Which field a heading means, in Chinese or English: 题名, 书名, title …"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

ALIASES = {
    "title": "题名 书名 书籍名 正题名 图书名称 图书名 书籍名称 书目名称 名称 題名 書名 title booktitle bookname name",
    "title_and_author": "题名责任者 书名责任者 题名著者 书名作者",
    "subtitle": "副题名 副书名 副标题 其他题名信息 subtitle",
    "volume": "卷册 分册 卷 册次 分卷号 卷册号 卷次 volume vol",
    "authors": "作者 责任者 著者 主要责任者 著作者 著作责任者 作者译者 第一责任者 編者 author authors creator writer",
    "translators": "译者 翻译者 翻译 translator translators yizhe",
    "publisher": "出版社 出版者 出版发行者 出版单位 出版机构 出版 publisher publishpress press publishers",
    "year": "出版年 出版日期 出版时间 出版年份 出版年月 年份 year date publishtime pubdate publishdate pubyear",
    "pubinfo": "出版信息 出版发行项 pubinfo",
    "isbn": "isbn isbn号 isbn13 isbn10 isbnissn 国际标准书号 标准书号 isbn编号 书号",
    "clc": "分类号 中图分类号 中图法分类号 中图法 分类 clc class classification",
    "call_number": "索书号 排架号 索取号 callnumber callno",
    "barcode": "条码 条形码 条码号 图书条码 馆藏条码 条形码号 登录号 财产号 barcode bookid",
    "branch": "馆藏地 馆 馆藏 分馆 所在馆 馆藏地点 馆藏地址 馆藏位置 馆名 location branch library",
    "shelf": "架位 架位号 书架 书架号 架号 shelf",
    "count": "册数 复本数 复本 数量 副本数 馆藏数量 totalcopies copies count quantity",
    "pages": "页数 页码 pages pagecount",
    "price": "定价 价格 单价 原价 price",
    "series": "丛书 丛书名 丛编 丛编题名 series",
    "language": "语种 语言 language lang",
    "subjects": "主题词 主题 关键词 subject subjects keywords",
    "popularity": "热度 popularity",
    "votes": "评价人数 评分人数 借阅次数 votes ratingscount pingjiarenshu",
    "id": "id 编号 记录号 控制号 书目记录号 recordid sourceid",
    "material": "文献类型 material",
    "adults_only": "仅限成人 僅限成人 限成人 只限成人 只借成人 仅限成年读者 成人读物 未成年人不宜 adultsonly adultonly",
    "audience": "读者对象 讀者對象 适读对象 适用对象 阅读对象 适合读者 audience targetaudience intendedaudience",
}  # fmt: skip
FIELDS = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}
MARKS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)
def field_of(heading: str) -> str:
    """The field a heading means, or ""."""
    return FIELDS.get(MARKS.sub("", unicodedata.normalize("NFKC", heading).lower()), "")


def fields_of(headings: Sequence[str]) -> list[str]:
    """A field for each column ("" for columns that are not ours); empty when none of them holds a title."""
    fields = [field_of(heading) for heading in headings]
    return fields if "title" in fields or "title_and_author" in fields else []
