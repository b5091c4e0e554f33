"""Names that stand in data (packs, holidays, the sample library) and are said in every language.

A handler says them as any sentence, `_(zone.name)`. A library's own name that is not here is said as it stands.
"""

from __future__ import annotations

from bot.texts import N_

CITIES = (  # of 信阅 (A2-16)
    N_("舟山"), N_("湖州"), N_("嘉兴"), N_("绍兴"), N_("宁波"), N_("杭州"), N_("温州"), N_("台州"),
    N_("金华"), N_("衢州"), N_("丽水"),
)  # fmt: skip
NAMES = (
    N_("云栖市图书馆"), N_("听泉区"), N_("望川区"), N_("竹影区"), N_("晴岚区"), N_("晴岚区傍晚送书"),
    N_("书信默认规则"), N_("本市"), N_("杨浦区内"), N_("杨浦区外"), N_("浙江省内"), N_("陆家嘴区内"),
    N_("上海市内其他地区"), N_("起步"), N_("基础"), N_("良好"), N_("优秀"), N_("书信"), N_("信阅"), N_("本馆"),
    N_("音像与期刊"), N_("全省免快递费"), N_("世界读书日"), N_("元旦"), N_("春节"), N_("清明节"), N_("劳动节"),
    N_("端午节"), N_("中秋节"), N_("国庆节"), N_("国庆节、中秋节"),
)  # fmt: skip
