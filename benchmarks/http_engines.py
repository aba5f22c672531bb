"""CPU that HTTP engines take for one ready-made BatchWriteItem of 25 rows, sixteen in flight, plain and with TLS.

`python -m benchmarks.http_engines` runs each engine in a process of its own, engines taking turns, and prints the best
of some repeats. aiohttp and awscrt are no dependencies of ours: requirements/bench.txt has them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from benchmarks.job import PROJECT
from benchmarks.nginx_sink import nginx_sink
from csv_import.writing.connections import Connections

IN_FLIGHT = 16
BODY = b"x" * 6600
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
    "X-Amz-Date": "20261123T120000Z",
    "Authorization": "AWS4-HMAC-SHA256 " + "a" * 220,
}


def pycurl_multi(url: str, bundle: str | None, count: int) -> None:
    """Our own connections: libcurl's multi interface, one thread."""
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    connections = Connections(
        url, connections=IN_FLIGHT, connect_timeout_s=5, request_timeout_s=20, verify=bundle or True
    )
    sent = done = 0
    while done < count:
        while sent < count and sent - done < IN_FLIGHT:
            connections.start(sent, lines, BODY)
            sent += 1
        for _, response in connections.finished(1.0):
            assert response.status == 200, response
            done += 1
    connections.close()


def urllib3_threads(url: str, bundle: str | None, count: int) -> None:
    """urllib3, which botocore uses, from a pool of threads."""
    import urllib3  # noqa: PLC0415 - one engine a process

    pool = urllib3.PoolManager(maxsize=IN_FLIGHT, ca_certs=bundle)

    def send(_: int) -> None:
        assert pool.request("POST", url, body=BODY, headers=HEADERS, retries=False).status == 200

    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        for _ in threads.map(send, range(count)):
            pass


def aiohttp_tasks(url: str, bundle: str | None, count: int) -> None:
    """aiohttp, one thread."""
    import aiohttp  # noqa: PLC0415

    async def run() -> None:
        context: Any = ssl.create_default_context(cafile=bundle) if bundle else True
        left = iter(range(count))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT, ssl=context)
        ) as session:

            async def work() -> None:
                for _ in left:
                    async with session.post(url, data=BODY, headers=HEADERS) as answer:
                        await answer.read()
                        assert answer.status == 200

            await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))

    asyncio.run(run())


def awscrt_pool(url: str, bundle: str | None, count: int) -> None:
    """awscrt, AWS's own in C, on its event loop's threads."""
    from awscrt import http, io  # noqa: PLC0415

    parts = urlsplit(url)
    tls = None
    if bundle:
        options = io.TlsContextOptions()
        options.override_default_trust_store_from_path(None, bundle)
        tls = io.ClientTlsContext(options).new_connection_options()
        tls.set_server_name(parts.hostname)
    made = [
        http.HttpClientConnection.new(
            host_name=parts.hostname, port=parts.port, tls_connection_options=tls
        ).result(10)
        for _ in range(IN_FLIGHT)
    ]
    left, ended = iter(range(count)), threading.Semaphore(0)
    lock = threading.Lock()

    def send(connection: Any) -> None:
        with lock:
            if next(left, None) is None:
                ended.release()
                return
        headers = http.HttpHeaders(
            [*HEADERS.items(), ("Host", parts.netloc), ("Content-Length", str(len(BODY)))]
        )
        request = http.HttpRequest("POST", "/", headers, io.InputStream(BytesIO(BODY)))
        stream = connection.request(request, on_body=lambda **_: None)
        stream.completion_future.add_done_callback(lambda _: send(connection))
        stream.activate()

    for connection in made:
        send(connection)
    for _ in made:
        ended.acquire()


ENGINES: dict[str, Callable[[str, str | None, int], None]] = {
    "pycurl": pycurl_multi,
    "awscrt": awscrt_pool,
    "aiohttp": aiohttp_tasks,
    "urllib3": urllib3_threads,
}


def _measure(engine: str, url: str, bundle: str | None, count: int) -> float:
    """CPU per request in µs, in a process of its own."""
    command = [
        *(sys.executable, "-m", "benchmarks.http_engines", "--engine", engine, "--url", url),
        *("--requests", str(count), *(("--bundle", bundle) if bundle else ())),
    ]
    environment = {"PYTHONPATH": str(PROJECT / "batch_job"), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True, timeout=120
    )
    return float(json.loads(told.stdout)["us"])


def main() -> None:
    """Compare the engines; or, given one and a URL, be one of them."""
    parser = argparse.ArgumentParser(description="CPU per request of HTTP engines.")
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--url")
    parser.add_argument("--bundle")
    options = parser.parse_args()
    if options.engine:
        before = resource.getrusage(resource.RUSAGE_SELF)
        ENGINES[options.engine](options.url, options.bundle, options.requests)
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(json.dumps({"us": cpu_s / options.requests * 1e6}))
        return
    best: dict[tuple[str, bool], float] = {}
    with nginx_sink("http://127.0.0.1:9") as sink:
        for _ in range(options.repeats):
            for engine in ENGINES:
                for tls in (False, True):
                    url, bundle = (sink.tls_url, str(sink.ca_bundle)) if tls else (sink.plain_url, None)
                    took = _measure(engine, url + "/", bundle, options.requests)
                    best[engine, tls] = min(took, best.get((engine, tls), took))
    print(f"{'engine':<10}{'plain, µs':>12}{'TLS, µs':>12}")
    for engine in ENGINES:
        print(f"{engine:<10}{best[engine, False]:>12.0f}{best[engine, True]:>12.0f}")


if __name__ == "__main__":
    main()
