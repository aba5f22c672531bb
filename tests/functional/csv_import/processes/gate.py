"""A gate before moto: all requests of all processes pass it one by one, and at any of them something may happen."""

from __future__ import annotations

import io
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

_SIGNER = re.compile(r"Credential=([^/]+)/")
_WRITES = ("BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem")


@dataclass
class Moment:
    """What happens to a process at one of its requests.

    Args:
        at: the number of the request, from 1.
        acts: what happens, one after the other.
        before: whether it happens before the request has its effect, which it then never has.
        holds: whether this answer and all later ones are kept back until `release`.
    """

    at: int
    acts: list[Callable[[], None]] = field(default_factory=list)
    before: bool = False
    holds: bool = False
    come: threading.Event = field(default_factory=threading.Event)
    held: int = 0
    _released: threading.Event = field(default_factory=threading.Event)

    def happen(self) -> None:
        for act in self.acts:
            act()
        self.come.set()

    def release(self) -> None:
        self._released.set()

    def pass_on(self) -> None:
        """Return when the answer may go to the process."""
        if self.holds and self.come.is_set() and not self._released.is_set():
            self.held += 1
            self._released.wait()


@dataclass(frozen=True)
class Write:
    """A write to the target table: who sent it, as which of its requests, and the request's body."""

    who: str
    number: int
    body: bytes


class Gate:
    """A WSGI application around moto's; a process is known by its access key."""

    def __init__(self, table: str) -> None:
        self.asked: Counter[str] = Counter()
        self.writes: list[Write] = []
        self._table = table
        self._moments: dict[str, Moment] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._one_by_one = threading.Lock()

    def expect(self, who: str, moment: Moment) -> None:
        self._moments[who] = moment

    def forget(self) -> None:
        """Know nothing of earlier processes."""
        self.asked.clear()
        self.writes.clear()
        self._moments.clear()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        signer = _SIGNER.search(environ.get("HTTP_AUTHORIZATION", ""))
        who = signer[1] if signer else ""
        moment = self._moments.get(who)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self._one_by_one:
            self.asked[who] += 1
            comes = moment is not None and self.asked[who] == moment.at
            if moment and comes and moment.before:
                moment.happen()
                start_response("503 Service Unavailable", [])
                return []
            self._note(who, environ, body)
            status, headers, answer = self._answer({**environ, "wsgi.input": io.BytesIO(body)})
            if moment and comes:
                moment.happen()
        if moment:
            moment.pass_on()
        start_response(status, headers)
        return [answer]

    def _note(self, who: str, environ: dict[str, Any], body: bytes) -> None:
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if operation in _WRITES and self._table in _tables(json.loads(body)):
            self.writes.append(Write(who, self.asked[who], body))

    def _answer(self, environ: dict[str, Any]) -> tuple[str, Any, bytes]:
        said: list[Any] = []
        parts = self._moto(environ, lambda status, headers, _=None: said.extend((status, headers)))
        answer = b"".join(parts)
        return said[0], said[1], answer


def _tables(request: dict[str, Any]) -> list[str]:
    return [*request.get("RequestItems", ()), request.get("TableName", "")]


class _Silent(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing of each request."""


@contextmanager
def serving(gate: Gate) -> Iterator[str]:
    """Serve on a free port of this machine; gives the endpoint."""
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
