"""The bills that AWS has worked out, ours beside them, and the page that shows both."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from costmodel.accuracy import PUBLISHED_EXAMPLES, Comparison, Example, compare, load_examples, to_markdown
from costmodel.cli import main
from costmodel.errors import PlanError
from costmodel.price_book import PriceBook

ROOT = Path(__file__).parents[2]
EXAMPLES = load_examples()
COMPARED = compare(EXAMPLES, PriceBook.load())
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `costmodel accuracy`; returns exit code, standard output, standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", "accuracy", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.mark.parametrize("found", COMPARED, ids=EXAMPLES)
def test_a_published_bill_is_ours_but_for_rounding_and_stated_reasons(found: Comparison) -> None:
    assert found.is_explained, (found.example.published_usd, found.ours_usd)


def test_enough_bills_of_several_services() -> None:
    assert len(EXAMPLES) >= 8
    assert len({line.service for example in EXAMPLES.values() for line in example.lines}) >= 5
    assert all(example.source.startswith("https://aws.amazon.com/") for example in EXAMPLES.values())


def test_only_a_stated_reason_excuses_more_than_rounding() -> None:
    example = EXAMPLES["s3_storage_two_tiers"]
    assert Comparison(example, 1215.0049).is_explained
    assert not Comparison(example, 1215.006).is_explained  # one line: half a cent
    reasoned = EXAMPLES["data_transfer_three_tiers"]
    assert Comparison(reasoned, 5263.36).is_explained
    assert not Comparison(reasoned, 5263.27).is_explained, "a reason that no longer holds is noticed"


def test_the_page_in_docs_is_what_the_command_makes() -> None:
    """After a change of prices or examples: costmodel accuracy --out docs/accuracy.md."""
    assert (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8") == to_markdown(COMPARED)


def test_the_command_writes_the_page_and_tells_the_table(run: Run, tmp_path: Path) -> None:
    code, out, err = run("--out", tmp_path / "new" / "accuracy.md")
    assert (code, err) == (0, "")
    assert (tmp_path / "new" / "accuracy.md").read_text(encoding="utf-8") == to_markdown(COMPARED)
    assert out.splitlines()[0] == "Bill\tAWS\tOurs\tDifference"
    assert len(out.splitlines()) == 1 + len(EXAMPLES)


def test_the_command_as_json(run: Run) -> None:
    code, out, _ = run("--json")
    assert code == 0
    assert [found["explained"] for found in json.loads(out)] == [True] * len(EXAMPLES)


def test_an_unexplained_difference_fails_the_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = EXAMPLES["s3_retrieval"].model_copy(update={"published_usd": 3.05})
    monkeypatch.setattr("costmodel.accuracy.load_examples", lambda: {"s3_retrieval": wrong})
    assert run()[0] == 1


def test_a_page_that_cannot_be_written_is_a_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("--out", tmp_path / "file" / "accuracy.md")
    assert code == 2
    assert "is a file, expected a folder" in err


def test_a_faulty_examples_file_is_told_by_line(tmp_path: Path) -> None:
    text = PUBLISHED_EXAMPLES.read_text(encoding="utf-8")
    path = tmp_path / "examples.yaml"
    path.write_text(text.replace("published_usd: 3.00", "published: 3.00"), encoding="utf-8")
    line = text.splitlines().index("    published_usd: 3.00") + 1
    with pytest.raises(PlanError) as caught:
        load_examples(path)
    assert any(f"examples.yaml:{line}: examples.s3_retrieval.published" in str(f) for f in caught.value.faults)


def test_a_difference_needs_a_reason() -> None:
    whole = EXAMPLES["s3_retrieval"].model_dump()
    with pytest.raises(ValueError, match="a difference and its reason belong together"):
        Example.model_validate({**whole, "expected_difference_usd": 0.5})
