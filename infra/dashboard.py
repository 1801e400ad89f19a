"""The body of a CloudWatch dashboard, as a pure function of what is to be seen on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

GRID_COLUMNS = 24
"""Width of every CloudWatch dashboard [column]."""
GRAPHS_A_ROW = 3
GRAPH_WIDTH = GRID_COLUMNS // GRAPHS_A_ROW
GRAPH_HEIGHT = 6
PERIOD_SECONDS = 300


@dataclass(frozen=True)
class Metric:
    """One line of a graph, or what an alarm looks at."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """A few metrics under a title."""

    title: str
    metrics: Sequence[Metric]
    region: pulumi.Input[str]
    """Where the metrics are; those of CloudFront are in us-east-1 only."""
    limit: float | None = None
    """Drawn as a line: where the alarm goes off."""


def body(graphs: Sequence[Graph]) -> dict[str, Any]:
    """Graphs in rows, in reading order, without overlap. Values may be outputs.

    Source: CloudWatch API reference, "Dashboard body structure and syntax".
    """
    return {"start": "-P1D", "widgets": [_widget(index, graph) for index, graph in enumerate(graphs)]}


def _widget(index: int, graph: Graph) -> dict[str, Any]:
    row, column = divmod(index, GRAPHS_A_ROW)
    properties: dict[str, Any] = {
        "title": graph.title,
        "region": graph.region,
        "period": PERIOD_SECONDS,
        "metrics": [_line(metric) for metric in graph.metrics],
    }
    if graph.limit is not None:
        properties["annotations"] = {"horizontal": [{"label": "alarm", "value": graph.limit}]}
    place = {"x": column * GRAPH_WIDTH, "y": row * GRAPH_HEIGHT, "width": GRAPH_WIDTH, "height": GRAPH_HEIGHT}
    return {"type": "metric", **place, "properties": properties}


def _line(metric: Metric) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    options = {"stat": metric.statistic, **({"label": metric.label} if metric.label else {})}
    return [metric.namespace, metric.name, *dimensions, options]
