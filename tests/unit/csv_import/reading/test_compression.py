import bz2
import gzip
import itertools
import lzma
import random
import sys
from collections.abc import Callable, Iterator

import pytest

from csv_import.errors import BadData
from csv_import.reading.compression import DecompressionLimit, decompress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT = DecompressionLimit()
TEXT = b"".join(b"%d,%d\n" % (number, number * number) for number in range(20_000))


def checked_zstd(data: bytes) -> bytes:
    """With a checksum, as the `zstd` command writes."""
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


COMPRESSED = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": checked_zstd}
every_kind = pytest.mark.parametrize(("kind", "compress"), COMPRESSED.items(), ids=COMPRESSED)
Compress = Callable[[bytes], bytes]


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def out_of(
    data: bytes, *, size: int = 1 << 16, limit: DecompressionLimit = LIMIT
) -> tuple[str | None, bytes]:
    kind, chunks = decompress(cut(data, size), limit=limit)
    return kind, b"".join(chunks)


def code_of(data: bytes, **options: DecompressionLimit) -> str:
    with pytest.raises(BadData) as caught:
        out_of(data, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 65
    return caught.value.code


@every_kind
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_what_was_compressed_comes_out(kind: str, compress: Compress, size: int) -> None:
    text = TEXT[:3000] if size < 100 else TEXT
    assert out_of(compress(text), size=size) == (kind, text)


@every_kind
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_members_that_follow_one_another_are_one_stream(kind: str, compress: Compress, size: int) -> None:
    data = compress(b"a,b\n") + compress(b"") + compress(b"c,d\n")
    assert out_of(data, size=size) == (kind, b"a,b\nc,d\n")


@every_kind
def test_nothing_compressed_is_nothing(kind: str, compress: Compress) -> None:
    assert out_of(compress(b"")) == (kind, b"")


@pytest.mark.parametrize("data", [b"", b"a", b"a,b\nc,d\n", b"BZh9,b\n", b"\x1f\x8b,b\n", b"(\xb5/"])
@pytest.mark.parametrize("size", [1, 100])
def test_what_is_not_compressed_stays_as_it_is(data: bytes, size: int) -> None:
    assert out_of(data, size=size) == (None, data)


@every_kind
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_nul_bytes_behind_the_last_member_are_padding(kind: str, compress: Compress, size: int) -> None:
    assert out_of(compress(b"a\n") + b"\0" * 512, size=size) == (kind, b"a\n")


@every_kind
@pytest.mark.parametrize("behind", [b"garbage at the end", b"x", b"\0\0x"])
def test_anything_else_behind_it_is_damage(kind: str, compress: Compress, behind: bytes) -> None:
    assert code_of(compress(b"a\n") + behind) == "corrupt_compression", kind


@every_kind
def test_a_stream_that_ends_early_is_damage(kind: str, compress: Compress) -> None:
    data = compress(TEXT)
    for length in (11, 20, len(data) // 2, len(data) - 1):
        assert code_of(data[:length]) == "corrupt_compression", (kind, length)


@every_kind
def test_a_damaged_stream_says_where(kind: str, compress: Compress) -> None:
    data = bytearray(compress(random.Random(1).randbytes(200_000)))
    data[150_000] ^= 0x55
    with pytest.raises(BadData, match=rf"{kind} file is damaged.* at byte \d+") as caught:
        out_of(bytes(data))
    assert caught.value.code == "corrupt_compression"


@every_kind
def test_a_bomb_hits_the_limit_and_not_the_memory(kind: str, compress: Compress) -> None:
    data = compress(b"\0" * (4 << 20))
    limit = DecompressionLimit(max_bytes=1 << 20)
    seen: list[int] = []
    _, chunks = decompress(cut(data, 1 << 16), limit=limit)
    with pytest.raises(BadData) as caught:
        seen.extend(len(chunk) for chunk in chunks)
    assert caught.value.code == "decompression_limit", kind
    assert max(seen) <= 256 * 1024
    assert sum(seen) <= 1 << 20


@every_kind
def test_so_it_does_where_the_ratio_is_too_high(kind: str, compress: Compress) -> None:
    data = compress(b"\0" * (4 << 20))
    limit = DecompressionLimit(max_ratio=100, ratio_from_bytes=1 << 20)
    assert code_of(data, limit=limit) == "decompression_limit", kind
    assert out_of(data, limit=DecompressionLimit(max_ratio=100, ratio_from_bytes=1 << 24))[1][-1:] == b"\0"


def test_the_chunks_are_taken_one_by_one() -> None:
    data = gzip.compress(random.Random(1).randbytes(100_000))
    taken = itertools.count()
    _, chunks = decompress((chunk for chunk in cut(data, 1000) if next(taken) is not None), limit=LIMIT)
    next(chunks)
    assert next(taken) <= 17
