"""Everything that is fetched, and not pushed: queues and streams by Lambda, streams by pipes."""

from __future__ import annotations

from collections.abc import Iterator

from infra.emulator.dead_letters import Clients
from infra.emulator.delivery import Delivery, Runner
from infra.emulator.pipe_polling import Flow, PipePolling
from infra.emulator.queue_polling import Batch, poll
from infra.emulator.stream_polling import Reading, StreamPolling

Fetched = Batch | Reading | Flow
"""What became of one batch; each says it as text."""
MOST_ROUNDS = 100
"""A stack whose parts set each other off for ever is cut short."""


class Polling:
    """Fetches for the functions and pipes of a stack.

    Attributes:
        journal: what was fetched, in order.
    """

    def __init__(self, clients: Clients, runner: Runner, delivery: Delivery, account: str) -> None:
        """Begin to read streams at this moment.

        Args:
            clients: of the account.
            runner: runs the functions.
            delivery: knows the functions, and serves the events that they set off.
            account: twelve digits.
        """
        self.journal: list[Fetched] = []
        self._clients = clients
        self._runner = runner
        self._delivery = delivery
        self._streams = StreamPolling(clients, runner, delivery.function)
        self._pipes = PipePolling(clients, account)

    def once(self) -> list[Fetched]:
        """Deliver what is there, then fetch one batch from wherever there is something."""
        self._delivery.drain()
        fetched = list(self._batches())
        self.journal += fetched
        return fetched

    def settle(self) -> None:
        """Go on until nothing moves any more.

        Raises:
            RuntimeError: the parts of the stack set each other off without end.
        """
        for _ in range(MOST_ROUNDS):
            fetched = self.once()
            # What cannot be fetched stays where it is, and is told once.
            if not any(moved(one) for one in fetched):
                self._delivery.drain()
                return
        raise RuntimeError(f"the stack does not come to rest: {'; '.join(map(str, fetched))}")

    def repeat(self) -> None:
        """Hand the last batch of each stream over once more, then go on until nothing moves any more."""
        self.journal += self._streams.repeat()
        self.settle()

    def _batches(self) -> Iterator[Fetched]:
        yield from poll(self._clients, self._runner, self._delivery.function)
        yield from self._streams.poll()
        yield from self._pipes.poll()


def moved(fetched: Fetched) -> bool:
    """Whether a batch was really handed over, so that there may be more behind it."""
    return not fetched.obstacle if isinstance(fetched, Batch) else fetched.records > 0
