from csv_import.planning.pieces import keep_pieces

MIB = 1 << 20


def kept(chunks: list[bytes]) -> tuple[tuple[str, ...], dict[str, bytes]]:
    store: dict[str, bytes] = {}

    def keep(number: int, body: bytes) -> str:
        store[f"piece-{number}"] = body
        return f"piece-{number}"

    return keep_pieces(chunks, keep), store


def test_small_chunks_make_one_piece() -> None:
    assert kept([b"a", b"b"]) == (("piece-0",), {"piece-0": b"ab"})


def test_pieces_are_about_eight_mebibytes_and_in_order() -> None:
    chunks = [bytes([number]) * MIB for number in range(19)]
    keys, store = kept(chunks)
    assert keys == ("piece-0", "piece-1", "piece-2")
    assert [len(store[key]) // MIB for key in keys] == [8, 8, 3]
    assert b"".join(store[key] for key in keys) == b"".join(chunks)


def test_nothing_makes_no_piece() -> None:
    assert kept([]) == ((), {})
