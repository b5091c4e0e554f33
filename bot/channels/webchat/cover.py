"""The plain cover of a book: the colour of its class and a title slip, as on a thread-bound book."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDE, HIGH = 600, 840
SLIP = (64, 56, 96)  # left, top, width of a column
ROWS = 6  # characters of a column
LETTER = 84
OTHER_CLOTH = "#5b5a55"
PAPER, INK = "#fbf6ea", "#22201c"
CLOTHS = {
    "A": "#8e3b33", "B": "#5d4a73", "C": "#50647a", "D": "#7a4040", "E": "#515c41", "F": "#7a5a24", "G": "#2f6a66",
    "H": "#366185", "I": "#3e5c4d", "J": "#8a4560", "K": "#72513a", "N": "#45637a", "O": "#3b5490", "P": "#29687d",
    "Q": "#49703a", "R": "#2f7058", "S": "#66692c", "T": "#4d5568", "U": "#5a5878", "V": "#3f557d", "X": "#46704f",
    "Z": "#625a4c",
}  # fmt: skip
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
)


def slip(title: str) -> str:
    """As much of the title, without its subtitle, as stands in two upright columns."""
    short = re.split(r"[：:（(=]", title)[0].strip() or title
    if len(short) <= 2 * ROWS:
        return short
    kept, rest = short[: 2 * ROWS - 1], short[2 * ROWS - 1 :]
    if re.match(r"[\w'’]", rest, re.ASCII):  # no word is cut in two where another stands before it
        kept = re.sub(r"([^\w'’])[\w'’]+$", r"\1", kept, flags=re.ASCII)
    return kept.rstrip() + "…"


@lru_cache(maxsize=256)
def draw(title: str, clc: str) -> bytes:
    """The cover as a PNG of 600 × 840. On a machine without a Chinese font the slip stays empty."""
    image = Image.new("RGB", (WIDE, HIGH), CLOTHS.get(clc[:1].upper(), OTHER_CLOTH))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 28, HIGH), fill=_darker(image))
    letters, (left, top, column) = slip(title), SLIP
    columns = [letters[at : at + ROWS] for at in range(0, len(letters), ROWS)]
    right, bottom = left + 20 + column * len(columns), top + 40 + LETTER * ROWS
    pen.rectangle((left, top, right, bottom), fill=PAPER, outline=INK, width=2)
    font = _font()
    for number, letters in enumerate(columns if font else []):
        middle = right - 10 - column * number - column // 2
        for row, letter in enumerate(letters):
            pen.text((middle, top + 20 + LETTER * row + LETTER // 2), letter, fill=INK, font=font, anchor="mm")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _darker(image: Image.Image) -> tuple[int, ...]:
    """The spine."""
    pixel = image.getpixel((WIDE - 1, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(part * 0.78) for part in pixel)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | None:
    found = next((path for path in FONTS if Path(path).exists()), None)
    return ImageFont.truetype(found, LETTER - 12) if found else None
