"""Reads the barcodes of one picture: a short-lived process of its own, for pictures come from anyone.

The picture is given on standard input; one JSON line comes back: {"problem": "", "codes": [["EAN13", "978…"], …]}.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError
from zxingcpp import BarcodeFormat, BarcodeFormats, Binarizer

from bot.picture_limits import BOOKLAND, MOST_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP")
MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 4
LOOKING_SECONDS = 1.5  # of the processor; nobody waits longer for an answer
SIDE = 1600  # of the picture we look at; bars are never finer than that, and smaller is faster
KINDS = BarcodeFormats((BarcodeFormat.EAN13, BarcodeFormat.Code128, BarcodeFormat.Code39, BarcodeFormat.Codabar))
NAMES = {BarcodeFormat.EAN13: "EAN13"}
TILTS = (0, 20, -20, 45)  # what lies between is read straight away

Codes = list[tuple[str, str]]


class Refused(Exception):
    """This picture is not looked at: "too_large", "format" or "damaged"."""


def read_codes(picture: bytes) -> Codes:
    """Kind and text of every barcode found, without repetition. Raises Refused.

    It looks again, and differently, until there is a number that can be a book's or a copy's: a blurred book number
    is now and then read as some other article's.
    """
    found: dict[tuple[str, str], None] = {}
    ends = time.process_time() + LOOKING_SECONDS
    for look in _looks(_open(picture)):
        for binarizer in (Binarizer.LocalAverage, Binarizer.GlobalHistogram):
            codes = zxingcpp.read_barcodes(look, KINDS, binarizer=binarizer)
            found |= dict.fromkeys((NAMES.get(code.format, "other"), code.text) for code in codes)
            if any(kind != "EAN13" or text.startswith(BOOKLAND) for kind, text in found):
                return list(found)
        if time.process_time() > ends:
            break
    return list(found)


def _open(picture: bytes) -> Image.Image:
    """The picture in grey and of a handy size."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # twice as many are an error to Pillow; we refuse one more
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused("too_large")
            image.draft("L", (SIDE, SIDE))
            image.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=1.5)
            return _grey(image)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Refused("too_large" if isinstance(error, Image.DecompressionBombError) else "format") from error
    except MemoryError as error:
        raise Refused("too_large") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError) as error:
        raise Refused("damaged") from error  # what Pillow raises at what is broken


def _grey(image: Image.Image) -> Image.Image:
    """Black on white; what is transparent is paper."""
    if not image.has_transparency_data:
        return image.convert("L")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image.convert("RGBA")).convert("L")


def _looks(image: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, then helped along: sharpened against blur, enlarged, turned."""
    yield image
    clear = ImageOps.autocontrast(image, cutoff=2)
    sharp = clear.filter(ImageFilter.UnsharpMask(radius=3, percent=300, threshold=0))
    for tilt in TILTS:
        for base in (sharp, clear) if tilt else (sharp,):
            yield base.rotate(tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    double = (image.width * 2, image.height * 2)
    if max(double) <= 2 * SIDE:
        yield sharp.resize(double, Image.Resampling.BICUBIC)
    yield clear.filter(ImageFilter.GaussianBlur(1.5))
    yield clear.filter(ImageFilter.UnsharpMask(radius=6, percent=500, threshold=0))


def _limit() -> None:
    """Whatever the picture does, it does it to this process alone, and not for long."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """One picture in, one line out."""
    _limit()
    problem, codes = "", []
    try:
        codes = read_codes(sys.stdin.buffer.read())
    except Refused as refused:
        problem = str(refused)
    except MemoryError:
        problem = "too_large"
    print(json.dumps({"problem": problem, "codes": codes}))


if __name__ == "__main__":
    main()
