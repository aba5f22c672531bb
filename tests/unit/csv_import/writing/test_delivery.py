from collections.abc import Mapping

import pytest

from csv_import.errors import BadConfiguration, Interrupted, LeaseLost, ServiceAway
from csv_import.writing.batch import Batch
from csv_import.writing.delivery import Answer, Delivery, Effort, Trouble
from tests.unit.csv_import.writing.fakes import Table, backoff, item, throttled


def batch_of(*keys: str) -> Batch:
    batch = Batch(segment=0)
    for key in keys:
        batch.put(item(key, key.encode()))
    return batch


class Script:
    """Answers in turn: each step is how many items are left unprocessed, and why."""

    def __init__(self, *steps: tuple[int, Trouble]) -> None:
        self.steps = list(steps)
        self.sent: list[list[bytes]] = []

    def __call__(self, items: Mapping[bytes, bytes]) -> Answer:
        self.sent.append(sorted(items.values()))
        left, trouble = self.steps.pop(0) if self.steps else (0, Trouble.THROTTLED)
        taken = self.sent[-1][: len(items) - left]
        unprocessed = frozenset(key for key, body in items.items() if body not in taken)
        return Answer(unprocessed, trouble if left else None, "why")


def delivery(send: Script | Table, repetitions: int = 100) -> Delivery:
    return Delivery(send, backoff(repetitions), before_send=lambda: None)


def test_what_is_taken_at_once_takes_one_request() -> None:
    script = Script()
    to = delivery(script)
    to.deliver(batch_of("a", "b"))
    assert to.effort == Effort(requests=1, throttles=0, retries=0)


def test_only_what_was_left_is_sent_again() -> None:
    script = Script((2, Trouble.THROTTLED), (2, Trouble.UNAVAILABLE), (1, Trouble.THROTTLED))
    to = delivery(script)
    to.deliver(batch_of("a", "b", "c"))
    assert script.sent == [[b"a", b"b", b"c"], [b"b", b"c"], [b"b", b"c"], [b"c"]]
    assert to.effort == Effort(requests=4, throttles=2, retries=3)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_when_nothing_gets_through_for_too_long_the_service_is_away(trouble: Trouble) -> None:
    script = Script(*[(2, trouble)] * 100)
    with pytest.raises(ServiceAway, match=r"took nothing for 3 s: why") as caught:
        delivery(script, repetitions=3).deliver(batch_of("a", "b"))
    assert caught.value.code == f"table_{trouble}"
    assert len(script.sent) == 4


def test_an_item_that_gets_through_starts_the_budget_anew() -> None:
    keys = [str(number) for number in range(10)]
    steps = [(left, Trouble.THROTTLED) for left in range(9, 0, -1) for _ in range(3)]
    delivery(Script(*steps), repetitions=3).deliver(batch_of(*keys))


def test_each_batch_has_a_budget_of_its_own() -> None:
    to = delivery(
        Script(*[(1, Trouble.THROTTLED)] * 2, (0, Trouble.THROTTLED), *[(1, Trouble.THROTTLED)] * 2), 3
    )
    to.deliver(batch_of("a"))
    to.deliver(batch_of("b"))
    assert to.effort.requests == 6


def test_the_right_to_write_is_looked_at_before_every_request() -> None:
    rights = iter([None, None, LeaseLost("lease_expired", "")])
    script = Script(*[(1, Trouble.THROTTLED)] * 10)

    def check() -> None:
        if (lost := next(rights)) is not None:
            raise lost

    with pytest.raises(LeaseLost):
        Delivery(script, backoff(), check).deliver(batch_of("a"))
    assert len(script.sent) == 2


def test_nothing_is_sent_without_the_right_to_write() -> None:
    def check() -> None:
        raise Interrupted

    table = Table()
    with pytest.raises(Interrupted):
        Delivery(table, backoff(), check).deliver(batch_of("a"))
    assert table.sent == []


def test_what_repeating_cannot_mend_is_passed_on() -> None:
    def refuse(items: Mapping[bytes, bytes]) -> Answer:
        raise BadConfiguration("request_refused", "no")

    with pytest.raises(BadConfiguration):
        Delivery(refuse, backoff(), lambda: None).deliver(batch_of("a"))


def test_a_repetition_that_nobody_wants_any_more_is_not_made() -> None:
    def unwanted() -> None:
        raise ServiceAway("s3_unavailable", "another lane")

    to = Delivery(throttled, backoff(), lambda: None)
    with pytest.raises(ServiceAway, match="another lane"):
        to.deliver(batch_of("a"), unwanted)
    assert to.effort.requests == 1
