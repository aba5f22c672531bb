"""In which encoding a file's text is written: by its mark, by its pattern of NUL bytes, by what decodes."""

from __future__ import annotations

import codecs
import re

from csv_import.errors import BadConfiguration
from csv_import.reading.detection.binary import refuse_binary
from csv_import.reading.dialect import Finding

UTF_8 = "utf-8"
UTF_16_LE = "utf-16-le"
UTF_16_BE = "utf-16-be"
_UTF_16 = (UTF_16_LE, UTF_16_BE)

MARKS = {
    UTF_8: codecs.BOM_UTF8,
    UTF_16_LE: codecs.BOM_UTF16_LE,
    UTF_16_BE: codecs.BOM_UTF16_BE,
}
LONGEST_MARK = 3
# https://encoding.spec.whatwg.org/index-windows-1252.txt leaves these to the control characters of Latin-1.
_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MULTIBYTE = re.compile("[\x80-\U0010ffff]")
_BROKEN = re.compile("[\udc80-\udcff]")
_ASCII = bytes(range(128))
_SEQUENCES = (
    rb"\x41\u0041\n",
    b"\x1b$B!!\x1b(B",
    b"~{!!~}",
    b"+AEE-",
)  # that mean something else in codecs of more bytes
_HIGH = bytes(range(128, 256))


def mark_of(encoding: str, front: bytes) -> bytes:
    """The byte order mark that `front` begins with, if it is the encoding's own; it is no text."""
    mark = MARKS.get(encoding, b"")
    return mark if mark and front.startswith(mark) else b""


def find_encoding(front: bytes, given: str | None) -> Finding:
    """Tell the encoding of a file whose first bytes are `front`.

    Returns:
        a finding whose value is a codec's name as `Dialect.encoding` takes it.

    Raises:
        BadData: `not_text`, where the bytes are no text, or text in UTF-32.
        BadConfiguration: `unsupported_encoding`, where the given one is none that can be read.
    """
    refuse_binary(front, utf_16=given is not None and given.lower().replace("_", "-").startswith("utf-16"))
    if given is not None:
        return Finding(_given(given, front), 1.0, "given")
    return _marked(front) or _utf_16_by_its_nuls(front) or _by_decoding(front)


def refuse_unsupported(encoding: str) -> None:
    """Refuse an encoding that no file can be read in.

    Raises:
        BadConfiguration: `unsupported_encoding`.
    """
    _given(encoding, b"")


def decode(data: bytes, encoding: str, *, at_start: bool = True) -> str:
    """Text of a sample; a character that its end cuts in two is left out, what is no text becomes surrogates.

    Args:
        at_start: whether the file begins with `data`, perhaps with a mark; else it ends with it.
    """
    if at_start:
        data = data[len(mark_of(encoding, data)) :]
    elif encoding in _UTF_16:
        data = data[len(data) % 2 :]
    if encoding == UTF_8 and at_start:
        try:
            return codecs.getincrementaldecoder(UTF_8)().decode(data)
        except UnicodeDecodeError:
            return data.decode(UTF_8, "surrogateescape")
    if encoding in _UTF_16:
        return data[: len(data) & ~1].decode(encoding, "replace")
    return data.decode(encoding, "surrogateescape")


def encoded_size(text: str, encoding: str) -> int:
    """How many bytes of the file `text` is."""
    errors = "surrogatepass" if encoding in _UTF_16 else "surrogateescape"
    return len(text.encode(encoding, errors))


def _given(name: str, front: bytes) -> str:
    try:
        codec = codecs.lookup(name).name
        if codec == "utf-8-sig":
            return UTF_8
        if codec == "utf-16":
            return UTF_16_BE if front.startswith(codecs.BOM_UTF16_BE) else UTF_16_LE
        if codec in MARKS or (codec == "ascii") or _is_single_byte(codec):
            return UTF_8 if codec == "ascii" else codec
    except (LookupError, UnicodeError):
        pass
    raise BadConfiguration(
        "unsupported_encoding",
        f"files in {name!r} cannot be read: give utf-8, utf-16-le, utf-16-be or an encoding of one byte a"
        " character that keeps ASCII (such as cp1252), or save the file as UTF-8",
    )


def _is_single_byte(codec: str) -> bool:
    if "escape" in codec or any(each.decode(codec) != each.decode("ascii") for each in (_ASCII, *_SEQUENCES)):
        return False
    each = "".join(_HIGH[at : at + 1].decode(codec, "replace") for at in range(len(_HIGH)))
    return len(each) == len(_HIGH) and _HIGH.decode(codec, "replace") == each


def _marked(front: bytes) -> Finding | None:
    for encoding in MARKS:
        if mark_of(encoding, front):
            return Finding(encoding, 1.0, "the file begins with its byte order mark")
    return None


def _utf_16_by_its_nuls(front: bytes) -> Finding | None:
    """Of a character of Latin script one byte is NUL, always on the same side; of others, their blanks' and digits'."""
    sample = front[:8192]
    sides = (sample[0::2].count(0), sample[1::2].count(0))
    high, low = max(sides), min(sides)
    if len(sample) < 4 or high < 0.15 * len(sample) / 2 or low > 0.02 * high:
        return None
    encoding = UTF_16_LE if sides[1] > sides[0] else UTF_16_BE
    return Finding(
        encoding,
        0.95,
        f"{high} of {len(sample) // 2} pairs of bytes have a NUL on the same side, {low} on the other",
    )


def _by_decoding(front: bytes) -> Finding:
    if front.isascii():
        return Finding(UTF_8, 0.9, f"the first {len(front)} bytes are ASCII")
    text = decode(front, UTF_8)
    broken = len(_BROKEN.findall(text))
    whole = len(_MULTIBYTE.findall(text)) - broken
    if not broken:
        return Finding(
            UTF_8, 0.99 if whole > 2 else 0.95, f"{whole} characters of several bytes, all valid UTF-8"
        )
    if whole >= broken:
        return Finding(
            UTF_8, 0.8, f"{whole} characters of several bytes are valid UTF-8, {broken} bytes are none"
        )
    high = len(front.translate(None, _ASCII))
    found = f"{high} bytes above ASCII, of which {whole} characters would be valid UTF-8"
    undefined = len(_UNDEFINED_IN_1252.findall(front))
    if undefined:
        return Finding("latin-1", 0.4, f"{found}, and {undefined} have no meaning in Windows-1252")
    in_runs = sum(len(run) for run in re.findall(rb"[\x80-\xff]{2,}", front))
    if in_runs > 0.7 * high and high > 8:
        return Finding(
            "cp1252",
            0.3,
            f"{found}; {in_runs} stand side by side, as in scripts that are not Western: give the encoding",
        )
    return Finding("cp1252", 0.7, found)
