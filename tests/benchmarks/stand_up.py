"""How long it takes to stand the prod stack up on moto, beside the very same AWS calls made bare.

The calls of one ``Session`` are written down with their parameters; the baseline is a process of its own that makes
them again, in order, with plain boto3 clients: no Pulumi program, no mapping, no API model, no comparison. Moto's
random ids start from the same seed, so the ids in the parameters are those that moto gives out again; a call that
fails ends the benchmark. A second baseline has the savings of a session, too (``load_once``, no garbage collection):
the ratio to it is what program, mapping and checks cost.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import Row, called

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
STACK = "prod"
RUNS = 3
SAVING = "--saving"


@dataclass(frozen=True)
class AwsCall:
    """One call of boto3."""

    service: str
    region: str
    method: str
    params: dict[str, Any]


def rows() -> list[Row]:
    """The command, start-up included, against processes that only make its calls."""
    calls, resources = recorded(STACK)
    seconds = called(_process(BIN / "infra", "validate", "--stack", STACK, "--json"), RUNS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.pickle"
        path.write_bytes(pickle.dumps(calls))
        bare, saving = (called(_process(sys.executable, __file__, path, *words), RUNS) for words in ([], [SAVING]))
    name, count = f"infra validate --stack {STACK}", len(calls)
    return [
        Row(name, seconds, f"its {count} AWS calls, bare", bare, f"{resources / seconds:.0f} resources/s"),
        Row(name, seconds, "the same with a session's savings", saving),
    ]


def recorded(stack: str) -> tuple[list[AwsCall], int]:
    """Every call that standing a stack up makes, in order, and how many resources it has."""
    from infra.emulator.session import Session
    from infra.stackfile import load_stack

    calls: list[AwsCall] = []

    class RecordedSession(Session):
        @functools.cache  # noqa: B019 - one session in this process
        def client(self, service: str, region: str = "") -> Any:
            made = super().client(service, region)
            where = made.meta.region_name
            names = {operation: method for method, operation in made.meta.method_to_api_mapping.items()}

            def note(params: dict[str, Any], model: Any, **_: Any) -> None:
                calls.append(AwsCall(service, where, names[model.name], dict(params)))

            made.meta.events.register_first("provide-client-params", note)
            return made

    with RecordedSession(load_stack(ROOT, stack)) as session:
        recording = session.provision()
    return calls, sum(registration.custom for registration in recording.registrations)


def replay(calls: list[AwsCall], *, saving: bool) -> None:
    """Make the calls again on an empty moto with everything that a session adds to it."""
    import boto3
    from moto import mock_aws
    from moto.moto_api._internal import mock_random

    from infra.emulator import gaps, mediaconvert, safety
    from infra.emulator.load_once import load_once
    from infra.emulator.naming import ACCOUNT_ID
    from infra.emulator.session import CLIENT_CONFIG, MOTO_CONFIG, SEED

    @functools.cache
    def client(service: str, region: str) -> Any:
        factory: Any = boto3.client
        return factory(service, region_name=region, config=CLIENT_CONFIG)

    # As in a session: else moto makes AWS's managed policies for six partitions, and other ids for all that follows.
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT_ID
    with safety.clean_environment(), safety.no_network(), load_once() if saving else contextlib.nullcontext():
        if saving:
            gc.disable()
        gaps.install()
        mediaconvert.install()
        with mock_aws(config=MOTO_CONFIG):
            mock_random.seed(SEED)
            for call in calls:
                getattr(client(call.service, call.region), call.method)(**call.params)


def _process(*words: str | Path) -> Callable[[], object]:
    return lambda: subprocess.run(list(words), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    # Pickled under the name by which the benchmark imports this file.
    sys.modules["stand_up"] = sys.modules["__main__"]
    replay(pickle.loads(Path(sys.argv[1]).read_bytes()), saving=SAVING in sys.argv)
