"""隐私: what is kept of a reader and for how long, what never is, and who may see it (A11-5, A3-31, A3-32)."""

from __future__ import annotations

from datetime import datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """The days stand in the policy; docs/privacy.md says the same table by table."""
    kept = policy.privacy
    lines = [
        _(
            "书还回来 {days} 天后的那个月底起，没人查得到是谁借的；说过的话留 {words} 天。",
            days=kept.borrowed_days,
            words=kept.words_days,
        ),
        _("不要身份证号，不收人脸照片；核对读者证时卡号和密码不保存，只留尾号。"),
        _("作证的照片只有馆员看得到，转借时拍的双方也看得到；办结 {days} 天后删掉。", days=policy.cases.photo_days),
    ]
    if policy.gate.asked:
        lines.append(_("芝麻信用您同意了才问，它只答“是、否、无法评估”：我们看不到芝麻分。"))
    lines += [
        _("快递只知道自己那个包裹的地址；别的读者看不到您借了什么，家人要您授权才行，孩子的由监护人看。"),
        _("馆员看过什么都记下来，您查得到；随时可以要一份全部资料，也可以删掉。"),
    ]
    return Section("privacy", _("隐私"), tuple(lines))
