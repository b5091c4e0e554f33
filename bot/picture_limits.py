"""What a picture may be and what its bars may say: known to those who read one and to those who answer about it.

A file of its own, so that the process that serves never loads what decodes pictures.
"""

from __future__ import annotations

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
BOOKLAND = ("978", "979")  # where a book's number begins
