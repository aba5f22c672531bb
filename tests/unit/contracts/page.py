"""docs/contracts.md as tests read it, and an object to speak of."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from objects import ObjectVersion
from tests.template.stacks import PROJECT

CONTRACTS = (PROJECT / "docs" / "contracts.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OBJECT = ObjectVersion(
    bucket="input",
    key="in/Übersicht 1.csv",
    version_id="v1",
    sequencer="0055",
    etag="abc",
    size=321,
    event_time="2026-11-23T09:59:59.000000Z",
)


def section(title: str) -> str:
    """The part of the contracts under a heading, or under a bold word that starts a line."""
    match = re.search(rf"^(?:## |\*\*){re.escape(title)}.*?$(.*?)(?=^## |^\*\*|\Z)", CONTRACTS, re.M | re.S)
    assert match, title
    return match[1]


def table(title: str) -> list[list[str]]:
    """The cells of the first table of a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.S))


def names_in(title: str) -> set[str]:
    """What the first column names."""
    return {name for row in table(title) for name in quoted(row[0])}
