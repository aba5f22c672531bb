"""A sink that is never the bottleneck: nginx takes every BatchWriteItem at once and passes other calls on.

It listens on two free loopback ports, plain and TLS with a certificate made for the run, and ends with the block.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 15
TAKEN = '{"UnprocessedItems":{}}'


@dataclass(frozen=True, slots=True)
class NginxSink:
    """Where it listens, and the certificate to trust."""

    plain_url: str
    tls_url: str
    ca_bundle: Path


@contextmanager
def nginx_sink(forward: str) -> Iterator[NginxSink]:
    """Run nginx; calls that are no BatchWriteItem or PutItem to the items table go to the URL `forward`."""
    nginx = find_nginx()
    with tempfile.TemporaryDirectory(prefix="sink-") as name:
        folder = Path(name)
        plain, tls = _free_ports(2)
        _make_certificate(folder)
        (folder / "nginx.conf").write_text(_configuration(folder, plain, tls, forward))
        server = subprocess.Popen(
            [nginx, "-p", name, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait_for(plain, server, folder)
            yield NginxSink(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", folder / "cert.pem")
        finally:
            server.terminate()
            server.wait(10)


def find_nginx() -> str:
    """The path of nginx; installed where it is missing and this is root on Debian."""
    for path in (shutil.which("nginx"), "/usr/sbin/nginx"):
        if path and Path(path).exists():
            return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing nginx ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", "nginx-light"], check=False, **quiet)  # type: ignore[call-overload]
        if path := shutil.which("nginx"):
            return path
    raise SystemExit("nginx is missing: install it (Debian: apt-get install nginx-light) and run this again")


def _configuration(folder: Path, plain: int, tls: int, forward: str) -> str:
    """One process; bodies are read and dropped."""
    temporary = "\n".join(
        f"  {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  client_max_body_size 17m;
  client_body_buffer_size 1m;
  default_type application/x-amz-json-1.0;
{temporary}
  map $http_x_amz_target $taken {{
    default 0;
    DynamoDB_20120810.BatchWriteItem 1;
    DynamoDB_20120810.PutItem 1;
  }}
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      if ($taken) {{ return 200 '{TAKEN}'; }}
      proxy_pass {forward};
      proxy_set_header Host $http_host;
    }}
  }}
}}
"""


def _make_certificate(folder: Path) -> None:
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait_for(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = folder / "error.log"
                raise SystemExit(
                    f"nginx did not start: {log.read_text()[-300:] if log.exists() else ''}"
                ) from None
            time.sleep(0.05)
