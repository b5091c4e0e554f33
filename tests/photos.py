"""Photos of barcodes as readers take them, drawn here: turned, seen from the side, blurred, in poor light, squeezed."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from search.isbn import check13


@dataclass(frozen=True)
class Shot:
    """How a photo was taken."""

    turn: float = 0.0  # degrees
    slant: float = 0.0  # how much shorter the far edge is, as a share
    blur: float = 0.0  # pixels
    noise: float = 0.0  # levels of grey
    dark: float = 1.0  # light left
    quality: int = 80
    bar: int = 4  # pixels a bar
    kind: str = "JPEG"


PLAIN = Shot()


def isbn(random_: random.Random) -> str:
    """A Chinese publisher's number with a right check digit."""
    first = f"9787{random_.randrange(10**8):08d}"
    return first + check13(first)


def shots(count: int, seed: int = 1) -> list[tuple[str, Shot]]:
    """Numbers and ways of taking them, ever the same for a seed."""
    random_ = random.Random(seed)
    return [(isbn(random_), _shot(random_)) for _ in range(count)]


def _shot(random_: random.Random) -> Shot:
    turn = random_.choice([random_.uniform(-15, 15), random_.uniform(-180, 180), random_.choice([90, 180, 270])])
    bar = random_.randint(3, 5)
    return Shot(
        turn, random_.uniform(0, 0.25), random_.uniform(0, 0.55) * bar, random_.uniform(0, 14), random_.uniform(0.4, 1),
        random_.randint(35, 90), bar, random_.choice(["JPEG", "JPEG", "JPEG", "PNG", "WEBP"]),
    )  # fmt: skip


def take(code: str, shot: Shot = PLAIN, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.EAN13) -> bytes:
    """The photo: the back of a book with the barcode low on it, on a table."""
    cover = _cover(code, shot.bar, kind)
    table = Image.new("L", (cover.width * 3 // 2, cover.height * 3 // 2), 96)
    table.paste(cover, ((table.width - cover.width) // 2, (table.height - cover.height) // 2))
    seen = _slanted(table.rotate(shot.turn, Image.Resampling.BICUBIC, expand=True, fillcolor=96), shot.slant)
    seen = seen.filter(ImageFilter.GaussianBlur(shot.blur)).point([int(level * shot.dark) for level in range(256)])
    if shot.noise:
        seen = ImageChops.add(seen, Image.effect_noise(seen.size, shot.noise), 1, -128)
    out = io.BytesIO()
    seen.convert("RGB").save(out, shot.kind, quality=shot.quality, compress_level=1)  # a PNG loses nothing by it
    return out.getvalue()


def _cover(code: str, bar: int, kind: zxingcpp.BarcodeFormat) -> Image.Image:
    bars = Image.fromarray(zxingcpp.create_barcode(code, kind).to_image(scale=bar, add_quiet_zones=True))
    cover = Image.new("L", (bars.width * 2, bars.width * 2), 205)
    pen = ImageDraw.Draw(cover)
    for line in range(12):  # what the cover says about the book
        top = bars.width // 5 + line * bars.width // 12
        pen.line((bars.width // 5, top, cover.width * (7 + line % 3) // 10, top), fill=70, width=bar)
    cover.paste(bars, (cover.width - bars.width - 8 * bar, cover.height - bars.height - 8 * bar))
    return cover


def _slanted(image: Image.Image, slant: float) -> Image.Image:
    """Seen from below: the upper edge is shorter."""
    inset = image.width * slant / 2
    corners = (-inset, 0, 0, image.height, image.width, image.height, image.width + inset, 0)
    return image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=96)
