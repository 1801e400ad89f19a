"""``costmodel scenarios``: what the program can plan without a file of one's own."""

from __future__ import annotations

import typer


def scenarios() -> None:
    """List the scenarios that come with the program.

    For example:

      costmodel scenarios
    """
    from costmodel.scenario import load_scenario, shipped_scenarios

    for name in shipped_scenarios():
        typer.echo(f"{name:<12}{load_scenario(name).title}")
