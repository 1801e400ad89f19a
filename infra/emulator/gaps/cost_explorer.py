"""Cost Explorer's anomaly monitors, their subscriptions and cost allocation tags, which moto does not have."""

from __future__ import annotations

from typing import Any

from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from infra.emulator.gaps import operations
from infra.emulator.gaps.operations import Operation, request, shelf

MONITOR, SUBSCRIPTION, TAG = "AnomalyMonitor", "AnomalySubscription", "CostAllocationTag"


class UnknownMonitor(ServiceException):
    """The monitor does not exist."""

    code = "UnknownMonitorException"


def install() -> None:
    """Add them to moto's Cost Explorer."""
    operations.install(
        CostExplorerResponse,
        {
            "CreateAnomalyMonitor": _create(MONITOR, "MonitorArn", "anomalymonitor"),
            "GetAnomalyMonitors": _get(MONITOR, "MonitorArn"),
            "CreateAnomalySubscription": _create(SUBSCRIPTION, "SubscriptionArn", "anomalysubscription"),
            "GetAnomalySubscriptions": _get(SUBSCRIPTION, "SubscriptionArn"),
            "UpdateCostAllocationTagsStatus": _update_tags,
            "ListCostAllocationTags": _list_tags,
        },
    )


def _create(kind: str, arn_name: str, path: str) -> Operation:
    def create(response: Any) -> ActionResult:
        params = request(response)
        made = params[kind]
        for monitor in made.get("MonitorArnList", ()):
            if monitor not in shelf(response.ce_backend, MONITOR):
                raise UnknownMonitor(f"The monitor {monitor} does not exist.")
        arn = f"arn:{response.partition}:ce::{response.current_account}:{path}/{mock_random.uuid4()}"
        shelf(response.ce_backend, kind)[arn] = {**made, arn_name: arn}
        if tags := params.get("ResourceTags"):
            response.ce_backend.tag_resource(arn, tags)
        return ActionResult({arn_name: arn})

    return create


def _get(kind: str, arn_name: str) -> Operation:
    def get(response: Any) -> ActionResult:
        wanted = request(response).get(f"{arn_name}List")
        found = [one for arn, one in shelf(response.ce_backend, kind).items() if not wanted or arn in wanted]
        return ActionResult({f"{kind}s": found})

    return get


def _update_tags(response: Any) -> ActionResult:
    """The emulated account knows every tag; a real one refuses those that no billed resource has carried for a day."""
    for entry in request(response)["CostAllocationTagsStatus"]:
        shelf(response.ce_backend, TAG)[entry["TagKey"]] = {**entry, "Type": "UserDefined"}
    return ActionResult({"Errors": []})


def _list_tags(response: Any) -> ActionResult:
    wanted = request(response).get("TagKeys")
    found = [one for key, one in shelf(response.ce_backend, TAG).items() if not wanted or key in wanted]
    return ActionResult({"CostAllocationTags": found})
