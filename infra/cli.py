"""``infra``: see what a stack declares, and stand it up on moto. Exit code 1: a check failed; 2: it cannot be run."""

from __future__ import annotations

import atexit
import contextlib
import gc
import itertools
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.emulator.exercise import Journey, Step
    from infra.emulator.provision import Result
    from infra.emulator.recording import Recording
    from infra.emulator.session import Session
    from infra.emulator.validation import Row
    from infra.errors import InfraError
    from infra.policies.judgement import Judgement
    from infra.stackfile import StackFile

STEP_COLOURS = {"passed": None, "failed": "red", "not reached": "bright_black", "absent": "bright_black"}

FAILED_CHECK = 1
BAD_INPUT = 2

app = typer.Typer(
    help="See what a stack declares, and stand it up on moto: no AWS account, no Pulumi CLI, no network.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: rich takes longer to import than the rest of the command line.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Stack = Annotated[str, typer.Option("--stack", "-s", help="Name of the stack: Pulumi.<stack>.yaml.")]
Directory = Annotated[
    Path, typer.Option("--cwd", help="Directory of the Pulumi project, or below it.", show_default="here")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write; standard output without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of {urn, type, status, reason}.")]
PoliciesAsJson = Annotated[bool, typer.Option("--json", help="All controls with their findings as JSON.")]
AsOutline = Annotated[bool, typer.Option("--outline", help="One line a resource, to be read and compared.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="As a page for the docs.")]
Schema = Annotated[bool, typer.Option("--schema", help="As JSON Schema, for editors.")]
Exercise = Annotated[bool, typer.Option("--exercise", help="Then send a video through the stack, step by step.")]
Port = Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"infra (reelplan) {version('reelplan')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def plan(stack: Stack = "dev", as_outline: AsOutline = False, out: Out = None, cwd: Directory = Path()) -> None:
    """Write the inventory of a stack: every resource that its program declares.

    The program runs three times: twice to see that it declares the same, once as a preview to see that nothing hides.

    Examples:
        infra plan

        infra plan --stack prod --out inventory.json

        infra plan --stack prod --outline
    """
    from infra.emulator.checks import differences, hidden_from_preview
    from infra.emulator.plan_provider import PlanProvider
    from infra.emulator.recorder import record
    from infra.inventory import as_json, inventory, write
    from infra.outline import outline

    stackfile = _load(cwd, stack)
    run = record(stackfile, PlanProvider())
    again = record(stackfile, PlanProvider())
    preview = record(stackfile, PlanProvider(), preview=True)
    for message in run.messages:
        typer.echo(message, err=True)
    findings = [*differences(run, again), *hidden_from_preview(run, preview)]
    if findings:
        typer.echo("\n".join(findings), err=True)
        raise typer.Exit(FAILED_CHECK)
    text = (outline if as_outline else as_json)(inventory(run))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write(text, out)
        typer.echo(f"{len(run.registrations)} resources of {run.project}/{run.stack} written to {out}", err=True)


@app.command()
def validate(
    stack: Stack = "dev", exercise: Exercise = False, as_json: AsJson = False, cwd: Directory = Path()
) -> None:
    """Stand a stack up on moto: every resource is created through the AWS API, read back and compared.

    Each resource ends as `provisioned`, or as `checked` against the API model only, with a reason; none is skipped.
    A stack with a profile is also held against the policies: `infra policies` shows them all.
    With --exercise a video then travels through it: uploaded, announced, submitted by the deployed code, transcoded,
    published. What keeps it from arriving is named, and the exit code is 1.

    Examples:
        infra validate

        infra validate --stack prod --json

        infra validate --exercise
    """
    from infra.emulator import validation
    from infra.emulator.session import Session

    stackfile = _load(cwd, stack)
    started = time.perf_counter()
    typer.echo(f"Standing up {stackfile.project}/{stack} on moto", err=True)
    with Session(stackfile) as session:
        with _progress() as show:
            recording = session.provision(show)
        results = validation.account_for(recording, session.results)
        if not as_json:
            _print_rows(validation.rows(recording, results))
            typer.echo(f"{validation.summary(results)} ({time.perf_counter() - started:.1f} s)")
        tolerated = _hold_against_policies(stackfile, recording, to_stderr=as_json)
        journey = _travel(session, quiet=as_json) if exercise else None
    if as_json:
        entries = [_entry(result) for result in results]
        typer.echo(json.dumps({"resources": entries, "journey": journey.as_json()} if journey else entries, indent=2))
    if not tolerated or (journey and not journey.ok):
        raise typer.Exit(FAILED_CHECK)


@app.command()
def serve(stack: Stack = "dev", port: Port = 5000, cwd: Directory = Path()) -> None:
    """Leave a moto server running on this machine with a stack in it, until Ctrl-C.

    The stack is alive: an uploaded video is announced, submitted, transcoded and published as on AWS.

    Examples:
        infra serve --port 5000

        aws --endpoint-url http://127.0.0.1:5000 s3 ls
    """
    from infra.emulator import pipeline, validation
    from infra.emulator.session import Session

    stackfile = _load(cwd, stack)
    typer.echo(f"Standing up {stackfile.project}/{stack} on moto", err=True)
    with Session(stackfile, where="server", port=port) as session:
        with _progress() as show:
            recording = session.provision(show)
        typer.echo(validation.summary(validation.account_for(recording, session.results)))
        # Before the address is told: whoever reads it may send the signal at once.
        ended = _ended_by_a_signal()
        typer.echo(_how_to_look_around(session.endpoint, stackfile.region, str(recording.outputs.get("rawBucket", ""))))
        with pipeline.running(session, typer.echo):
            ended.wait()
            typer.echo("stopped", err=True)


@app.command()
def policies(
    stack: Stack = "dev",
    as_json: PoliciesAsJson = False,
    markdown: Markdown = False,
    out: Out = None,
    cwd: Directory = Path(),
) -> None:
    """Hold a stack against all policies: what each asks for, what it judged, what failed, what is waived and why.

    Examples:
        infra policies --stack prod

        infra policies --stack prod --markdown --out docs/policies.md
    """
    from infra.emulator.plan_provider import PlanProvider
    from infra.emulator.recorder import record
    from infra.policies import report

    stackfile = _load(cwd, stack)
    judgement = _judgement(record(stackfile, PlanProvider()), stackfile.profile or "prod")
    if as_json:
        _write(report.as_json(judgement), out)
    elif markdown:
        _write(report.as_markdown(judgement, f"infra policies --stack {stack} --markdown"), out)
    else:
        lines = [*report.control_lines(judgement.controls), *report.finding_lines(judgement), judgement.summary]
        _write("\n".join(lines) + "\n", out)
    if not judgement.ok:
        raise typer.Exit(FAILED_CHECK)


@app.command()
def settings(schema: Schema = False, markdown: Markdown = False, out: Out = None) -> None:
    """Describe the settings of a stack file, key by key: type, default by profile and size, meaning.

    Examples:
        infra settings --markdown --out docs/settings.md

        infra settings --schema --out infra/settings.schema.json
    """
    from infra import settings_reference

    if schema and markdown:
        raise typer.BadParameter("--schema and --markdown are two forms of one thing: choose one")
    _write(settings_reference.schema_text() if schema else settings_reference.page(), out)


@app.command()
def diagram(stack: Stack = "dev", out: Out = None, cwd: Directory = Path()) -> None:
    """Draw the stack's architecture as an SVG: its components and what flows between them.

    Examples:
        infra diagram --stack prod --out docs/architecture.svg
    """
    from infra import diagram as drawing
    from infra.emulator.plan_provider import PlanProvider
    from infra.emulator.recorder import record
    from infra.inventory import inventory

    stackfile = _load(cwd, stack)
    _write(drawing.svg(inventory(record(stackfile, PlanProvider()))), out)


def _write(text: str, out: Path | None) -> None:
    from infra.inventory import write

    if out is None:
        typer.echo(text, nl=False)
    else:
        write(text, out)


def _judgement(recording: Recording, profile: str) -> Judgement:
    import datetime as dt

    from infra.inventory import inventory
    from infra.policies import hold_against_policies

    return hold_against_policies(inventory(recording), profile=profile, today=dt.datetime.now(dt.UTC).date())


def _hold_against_policies(stackfile: StackFile, recording: Recording, *, to_stderr: bool) -> bool:
    """Tells what the policies found, and whether the stack's profile tolerates it."""
    if stackfile.profile is None:
        return True
    from infra.policies.report import finding_lines

    judgement = _judgement(recording, stackfile.profile)
    for line in [*finding_lines(judgement), judgement.summary]:
        typer.echo(line, err=to_stderr)
    return judgement.ok


def _travel(session: Session, *, quiet: bool) -> Journey:
    """Send a video through the stack, telling each step as it is taken."""
    from infra.emulator.exercise import exercise
    from infra.emulator.exercise.journey import step_lines, summary_line

    numbers = itertools.count(1)

    def tell(step: Step) -> None:
        for line in step_lines(next(numbers), step):
            typer.secho(line, fg=STEP_COLOURS[step.status])

    if quiet:
        return exercise(session)
    typer.echo()
    journey = exercise(session, progress=tell)
    for note in journey.notes:
        typer.echo(f"note: {note}")
    typer.echo(summary_line(journey))
    return journey


def _load(directory: Path, stack: str) -> StackFile:
    from infra.stackfile import load_stack

    return load_stack(directory, stack)


def _entry(result: Result) -> dict[str, str]:
    return {"urn": result.urn, "type": result.type, "status": result.status, "reason": result.reason}


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[Result], None]]:
    """Shows the resource at hand on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda result: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting moto") as status:
        yield lambda result: status.update(f"{result.status} {result.urn.rpartition('::')[0].rpartition('$')[2]}")


def _print_rows(rows: Sequence[Row]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            line = f"{row.component or '-'}\t{row.type}\t{row.count}\t{row.status}"
            typer.echo("\t".join([line, *row.only_sent]))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Component", "Type", "Resources", "Status", "Only sent, not read back", box=None)
    for index, row in enumerate(rows):
        repeated = index > 0 and rows[index - 1].component == row.component
        notes = "\n".join(row.only_sent)
        table.add_row("" if repeated else row.component, row.type, str(row.count), row.status, notes)
    Console().print(table)


def _how_to_look_around(endpoint: str, region: str, uploads: str) -> str:
    """Text for the person in front of a running server."""
    return f"""moto serves the stack at {endpoint} (Ctrl-C ends it). To look around, in another terminal:

    export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_DEFAULT_REGION={region}
    aws --endpoint-url {endpoint} s3 ls
    aws --endpoint-url {endpoint} cloudfront list-distributions
    python -c "import boto3; print(boto3.client('sqs', endpoint_url='{endpoint}').list_queues()['QueueUrls'])"
    aws --endpoint-url {endpoint} s3 cp VIDEO.mp4 s3://{uploads or "BUCKET"}/raw/USER/VIDEO.mp4
"""


def _ended_by_a_signal() -> threading.Event:
    """Set when somebody ends the command; from now on a signal does not break off what is being done."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _report(error: InfraError) -> None:
    if error.trace:
        typer.echo(f"Traceback of the program (most recent call last):\n{error.trace}", err=True, nl=False)
    for fault in error.faults:
        typer.echo(f"infra: {fault}", err=True)


def main() -> None:
    """Entry of the ``infra`` command."""
    from infra.errors import InfraError

    # Python looks for garbage once more before it ends; after a large stack that takes seconds, and frees nothing.
    atexit.register(gc.freeze)
    try:
        app()
    except InfraError as error:
        _report(error)
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
