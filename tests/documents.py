"""The fenced blocks of a document, for tests that run what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the word behind it, its text."""

    language: str
    word: str
    text: str


def blocks(name: str) -> list[Block]:
    """The blocks of a document under docs/, in order."""
    found = re.findall(
        r"^```(\w+)(?: (\S+))?\n(.*?)^```$", (DOCS / name).read_text(encoding="utf-8"), re.M | re.S
    )
    return [Block(*each) for each in found]
