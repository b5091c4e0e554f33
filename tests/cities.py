"""The sample library as one service over three cities, the way 信阅 of 浙江 is one over eleven (A2-16)."""

from __future__ import annotations

from bot.service import Service

CITIES = {"湖州": ("Huzhou", "zx", "tq"), "嘉兴": ("Jiaxing", "wc", "zy"), "宁波": ("Ningbo", "ql")}


def spread(service: Service) -> None:
    """Every point in one of the cities: the branches named above, each locker and bus with them."""
    with service.store.writing() as db:
        db.run("UPDATE points SET city = '宁波', city_en = 'Ningbo'")
        for city, (english, *codes) in CITIES.items():
            for code in codes:
                db.run(
                    "UPDATE points SET city = :city, city_en = :english WHERE code = :code "
                    "OR parent_id = (SELECT id FROM points WHERE code = :code)",
                    city=city, english=english, code=code,
                )  # fmt: skip
