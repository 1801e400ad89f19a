"""The dashboard is a pure function of its graphs; metrics of functions are lines of log."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.components.observability import any_of
from infra.dashboard import GRAPHS_A_ROW, GRID_COLUMNS, PERIOD_SECONDS, Graph, Metric, body
from infra.functions import metrics

LATENCY = Metric("AWS/ApplicationELB", "TargetResponseTime", {"LoadBalancer": "app/api/1"}, "p95", "95 %")


def test_a_graph_as_cloudwatch_wants_it() -> None:
    (widget,) = body([Graph("Latency", [LATENCY], "eu-central-1", limit=0.5)])["widgets"]
    assert widget == {
        "type": "metric",
        "x": 0,
        "y": 0,
        "width": 8,
        "height": 6,
        "properties": {
            "title": "Latency",
            "region": "eu-central-1",
            "period": PERIOD_SECONDS,
            "metrics": [
                [
                    "AWS/ApplicationELB",
                    "TargetResponseTime",
                    "LoadBalancer",
                    "app/api/1",
                    {"stat": "p95", "label": "95 %"},
                ]
            ],
            "annotations": {"horizontal": [{"label": "alarm", "value": 0.5}]},
        },
    }


@given(count=st.integers(0, 40))
def test_graphs_fill_the_grid_without_overlap(count: int) -> None:
    widgets = body([Graph(str(index), [LATENCY], "eu-central-1") for index in range(count)])["widgets"]
    cells = [
        (widget["x"] + dx, widget["y"] + dy)
        for widget in widgets
        for dx in range(widget["width"])
        for dy in range(widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < GRID_COLUMNS for x, _ in cells)
    places = [(widget["y"], widget["x"]) for widget in widgets]
    assert places == sorted(places)
    # As few rows as the graphs need: 7 graphs, 3 a row -> 3 rows.
    assert len({y for y, _ in places}) == -(-count // GRAPHS_A_ROW)


def test_a_composite_alarm_listens_to_each() -> None:
    assert any_of(["arn:a"]) == 'ALARM("arn:a")'
    assert any_of(["arn:a", "arn:b"]).split(" OR ") == ['ALARM("arn:a")', 'ALARM("arn:b")']


def test_a_metric_is_one_line_of_log(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW", "reelplan-dev")
    # Uploaded at 00:00:00, published at 00:01:30: 90 s. 1767225690 s after 1970 is 2026-01-01T00:01:30Z.
    taken = metrics.seconds_between("2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z")
    metrics.record("TimeToPublish", taken, "Seconds", "2026-01-01T00:01:30Z")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "Stack": "reelplan-dev",
        "TimeToPublish": 90.0,
        "_aws": {
            "Timestamp": 1767225690000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Reelplan",
                    "Dimensions": [["Stack"]],
                    "Metrics": [{"Name": "TimeToPublish", "Unit": "Seconds"}],
                }
            ],
        },
    }
