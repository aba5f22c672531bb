import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csv_import.writing.connections import Connections, Response
from tests.unit.csv_import.writing.loopback import Fault, LoopbackServer, Reply, serving

HEADERS = ["X-Amz-Target: DynamoDB_20120810.BatchWriteItem", "X-Amz-Date: 20261123T120000Z"]


def answers(connections: Connections, count: int) -> list[tuple[int, Response]]:
    """Wait for so many answers; a request's own timeout ends the wait."""
    come: list[tuple[int, Response]] = []
    while len(come) < count:
        come += connections.finished(1.0)
    return come


@contextmanager
def connected(
    reply: Reply, *, timeout_s: float = 20.0, count: int = 4
) -> Iterator[tuple[Connections, LoopbackServer]]:
    with serving(lambda _, body: reply) as (server, port):
        connections = Connections(
            f"http://127.0.0.1:{port}/",
            connections=count,
            connect_timeout_s=5,
            request_timeout_s=timeout_s,
        )
        try:
            yield connections, server
        finally:
            connections.close()


def test_an_answer_has_its_status_content_and_checksum() -> None:
    with connected(Reply(400, b'{"a":1}')) as (connections, server):
        connections.start(3, HEADERS, b"hello")
        assert answers(connections, 1) == [(3, Response(400, b'{"a":1}', "1444654255"))]
    (head,) = server.heads
    assert head.startswith("POST / HTTP/1.1\r\n")
    assert "X-Amz-Date: 20261123T120000Z\r\n" in head
    for name in ("Expect", "Accept", "User-Agent"):
        assert f"\n{name}:" not in head


def test_connections_are_kept_for_the_next_request() -> None:
    with connected(Reply(200, b"{}"), count=2) as (connections, server):
        for _ in range(10):
            connections.start(0, HEADERS, b"x" * 100_000)
            connections.start(1, HEADERS, b"y")
            assert {lane for lane, _ in answers(connections, 2)} == {0, 1}
    assert (len(server.heads), server.connections) == (20, 2)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.TRUNCATED, Fault.SILENCE])
def test_an_answer_that_does_not_come_whole_is_a_failure(fault: Fault) -> None:
    with connected(Reply(200, b"{}" * 10, fault), timeout_s=0.1) as (connections, _):
        connections.start(0, HEADERS, b"x")
        ((lane, response),) = answers(connections, 1)
    assert (lane, response.status, response.content) == (0, 0, b"")
    assert response.failure


def test_a_port_that_nobody_listens_on() -> None:
    with serving(lambda *_: Reply(200, b"")) as (_, port):
        pass
    connections = Connections(
        f"http://127.0.0.1:{port}/", connections=1, connect_timeout_s=5, request_timeout_s=5
    )
    connections.start(0, HEADERS, b"x")
    ((_, response),) = answers(connections, 1)
    assert response.failure
    connections.close()


def test_a_connection_serves_again_after_a_failure() -> None:
    replies = iter([Reply(200, b"{}", Fault.RESET), Reply(200, b"{}", Fault.TRUNCATED)])
    with serving(lambda *_: next(replies, Reply(200, b"{}"))) as (_, port):
        connections = Connections(
            f"http://127.0.0.1:{port}/", connections=1, connect_timeout_s=5, request_timeout_s=5
        )
        seen = []
        for _ in range(3):
            connections.start(0, HEADERS, b"x")
            seen += [response.status for _, response in answers(connections, 1)]
        connections.close()
    assert seen == [0, 0, 200]


def test_nothing_under_way_is_waited_for() -> None:
    with connected(Reply(200, b"{}")) as (connections, _):
        assert connections.finished(1000.0) == []


def test_closing_gives_up_what_is_under_way() -> None:
    with connected(Reply(200, b"{}", Fault.SILENCE)) as (connections, server):
        connections.start(0, HEADERS, b"x")
        while not server.heads:
            connections.finished(0.01)


def certificate_in(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and nobody else, signed by itself, and its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", "/CN=dynamodb.example", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def other_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_in(tmp_path_factory.mktemp("other"))[0]


@pytest.mark.parametrize(
    ("host", "vouched_by", "status"),
    [
        pytest.param("127.0.0.1", "bundle", 200, id="a bundle with the certificate"),
        pytest.param("127.0.0.1", "libcurl", 0, id="libcurl's own certificates"),
        pytest.param("127.0.0.1", "other bundle", 0, id="a bundle without the certificate"),
        pytest.param("localhost", "bundle", 0, id="a right certificate, of another host"),
        pytest.param("localhost", "nobody", 200, id="no check"),
    ],
)
def test_certificates_are_checked(
    certificate: tuple[Path, Path], other_bundle: Path, host: str, vouched_by: str, status: int
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    verify: dict[str, bool | str] = {
        "bundle": str(certificate[0]),
        "other bundle": str(other_bundle),
        "libcurl": True,
        "nobody": False,
    }
    with serving(lambda *_: Reply(200, b"{}"), ssl=context) as (server, port):
        connections = Connections(
            f"https://{host}:{port}/",
            connections=1,
            connect_timeout_s=5,
            request_timeout_s=5,
            verify=verify[vouched_by],
        )
        connections.start(0, HEADERS, b"x")
        ((_, response),) = answers(connections, 1)
        connections.close()
    assert response.status == status, response.failure
    assert bool(server.heads) == (status == 200), "nothing is sent to whom nobody vouches for"


def test_a_proxy_is_asked_where_there_is_one() -> None:
    with serving(lambda *_: Reply(200, b"{}")) as (server, port):
        connections = Connections(
            "http://dynamodb.example/",
            connections=1,
            connect_timeout_s=5,
            request_timeout_s=5,
            proxy=f"http://127.0.0.1:{port}",
        )
        connections.start(0, HEADERS, b"x")
        ((_, response),) = answers(connections, 1)
        connections.close()
    assert response.status == 200
    assert server.heads[0].startswith("POST http://dynamodb.example/ HTTP/1.1")


def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore decides about proxies, NO_PROXY and all."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with connected(Reply(200, b"{}")) as (connections, _):
        connections.start(0, HEADERS, b"x")
        assert [response.status for _, response in answers(connections, 1)] == [200]
