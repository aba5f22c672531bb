"""Items put together column by column are what each row says, wherever a value is missing."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from csv_import.shaping.bodies import Bodies

ROWS = list(itertools.product(["", "x", '"'], repeat=4))
"""Whether there is a value in any of four columns behind the key, and one that is escaped."""


def escaped(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


@pytest.mark.parametrize("constants", [{}, {"K": {"N": "1"}}], ids=["no constant", "a constant"])
@pytest.mark.parametrize("as_members", list(itertools.product([False, True], repeat=5)))
def test_values_that_are_missing(as_members: tuple[bool, ...], constants: dict[str, Any]) -> None:
    bodies = Bodies(constants, len(ROWS))
    columns = [[str(number) for number in range(len(ROWS))], *map(list, zip(*ROWS, strict=True))]
    for name, column, members in zip("PABCD", columns, as_members, strict=True):
        texts = [escaped(text) for text in column]
        if members:
            bodies.add_members(
                [f',"{name}":{{"S":"'.encode() + text + b'"}' if text else b"" for text in texts]
            )
        else:
            bodies.add_texts(name, "S", texts)
    made = bodies.done()
    assert bodies.size == sum(map(len, made))
    assert list(map(json.loads, made)) == [
        constants | {name: {"S": text} for name, text in zip("PABCD", row, strict=True) if text}
        for row in zip(*columns, strict=True)
    ]
