"""Files that are no text at all: told by how they begin, or by control characters all over them."""

from __future__ import annotations

import codecs
import re

from csv_import.errors import BadData

_EXPORT = "export the table as CSV and drop that"
_UNPACK = "unpack it and drop the CSV file inside"
_NOT_A_TABLE = "drop the CSV file that it was made from"

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)", f"{_UNPACK}, or {_EXPORT}"),
    (b"PK\x05\x06", "an empty ZIP archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", _EXPORT),
    (b"%PDF-", "a PDF document", _NOT_A_TABLE),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"ORC\x00", "an ORC file", _EXPORT),
    (b"ARROW1\x00\x00", "an Arrow file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _NOT_A_TABLE),
    (b"\xff\xd8\xff", "a JPEG image", _NOT_A_TABLE),
    (b"GIF8", "a GIF image", _NOT_A_TABLE),
    (b"II*\x00", "a TIFF image", _NOT_A_TABLE),
    (b"MM\x00*", "a TIFF image", _NOT_A_TABLE),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x1f\x8b\x08", "data compressed with gzip, twice", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "data compressed with zstd, twice", _UNPACK),
    (b"BZh", "data compressed with bzip2, twice", _UNPACK),
    (b"\xfd7zXZ\x00", "data compressed with xz, twice", _UNPACK),
    (b"\x7fELF", "a program", _NOT_A_TABLE),
    (b"{\\rtf", "a document in Rich Text Format", _EXPORT),
)
_TEXT_ALONE = {b"GIF8", b"BZh", b"PAR1"}
"""Signatures that a text might begin with by chance: they count only where bytes follow that no text has."""

_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What no text has: not tab, line ends, form feed, end of file (0x1a), nor the separators 0x1c to 0x1f.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b]")


def refuse_binary(front: bytes, *, utf_16: bool) -> None:
    """Raise where the file's first bytes are no text; `utf_16` says that NUL bytes are to be expected.

    Raises:
        BadData: `not_text`; the message names what it looks like, and the remedy.
    """
    if front.startswith(_UTF_32):
        raise BadData("not_text", "the file is UTF-32 text: save it as UTF-8 and drop it again")
    for signature, what, remedy in _SIGNATURES:
        if front.startswith(signature) and (signature not in _TEXT_ALONE or _CONTROL.search(front[:512])):
            raise BadData("not_text", f"the file is no CSV text but looks like {what}: {remedy}")
    if utf_16 or front.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    sample = front[:65536]
    controls = sample.translate(None, bytes(byte for byte in range(256) if not _CONTROL.match(bytes([byte]))))
    if not controls or _is_utf_16(sample):
        return
    # One of them may be what stands between the cells (0x01 in Hive's files).
    most = max(controls.count(byte) for byte in set(controls) - {0}) if set(controls) != {0} else 0
    odd = len(controls) - most
    if odd >= 4 and odd > 0.05 * len(sample):
        raise BadData(
            "not_text",
            f"the file is no CSV text: {odd} of its first {len(sample)} bytes are control characters;"
            f" {_EXPORT} in UTF-8",
        )


def _is_utf_16(sample: bytes) -> bool:
    sides = (sample[0::2].count(0), sample[1::2].count(0))
    return max(sides) >= 0.05 * len(sample) and min(sides) <= 0.02 * max(sides)
