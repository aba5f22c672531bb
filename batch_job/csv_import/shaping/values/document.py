"""JSON in a cell: objects to maps, arrays to lists, numbers digit by digit."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from csv_import.rejects import RejectCode
from csv_import.shaping.sizes import MAX_NAME_BYTES, name_is_too_long
from csv_import.shaping.values.number import number_text
from csv_import.shaping.values.value import Convert, Refused, Tell, Value

MAX_LEVELS = 32
"""How deep a value may stand in maps and lists, its own level included.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""


class _Number(str):
    """A number's text, to be told from a string."""

    __slots__ = ()


def document(tell: Tell, *, levels_above: int = 0) -> Convert:
    """Makes the conversion from JSON.

    Args:
        levels_above: how many maps the attribute stands in.
    """
    read_number = number_text(".", None, tell)

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            raise Refused(RejectCode.INVALID_JSON, "an object of the cell's JSON names a member twice")
        return found

    decode = json.JSONDecoder(
        object_pairs_hook=pairs, parse_int=_Number, parse_float=_Number, parse_constant=_no_number
    ).decode

    def convert(cell: str) -> Value:
        try:
            parsed = decode(cell)
        except json.JSONDecodeError as error:
            place = f"character {error.pos + 1}"
            raise Refused(RejectCode.INVALID_JSON, f"the cell is no JSON: {error.msg} at {place}") from None
        except RecursionError:
            raise _too_deep() from None
        return value_of(parsed, levels_above)

    def value_of(thing: Any, level: int) -> Value:
        if isinstance(thing, _Number):
            return {"N": read_number(thing)}
        if isinstance(thing, str):
            return {"S": _text(thing)}
        if thing is None:
            return {"NULL": True}
        if isinstance(thing, bool):
            return {"BOOL": thing}
        if level >= MAX_LEVELS - 1:  # an empty list counts as if there were something in it
            raise _too_deep()
        if isinstance(thing, list):
            return {"L": [value_of(each, level + 1) for each in thing]}
        if "" in thing:
            raise Refused(RejectCode.INVALID_JSON, "a member of the cell's JSON has an empty name")
        if any(map(name_is_too_long, thing)):
            raise Refused(
                RejectCode.INVALID_JSON,
                f"a member of the cell's JSON has a name of more than {MAX_NAME_BYTES} bytes, which DynamoDB refuses",
            )
        return {"M": {_text(name): value_of(each, level + 1) for name, each in thing.items()}}

    return convert


def _too_deep() -> Refused:
    return Refused(
        RejectCode.NESTED_TOO_DEEPLY,
        f"the cell's JSON is nested too deeply: DynamoDB takes {MAX_LEVELS} levels, the attribute's own included",
    )


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(RejectCode.INVALID_JSON, "the cell's JSON holds half of a surrogate pair") from None
    return text


def _no_number(_word: str) -> NoReturn:
    raise Refused(RejectCode.INVALID_JSON, "the cell is no JSON: NaN and Infinity are no numbers")
