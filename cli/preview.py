"""`preview`: how a file is read, and what becomes of its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from cli.csv_file import CsvFile
from cli.documents import Ignored, notices_json, reading_json, reject_json, spec_json
from cli.key_schema import KeyColumn
from cli.visible import decodable
from csv_import.reading.dialect import Detection
from csv_import.reading.header import Header
from csv_import.reading.opening import SAMPLE_BYTES
from csv_import.rejects import Reject

if TYPE_CHECKING:
    from csv_import.shaping.spec_reader import ReadSpec
    from csv_import.shaping.values.value import Notice

MAX_REJECTS = 10


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the front of a file shows.

    Attributes:
        size: of the file in bytes, as it stands on disk.
        ignored: what is no record in what was read.
        spec: what rows become items by; None where the caller names none.
        items: the first rows', as DynamoDB's JSON; none where no key is known.
        records: as many first ones, cell by cell, where no key is known.
        rejects: the first.
        records_read, records_rejected, items_made: in what was read.
        whole: whether that was the whole file.
        mendings: what the lenient mode did, by kind.
        notices: what cells lost that were taken all the same.
    """

    name: str
    size: int
    mode: str
    spec: ReadSpec | None
    compression: str | None
    detection: Detection
    header: Header
    keys: tuple[KeyColumn, ...]
    ignored: Ignored
    items: list[dict[str, Any]]
    records: list[list[str]]
    rejects: list[Reject]
    records_read: int
    records_rejected: int
    items_made: int
    whole: bool
    mendings: Mapping[str, int]
    notices: Mapping[tuple[str, Notice], int]

    def as_json(self) -> dict[str, Any]:
        """The preview as one JSON document."""
        return {
            "file": self.name,
            "size": self.size,
            "compression": self.compression,
            "mode": self.mode,
            "spec": spec_json(self.spec),
            **reading_json(self.detection, self.header, self.keys),
            "ignored": self.ignored.as_json(),
            "whole_file": self.whole,
            "records_read": self.records_read,
            "records_rejected": self.records_rejected,
            "items_made": self.items_made,
            "mended": dict(self.mendings),
            "notices": notices_json(self.notices),
            "items": self.items,
            "records": self.records,
            "rejects": [reject_json(reject) for reject in self.rejects],
        }


def preview(file: CsvFile, rows: int) -> Preview:
    """Read the front of a file: at least the sample that its dialect was found in, and the items of `rows` rows.

    Reading goes no further than that, or than `MAX_REJECTS` rejects where there are not so many rows.
    """
    items: list[dict[str, Any]] = []
    records: list[list[str]] = []
    rejects: list[Reject] = []
    read = rejected = made = shown = 0
    whole = True
    ignored = Ignored(file.opened.header.ignored)
    for block in file.opened.blocks:
        ignored.add(block.ignored)
        if not file.keys:
            for row in block.rows[: rows - len(records)]:
                records.append([decodable(cell) for cell in row])
        for outcome in file.outcomes(block):
            read += 1
            if isinstance(outcome, Reject):
                rejected += 1
                if len(rejects) < MAX_REJECTS:
                    rejects.append(outcome)
            elif file.keys:
                made += len(outcome)
                if shown < rows:
                    items += [orjson.loads(item.body) for item in outcome]
                    shown += 1
        enough = max(shown, len(records)) >= rows or len(rejects) >= MAX_REJECTS
        if enough and block.end().offset >= SAMPLE_BYTES:
            whole = file.is_end(block.end().offset)
            break
    return Preview(
        name=file.name,
        size=file.source.size,
        mode=file.options.mode.value,
        spec=file.options.spec,
        compression=file.opened.compression,
        detection=file.opened.detection,
        header=file.opened.header,
        keys=file.keys,
        ignored=ignored,
        items=items,
        records=records,
        rejects=rejects,
        records_read=read,
        records_rejected=rejected,
        items_made=made,
        whole=whole,
        mendings=file.fitting.mendings,
        notices=file.plan.notices.counts,
    )
