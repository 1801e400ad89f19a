"""Sets the scene of a journey and takes one step after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from botocore.exceptions import ClientError

from infra.emulator.delivery import Delivery
from infra.emulator.exercise.journey import MS_PER_SECOND, Absent, Journey, Status, Step, Stopped
from infra.emulator.exercise.steps import STEPS, Act
from infra.emulator.exercise.travel import Travel
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.permissions import PolicyError
from infra.emulator.pipeline import dead_letters_of_functions, endpoint
from infra.emulator.polling import Polling
from infra.emulator.required_permissions import UnknownCall
from infra.emulator.session import Session
from infra.emulator.user_pools import UserPools

Progress = Callable[[Step], None]


def exercise(
    session: Session,
    *,
    run: str = "exercise",
    progress: Progress = lambda step: None,
    runner: FunctionRunner | None = None,
    steps: Sequence[Act] = STEPS,
) -> Journey:
    """Send a video through a stack, and what else the stack is there for.

    Args:
        session: the stack, provisioned.
        run: name of this journey; a second one in the same session needs another, or its uploads are no new ones.
        progress: called after each step.
        runner: runs the functions; a new one when there is none.
        steps: to be taken, in order.

    Returns:
        The journey, also when it failed; then the steps that build on the failed one are not reached.
    """
    with contextlib.ExitStack() as opening:
        if runner is None:
            runner = opening.enter_context(FunctionRunner(opening.enter_context(endpoint(session))))
        delivery = Delivery(session.client, runner, dead_letters_of_functions(session))
        pools = UserPools(session.client, runner, delivery.function)
        travel = Travel(
            session,
            opening.enter_context(delivery),
            run,
            runner,
            Polling(session.client, runner, delivery, ACCOUNT_ID),
            opening.enter_context(pools),
        )
        for function in travel.functions():
            runner.warm(function)
        taken = tuple(_walk(travel, steps, progress))
        return Journey(taken, tuple(f"nothing needed {allowance}" for allowance in travel.audit.unused()))


def _walk(travel: Travel, steps: Sequence[Act], progress: Progress) -> Iterator[Step]:
    lost = False
    for title, act, needs_video in steps:
        step = Step(title, "not reached") if lost and needs_video else _take(title, act, travel)
        lost = lost or (needs_video and step.status == "failed")
        progress(step)
        yield step


def _take(title: str, act: Callable[[Travel], str], travel: Travel) -> Step:
    started = time.perf_counter()
    status: Status = "passed"
    evidence = ""
    causes: tuple[str, ...] = ()
    try:
        evidence = act(travel)
    except Absent as absent:
        status, evidence = "absent", str(absent)
    except Stopped as stopped:
        status, causes = "failed", stopped.causes
    except (UnknownCall, PolicyError, ClientError) as error:
        status, causes = "failed", (str(error),)
    return Step(title, status, evidence, causes, (time.perf_counter() - started) * MS_PER_SECOND)
