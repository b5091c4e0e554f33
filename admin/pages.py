"""How a room shows its page."""

from __future__ import annotations

from typing import Any

from flask import render_template


def page(template: str, /, **values: Any) -> str:
    """The room's template with its values."""
    return render_template(f"admin/{template}", **values)
