"""Sends batches lane by lane: one request in flight per lane, repeated until all of it is settled.

One thread does it all: whoever hands in a batch also moves the requests on. Nothing is locked, and a failure is
raised where the next batch is handed in.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from csv_import.errors import BadConfiguration, Interrupted, JobStop, ServiceAway
from csv_import.waiting import Backoff
from csv_import.writing.answers import Answer, Trouble, judge
from csv_import.writing.batch import Batch, Entries, halves, pieces
from csv_import.writing.bucket import Bucket
from csv_import.writing.connections import Response
from csv_import.writing.effort import Effort
from csv_import.writing.lane import PIECE_BYTES, Lane, OpenBatch, Piece, Progress
from csv_import.writing.route import Route
from csv_import.writing.window import Window

MAX_WAIT_S = 0.25
"""The longest wait without a look at the lease and at SIGTERM."""

TAKEN_AT_ONCE = 16
"""Batches that are taken before the requests are moved on: a look at every connection costs more than a batch."""

MAX_REFUSED = 1000
"""More items of a part refused than this, and it is the table that does not fit, not the rows."""


class Sending:
    """Takes sealed batches of lanes and settles them.

    Args:
        route: where they go.
        lanes: how many there are.
        window: how many requests may be in flight.
        bucket: the budget of write units.
        effort: what it takes, to be counted.
        backoff: paces the repetitions of a batch; a new one each.
        before_send: called ahead of every request; raises where this attempt may no longer write.
        clock: seconds that only grow.
        pause: sleeps while nothing is in flight.
        drain_s: how long `close` waits for answers.
        progress: hears what became of batches.
        refused: items that earlier attempts at the part were refused, as far as they are kept.

    Attributes:
        unsettled, unsettled_bytes: batches taken and not settled, and what they take of memory.
        taken_apart: rows that had become one item with others and were sent by themselves after all.
    """

    def __init__(
        self,
        route: Route,
        *,
        lanes: int,
        window: Window,
        bucket: Bucket,
        effort: Effort,
        backoff: Callable[[], Backoff],
        before_send: Callable[[], None],
        clock: Callable[[], float],
        pause: Callable[[float], object],
        drain_s: float,
        progress: Progress,
        refused: int = 0,
    ) -> None:
        self._route = route
        self._lanes = [Lane(number) for number in range(lanes)]
        self._window = window
        self._bucket = bucket
        self._new_backoff = backoff
        self._before_send = before_send
        self._clock = clock
        self._pause = pause
        self._drain_s = drain_s
        self._progress = progress
        self._ready: deque[Lane] = deque()
        self._resting: list[tuple[float, int]] = []
        self._taken = 0
        self._refused = refused
        self.effort = effort
        self._taken_at = clock()
        self.taken_apart = 0
        self.unsettled = 0
        self.unsettled_bytes = 0

    def take(self, lane: int, batch: Batch) -> None:
        """Take a batch on its way, behind the lane's earlier ones.

        Raises:
            JobStop: why nothing more can be written.
        """
        to = self._lanes[lane]
        if not to.waiting:
            self._ready.append(to)
        parts = pieces(batch.entries, self._route.kind.max_items)
        opened = OpenBatch(batch, batch.size + PIECE_BYTES * len(parts), len(parts))
        self.unsettled += 1
        self.unsettled_bytes += opened.size
        to.waiting.extend([Piece(opened, entries, len(entries)) for entries in parts])
        self._taken += 1
        if self._taken % TAKEN_AT_ONCE == 0:
            self.move(0.0)

    def advance(self) -> None:
        """Return when something may have changed: an answer, a pause that ended.

        Raises:
            JobStop: why nothing more can be written.
        """
        self._before_send()
        wait_s = min(self._wait_s(), MAX_WAIT_S)
        if self.effort.in_flight:
            self.move(wait_s)
        else:
            if wait_s > 0:
                self._pause(wait_s)
            self.move(0.0)

    def move(self, wait_s: float) -> None:
        """Settle what has been answered, waiting for that so long at most, and send what may be sent.

        Raises:
            JobStop: why nothing more can be written.
        """
        if self.effort.in_flight:
            self._before_send()  # what was begun may still be on this side of its socket
        failure: Exception | None = None
        for number, response in self._route.sender.finished(wait_s):
            try:
                self._answered(self._lanes[number], response)
            except Exception as error:  # the other answers count all the same
                failure = failure or error
        if failure is not None:
            raise failure
        if self._resting:
            self._wake()
        while self._ready:
            now = self._clock()
            if self._window.wait_s(self.effort.in_flight, now) > 0 or self._bucket.wait_s(now) > 0:
                break
            self._send(self._ready.popleft(), now)

    def close(self) -> None:
        """Send nothing more; account for the answers to what is in flight, if this attempt may still write.

        What has no answer after `drain_s` stays unsettled: the next attempt writes it again.
        """
        self._ready.clear()
        give_up_at = self._clock() + self._drain_s
        while self.effort.in_flight and self._clock() < give_up_at and self._may_finish():
            for number, response in self._route.sender.finished(MAX_WAIT_S):
                try:
                    self._answered(self._lanes[number], response)
                except Exception:  # noqa: S112 - another failure is on its way up already
                    continue

    def _may_finish(self) -> bool:
        try:
            self._before_send()
        except Interrupted:
            return True
        except JobStop:
            return False
        return True

    def _send(self, lane: Lane, now: float) -> None:
        self._before_send()
        route, entries = self._route, lane.waiting[0].entries
        body = route.kind.body(entries)
        try:
            headers = route.sign(body)
        except (BotoCoreError, ClientError, RuntimeError) as error:  # no fresh credentials just now
            self._later(lane, Answer(frozenset(entries), Trouble.UNAVAILABLE, type(error).__name__))
            return
        lane.started = now
        lane.units = route.cost.of(entries) if self._bucket.units_per_s is not None else 0
        self._bucket.take(lane.units)
        route.sender.start(lane.number, headers, body)
        self.effort.sent()

    def _answered(self, lane: Lane, response: Response) -> None:
        now = self._clock()
        self.effort.answered(now - lane.started)
        piece = lane.waiting[0]
        answer = judge(response, self._route.kind, piece.entries, self._route.table_name)
        self._settle_units(lane, piece, answer)
        if answer.refused is None and answer.trouble is not Trouble.UNAVAILABLE:
            refused = len(answer.unprocessed)
            taken = len(piece.entries) - refused
            self._window.answered(lane.started, now, taken / piece.items, refused / piece.items)
            if taken:
                self._taken_at = now
        if answer.refused is not None:
            self._split(lane, piece, answer.refused)
        elif answer.unprocessed:
            self._keep_unprocessed(piece, answer)
            self._later(lane, answer)
        else:
            piece.open.settled += len(piece.entries)
            if answer.left_alone is not None:
                for key in piece.entries:
                    self._progress.tell(piece.open.batch.segment, key, answer.left_alone)
            self._piece_done(lane)

    def _settle_units(self, lane: Lane, piece: Piece, answer: Answer) -> None:
        consumed = answer.units
        if consumed is None:  # it did not say; of a lost answer nobody knows what became of the items
            lost = answer.trouble is Trouble.UNAVAILABLE
            taken = 1.0 if lost else 1 - len(answer.unprocessed) / len(piece.entries)
            consumed = 0.0 if answer.refused is not None else lane.units * taken
        self._bucket.settle(lane.units, consumed)
        self.effort.units += consumed

    def _keep_unprocessed(self, piece: Piece, answer: Answer) -> None:
        if len(answer.unprocessed) < len(piece.entries):
            piece.open.settled += len(piece.entries) - len(answer.unprocessed)
            piece.entries = {key: entry for key, entry in piece.entries.items() if key in answer.unprocessed}
            piece.backoff = None  # something got through: what comes is paced anew

    def _later(self, lane: Lane, answer: Answer) -> None:
        """The lane's head is to be sent again after a pause."""
        self.effort.retries += 1
        self.effort.throttles += answer.trouble is Trouble.THROTTLED
        piece = lane.waiting[0]
        backoff = piece.backoff = piece.backoff or self._new_backoff()
        pause_s = backoff.next_pause()
        nothing_for_s = self._clock() - self._taken_at
        if pause_s is None and nothing_for_s < backoff.budget_s:
            backoff.progress()  # others got through meanwhile: the table is busy, not away
            pause_s = backoff.next_pause()
        if pause_s is None:
            raise ServiceAway(
                f"table_{answer.trouble or Trouble.UNAVAILABLE}",
                f"DynamoDB took nothing of any batch for {nothing_for_s:.0f} s: {answer.detail}",
            )
        heapq.heappush(self._resting, (self._clock() + pause_s, lane.number))

    def _split(self, lane: Lane, piece: Piece, message: str) -> None:
        """DynamoDB refuses the items as they are: find out which rows it means, for the others are good."""
        if len(piece.entries) > 1:
            self._send_apart(lane, piece, halves(piece.entries))
            return
        ((key, entry),) = piece.entries.items()
        batch = piece.open.batch
        rows = batch.merged.get(key)
        if rows is not None and not piece.alone:
            self.taken_apart += len(rows) - 1
            self._send_apart(lane, piece, [{key: row} for row in rows], alone=True)
            return
        self._refused += 1
        if self._refused > MAX_REFUSED:
            raise BadConfiguration(
                "request_refused",
                f"{self._route.table_name} refuses more than {MAX_REFUSED} items of one part",
                f": {message}",
            )
        self._progress.refused(batch.segment, entry[1], key, message)
        self._piece_done(lane)

    def _send_apart(self, lane: Lane, piece: Piece, parts: Sequence[Entries], *, alone: bool = False) -> None:
        """Put several requests in the place of the lane's head, in this order."""
        self.effort.retries += 1
        lane.waiting.popleft()
        for entries in reversed(parts):
            lane.waiting.appendleft(Piece(piece.open, entries, len(entries), alone))
        piece.open.pieces += len(parts) - 1
        self._ready.append(lane)

    def _piece_done(self, lane: Lane) -> None:
        opened = lane.waiting.popleft().open
        opened.pieces -= 1
        if not opened.pieces:
            self.unsettled -= 1
            self.unsettled_bytes -= opened.size
            self._progress.acknowledged(opened.batch.segment, opened.settled)
        if lane.waiting:
            self._ready.append(lane)

    def _wake(self) -> None:
        now = self._clock()
        while self._resting and self._resting[0][0] <= now:
            self._ready.append(self._lanes[heapq.heappop(self._resting)[1]])

    def _wait_s(self) -> float:
        """Seconds until something can be sent without an answer coming first."""
        now = self._clock()
        if self._ready:
            paced = max(self._window.wait_s(self.effort.in_flight, now), self._bucket.wait_s(now))
        else:
            paced = float("inf")
        rested = max(0.0, self._resting[0][0] - now) if self._resting else float("inf")
        return min(paced, rested)
