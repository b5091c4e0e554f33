"""Barcode photos: how many are read and how fast, and against zxing-cpp alone on the same pictures in the same run."""

from __future__ import annotations

import io
import time
from statistics import median

import zxingcpp
from PIL import Image

from bench.table import Figure, show
from bot.barcode import scan
from bot.barcode_reader import read_codes
from tests.photos import shots, take

PHOTOS, SEED = 120, 2


def measure() -> list[Figure]:
    """Take the photos and read them both ways."""
    taken = [(isbn, take(isbn, shot)) for isbn, shot in shots(PHOTOS, SEED)]
    ours, times = [], []
    for isbn, picture in taken:
        began = time.process_time()
        ours.append(isbn in [text for _kind, text in read_codes(picture)])
        times.append(time.process_time() - began)
    alone = [isbn in _alone(picture) for isbn, picture in taken]
    began = time.perf_counter()
    scan(taken[0][1])
    whole = time.perf_counter() - began
    print(f"a photo: median {median(times) * 1000:.0f} ms, slowest {max(times) * 1000:.0f} ms of processor; ", end="")
    print(f"one in a process of its own {whole * 1000:.0f} ms")
    return [
        Figure("barcode photos: share read", sum(ours) / PHOTOS, 0.9, note=f"of {PHOTOS}; D 6"),
        Figure("barcode photos: read, against zxing-cpp alone", sum(ours) / max(1, sum(alone)), 1.0),
    ]


def _alone(picture: bytes) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
