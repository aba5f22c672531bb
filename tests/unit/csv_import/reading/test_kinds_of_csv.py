"""The kinds of file that a reader of CSV must read exactly, each in a small file, told nothing."""

from collections.abc import Iterator

import pytest

from csv_import.reading.dialect import Given
from csv_import.reading.opening import open_file
from csv_import.settings import ReadLimits


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def chunks(self) -> Iterator[bytes]:
        return iter([self.data[:7], self.data[7:]])

    def tail(self, n_bytes: int) -> bytes:
        return self.data[-n_bytes:]


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        pytest.param("a,b,c\n1,2,3\n", ["a", "b", "c"], [["1", "2", "3"]], id="simple"),
        pytest.param("a,b,c\r\n1,2,3", ["a", "b", "c"], [["1", "2", "3"]], id="simple, CRLF"),
        pytest.param(
            'first,last,address\nAnn,Lee,"12 Elm St, Apt 3, Ulm"\n',
            ["first", "last", "address"],
            [["Ann", "Lee", "12 Elm St, Apt 3, Ulm"]],
            id="commas in quotes",
        ),
        pytest.param(
            'a,b,c\n1,"",""\n2,3,4\n', ["a", "b", "c"], [["1", "", ""], ["2", "3", "4"]], id="empty"
        ),
        pytest.param(
            'a,b,c\r\n1,"",""\r\n2,3,4\r\n',
            ["a", "b", "c"],
            [["1", "", ""], ["2", "3", "4"]],
            id="empty, CRLF",
        ),
        pytest.param(
            'a,b\n1,"oh ""my"" word"\n3,4\n',
            ["a", "b"],
            [["1", 'oh "my" word'], ["3", "4"]],
            id="escaped quotes",
        ),
        pytest.param(
            'key,val\n1,"{""type"": ""Point"", ""at"": [10.5, 0.5]}"\n',
            ["key", "val"],
            [["1", '{"type": "Point", "at": [10.5, 0.5]}']],
            id="JSON",
        ),
        pytest.param(
            'a,b,c\n1,2,3\n"Twice \nupon ",5,6\n7,8,9\n',
            ["a", "b", "c"],
            [["1", "2", "3"], ["Twice \nupon ", "5", "6"], ["7", "8", "9"]],
            id="line ends",
        ),
        pytest.param(
            'a,b,c\r\n1,2,3\r\n"Twice \r\nupon ",5,6\r\n7,8,9\r\n',
            ["a", "b", "c"],
            [["1", "2", "3"], ["Twice \r\nupon ", "5", "6"], ["7", "8", "9"]],
            id="line ends, CRLF",
        ),
        pytest.param(
            'a,b\n1,"oh ""my""\nword,\nyes ""you""?"\n3,4\n',
            ["a", "b"],
            [["1", 'oh "my"\nword,\nyes "you"?'], ["3", "4"]],
            id="quotes and line ends",
        ),
        pytest.param(
            "a,b,c\n1,2,3\n4,5,ʤ\n", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]], id="beyond ASCII"
        ),
        pytest.param(
            'Contact Phone Number,Location Coordinates,Cities\n555-0100,"49.1°N, 8.4°E","Ulm, Köln"\n',
            ["Contact Phone Number", "Location Coordinates", "Cities"],
            [["555-0100", "49.1°N, 8.4°E", "Ulm, Köln"]],
            id="coordinates",
        ),
    ],
)
def test_each_is_read_exactly(content: str, names: list[str], rows: list[list[str]]) -> None:
    opened = open_file(Bytes(content.encode()), given=Given(), limits=ReadLimits())
    assert opened.header.names == names
    assert [row for block in opened.blocks for row in block.rows] == rows
