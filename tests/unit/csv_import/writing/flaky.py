"""A sender that throttles, loses answers and takes requests in part, in front of one that works."""

from __future__ import annotations

import json
import random

from csv_import.writing.connections import Response
from csv_import.writing.route import Sender

THROTTLED = Response(400, b'{"__type":"x#ThrottlingException","message":"injected"}')


class Flaky:
    """DynamoDB on a bad day, in front of the real connections; every choice comes from the seed."""

    def __init__(self, sender: Sender, seed: int) -> None:
        self.sender = sender
        self.seed = seed
        self.asked = 0
        self.troubled = 0
        self.said: list[tuple[int, Response]] = []
        self.instead: dict[int, Response | None] = {}

    def start(self, lane: int, headers: list[str], body: bytes) -> None:
        self.asked += 1
        self.instead[lane] = None
        match random.Random(f"{self.seed} {self.asked}").choice(
            ["throttle", "lose the answer", "take some", "take all"]
        ):
            case "throttle":
                self.troubled += 1
                self.said.append((lane, THROTTLED))
                return
            case "lose the answer":
                self.troubled += 1
                self.instead[lane] = Response(0, failure="injected")
            case "take some":
                body = self._some(lane, body)
        self.sender.start(lane, headers, body)

    def _some(self, lane: int, body: bytes) -> bytes:
        """Every other item of a batch; a single item stays whole."""
        told = json.loads(body)
        if "RequestItems" not in told:
            return body
        ((table, requests),) = told["RequestItems"].items()
        if left := requests[1::2]:
            self.troubled += 1
            self.instead[lane] = Response(200, json.dumps({"UnprocessedItems": {table: left}}).encode())
        return json.dumps({"RequestItems": {table: requests[::2]}}).encode()

    def finished(self, wait_s: float) -> list[tuple[int, Response]]:
        said, self.said = self.said, []
        come = self.sender.finished(0.0 if said else wait_s)
        return [*said, *((lane, self._instead_of(lane, response)) for lane, response in come)]

    def _instead_of(self, lane: int, response: Response) -> Response:
        """What is made of the real answer; a refusal of some of the items stays one."""
        instead = self.instead[lane]
        if instead is None or (instead.status == 200 and response.status != 200):
            return response
        return instead

    def close(self) -> None:
        self.sender.close()
