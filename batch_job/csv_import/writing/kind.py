"""How the items of a mode travel: many in a batch, or each by itself."""

from __future__ import annotations

from csv_import.writing.answers import RequestKind
from csv_import.writing.batch_write import BatchWrite, KeyOf
from csv_import.writing.modes.rule import Rule
from csv_import.writing.single_write import SingleWrite


def kind_of(rule: Rule, table_name: str, key_of: KeyOf) -> RequestKind:
    """What makes requests of a mode's items and reads their answers.

    Args:
        rule: the mode's.
        table_name: the table to write to.
        key_of: text of the key of an item, or of a key, that comes back as unprocessed.
    """
    if rule.request_of is not None:
        return SingleWrite(rule.operation, rule.request_of, rule.wrote)
    return BatchWrite(table_name, key_of, rule.verb)
