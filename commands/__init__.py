"""The `flask` commands: each is thin over the same parts, and tells in one line what stops it from outside."""

from __future__ import annotations

import click

from commands import access, catalogue, exporting, finding, policies, privacy, reporting, restoring, running, talking
from commands.shared import in_one_line

_SINGLE = (
    catalogue.import_, finding.reindex, finding.search, finding.understand_lines, talking.chat, running.tick,
    reporting.report, running.work, running.serve, access.locker_key, access.new_password,
    restoring.backup, restoring.restored,
)  # fmt: skip
_GROUPS = (exporting.export, policies.policy, privacy.keys, privacy.privacy)
for _one in (*_SINGLE, *(part for group in _GROUPS for part in group.commands.values())):
    in_one_line(_one)
ALL: tuple[click.Command, ...] = (*_SINGLE, *_GROUPS)
