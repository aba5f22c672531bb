"""Files as people drop them: told nothing, the load reads them right, and says how."""

import bz2
import gzip
import io
import lzma

import pytest
from boto3.dynamodb.types import TypeSerializer

from csv_import.reading.dialect import Detection, Dialect
from csv_import.reading.header import Header
from csv_import.reading.opening import Counted, OpenedFile
from csv_import.reading.pinned import reading_map
from csv_import.settings import Mode
from tests.functional.csv_import.conftest import World

TABLE = "ProductId;Größe;Preis\nP1;12 cm;1.234,50\nP2;7 cm;0,99\nP3;3 cm;12,00\n"
ITEMS = {"P1": ("12 cm", "1.234,50"), "P2": ("7 cm", "0,99"), "P3": ("3 cm", "12,00")}
COMMAS = TABLE.replace(",", ".").replace(";", ",")


def items(world: World) -> dict[str, tuple[str, str]]:
    return {key: (item["Größe"]["S"], item["Preis"]["S"]) for key, item in world.items().items()}


def quoted(text: str, delimiter: str, line_end: str = "\n") -> str:
    rows = [line.split(";") for line in text.splitlines()]
    return "".join(delimiter.join(f'"{cell}"' for cell in row) + line_end for row in rows)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(TABLE.encode(), {"delimiter": ";", "encoding": "utf-8"}, id="semicolons"),
        pytest.param(TABLE.encode("cp1252"), {"encoding": "cp1252"}, id="Windows-1252"),
        pytest.param(TABLE.encode("utf-8-sig"), {"encoding": "utf-8"}, id="UTF-8 with a mark"),
        pytest.param(TABLE.encode("utf-16"), {"encoding": "utf-16-le"}, id="UTF-16"),
        pytest.param(TABLE.replace("\n", "\r").encode(), {"delimiter": ";"}, id="CR"),
        pytest.param(TABLE.replace(";", "\t").encode(), {"delimiter": "\t"}, id="tabs"),
        pytest.param(TABLE.replace(";", "||").encode(), {"delimiter": "||"}, id="two characters"),
        pytest.param(quoted(TABLE, ",", "\r\n").encode(), {"delimiter": ",", "quote": '"'}, id="quoted"),
        pytest.param(b"sep=;\r\n" + TABLE.encode(), {"skipped_lines": 1}, id="Excel's sep="),
        pytest.param(
            b"Preisliste;;\n;;\n" + TABLE.encode(), {"skipped_lines": 2, "header_records": 1}, id="title"
        ),
        pytest.param(TABLE.encode() + b"\nStand: heute\n", {"delimiter": ";"}, id="footer"),
    ],
)
def test_a_file_is_read_as_it_is_written(world: World, content: bytes, found: dict[str, object]) -> None:
    world.table()
    import_id = world.drop(content)
    assert world.load(import_id) == 0
    assert items(world) == ITEMS
    pinned = world.record(import_id)["pinned"]
    assert {name: pinned["reading"]["dialect"][name] for name in found} == found
    for name in found:
        assert pinned["reading"]["findings"][name]["evidence"]
    counters = world.counters(import_id)
    assert counters["bytes_read"] == len(content) == counters["bytes_records"] + counters["bytes_ignored"]


@pytest.mark.parametrize(
    ("name", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)]
)
def test_a_compressed_file_is_known_by_its_content(world: World, name: str, pack: object) -> None:
    assert callable(pack)
    world.table()
    import_id = world.drop(pack(TABLE.encode()) + pack(b"P4;1 cm;2,00\n"))
    assert world.load(import_id) == 0
    assert items(world) == {**ITEMS, "P4": ("1 cm", "2,00")}
    assert world.record(import_id)["pinned"]["reading"]["compression"] == name
    assert world.counters(import_id)["bytes_read"] == len(TABLE.encode()) + len(b"P4;1 cm;2,00\n")


def test_rejects_come_back_in_the_files_own_encoding_to_be_mended_and_dropped_again(world: World) -> None:
    world.table()
    broken = TABLE.replace("P2;7 cm;0,99", "P2;7 cm").rstrip("\n") + "\nP4;zu kurz"
    import_id = world.drop(broken.encode("utf-16"))
    assert world.load(import_id) == 0
    assert items(world).keys() == {"P1", "P3"}
    header, rejects = world.artifact(import_id, "header.csv"), world.rejects(import_id)
    assert (header + rejects).decode("utf-16") == "ProductId;Größe;Preis\nP2;7 cm\nP4;zu kurz\n"
    mended = (header + rejects).decode("utf-16").replace("7 cm", "7 cm;0,99").replace("zu kurz", "1;2")
    assert world.load(world.drop(mended.encode("utf-16"))) == 0
    assert items(world) == {**ITEMS, "P4": ("1", "2")}


def test_in_lenient_mode_rows_are_made_to_fit_and_counted(world: World) -> None:
    world.table()
    world.environment["READING_MODE"] = "lenient"
    import_id = world.drop(b'ProductId,A,B\nP1,x\nP2,x,y,z\nP3,"say "hi"",y\nP4,x,y\n')
    assert world.load(import_id) == 0
    found = {
        key: (item.get("A", {}).get("S"), item.get("B", {}).get("S")) for key, item in world.items().items()
    }
    assert found == {"P1": ("x", None), "P2": ("x", "y,z"), "P3": ('say "hi"', "y"), "P4": ("x", "y")}
    assert world.part(import_id)["mended"] == {"padded": 1, "joined": 1, "repaired": 1}
    assert world.counters(import_id)["rows_rejected"] == 0


def test_a_later_attempt_reads_as_the_first_one_did(world: World) -> None:
    world.table()
    import_id = world.drop(b"ProductId;A,B\nP1;x,y\n")
    detection = Detection(Dialect(delimiter=",", columns=2))
    content = io.BytesIO(b"")
    opened = OpenedFile(None, detection, Header(["a", "b"]), iter(()), Counted(iter(content)))
    world.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": f"import#{import_id}"}, "sk": {"S": "import"}},
        UpdateExpression="SET pinned = :pinned, spec = :spec",
        ExpressionAttributeValues={
            ":pinned": TypeSerializer().serialize({"reading": reading_map(opened, Mode.STRICT)}),
            ":spec": TypeSerializer().serialize({"run": 1}),
        },
    )
    assert world.load(import_id) == 65, "with semicolons there would be a key"
    assert world.part(import_id)["error"]["code"] == "missing_key_column"
