"""Runs two processes in every order in which their effects can meet.

Each process is a function that takes a gate and calls it before each of its effects. Between two gates
nothing is shared, so the orders of gates are all there is to try.
"""

import threading
from collections.abc import Callable, Iterator, Sequence

Gate = Callable[[str], None]
Process = Callable[[Gate], object]


class Actor:
    """A process in a thread of its own, which goes one gate further when it is told to."""

    def __init__(self, process: Process) -> None:
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self.finished = False
        self.trace: list[str] = []
        self.error: BaseException | None = None
        self._death: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(process,), daemon=True)
        self._thread.start()

    def step(self) -> None:
        self._go.release()
        self._stopped.acquire()

    def kill(self, death: BaseException) -> None:
        """End the process where it stands."""
        self._death = death
        self.step()

    def _run(self, process: Process) -> None:
        self._go.acquire()
        try:
            process(self._gate)
        except BaseException as error:
            self.error = error
        self.finished = True
        self._stopped.release()

    def _gate(self, name: str) -> None:
        self.trace.append(name)
        self._stopped.release()
        self._go.acquire()
        if self._death is not None:
            raise self._death


def every_order(start: Callable[[], Sequence[Process]]) -> Iterator[list[int]]:
    """Yield after each complete run of fresh processes; what is yielded is the order, as process numbers.

    The processes are alike, so orders in which another than the first begins would show nothing new.
    """
    prefix = [0]
    while prefix and prefix[0] == 0:
        order, choices = _run(start(), prefix)
        yield order
        prefix = _next(order, choices)


def _run(processes: Sequence[Process], prefix: list[int]) -> tuple[list[int], list[list[int]]]:
    actors = [Actor(process) for process in processes]
    order: list[int] = []
    choices: list[list[int]] = []
    while able := [number for number, actor in enumerate(actors) if not actor.finished]:
        chosen = prefix[len(order)] if len(order) < len(prefix) else able[0]
        choices.append(able)
        order.append(chosen)
        actors[chosen].step()
    for actor in actors:
        if actor.error is not None:
            raise actor.error
    return order, choices


def _next(order: list[int], choices: list[list[int]]) -> list[int]:
    """Give the prefix of the next order: the last place where a later process could go instead."""
    for place in reversed(range(len(order))):
        later = [number for number in choices[place] if number > order[place]]
        if later:
            return [*order[:place], later[0]]
    return []
