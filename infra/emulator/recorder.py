"""Runs the unmodified Pulumi program of a stack and records what it declares."""

from __future__ import annotations

from infra.emulator.language_host import run_program
from infra.emulator.monitor import Engine, ResourceMonitor
from infra.emulator.recording import Provider, Recording
from infra.errors import InfraError, ProgramError
from infra.stackfile import StackFile


def record(stackfile: StackFile, provider: Provider, *, preview: bool = False) -> Recording:
    """Run the program once.

    Args:
        stackfile: the stack to run.
        provider: creates the resources and answers functions.
        preview: run as ``pulumi preview`` does: nothing is created, computed outputs are unknown.

    Returns:
        Registrations, states and outputs; the same program and provider give the same recording.

    Raises:
        ProgramError: the program raised, or declares what the engine refuses: all faults at once.
    """
    monitor = ResourceMonitor(stackfile, provider, preview=preview)
    engine = Engine()
    try:
        run_program(stackfile, monitor, engine, preview=preview)
    except InfraError as error:
        if not monitor.faults:
            raise
        raise type(error)([*monitor.faults, *error.faults], trace=error.trace) from error
    if monitor.faults:
        raise ProgramError(monitor.faults)
    return monitor.recording(tuple(engine.messages))
