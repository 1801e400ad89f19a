"""What lets events and jobs of a session move: where functions reach it, and a thread that keeps it going."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping

from infra.emulator import mediaconvert
from infra.emulator.delivery import Delivery
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.polling import Polling
from infra.emulator.session import Session, moto_server
from infra.emulator.user_pools import UserPools

PAUSE_SECONDS = 0.2
"""Between two looks for something to do: soon enough for a person, seldom enough for the machine."""


def dead_letters_of_functions(session: Session) -> Mapping[str, str]:
    """Function name -> ARN of its dead-letter queue, from the requests that created them."""
    created = [request.params for request in session.requests if request.operation == "CreateFunction"]
    return {params["FunctionName"]: params.get("DeadLetterConfig", {}).get("TargetArn", "") for params in created}


@contextlib.contextmanager
def endpoint(session: Session) -> Iterator[str]:
    """Where functions, which are processes of their own, reach the emulated account of a session."""
    if session.endpoint:
        yield session.endpoint
    else:
        with moto_server() as url:
            yield url


@contextlib.contextmanager
def running(session: Session, tell: Callable[[str], None]) -> Iterator[None]:
    """Inside, events are delivered, queues and streams read and jobs finished by themselves, in a thread of their own.

    Args:
        session: a stack that has been provisioned.
        tell: called from that thread with one line for each thing that happened.
    """
    ended = threading.Event()
    with contextlib.ExitStack() as opening:
        runner = opening.enter_context(FunctionRunner(opening.enter_context(endpoint(session))))
        delivery = opening.enter_context(Delivery(session.client, runner, dead_letters_of_functions(session)))
        pools = opening.enter_context(UserPools(session.client, runner, delivery.function))
        polling = Polling(session.client, runner, delivery, ACCOUNT_ID)
        thread = threading.Thread(
            target=_keep_going, args=(session, delivery, polling, pools, tell, ended), name="pipeline"
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _keep_going(
    session: Session,
    delivery: Delivery,
    polling: Polling,
    pools: UserPools,
    tell: Callable[[str], None],
    ended: threading.Event,
) -> None:
    told = asked = 0
    while not ended.wait(PAUSE_SECONDS):
        try:
            for fetched in polling.once():
                tell(str(fetched))
            mediaconvert.backend(ACCOUNT_ID, session.recording.region).finish_jobs()
        except Exception as error:  # the server lives on: whoever looks at it is told
            tell(f"{type(error).__name__}: {error}")
        for entry in delivery.journal[told:]:
            tell(str(entry))
        told = len(delivery.journal)
        for question in pools.journal[asked:]:
            tell(str(question))
        asked = len(pools.journal)
