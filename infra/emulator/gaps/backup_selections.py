"""Selections of AWS Backup, which say what a plan backs up; moto has vaults and plans only."""

from __future__ import annotations

from typing import Any

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from infra.emulator.gaps import operations
from infra.emulator.gaps.operations import request, shelf

KIND = "BackupSelection"


def install() -> None:
    """Add them to moto's AWS Backup."""
    operations.install(
        BackupResponse,
        {"CreateBackupSelection": _create, "GetBackupSelection": _get, "ListBackupSelections": _list},
    )


def _create(response: Any) -> ActionResult:
    plan = _plan(response)
    made = {
        "SelectionId": str(mock_random.uuid4()),
        "BackupPlanId": plan,
        "BackupSelection": request(response)["BackupSelection"],
        "CreationDate": unix_time(),
    }
    shelf(response.backup_backend, KIND)[made["SelectionId"]] = made
    return ActionResult({key: made[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")})


def _get(response: Any) -> ActionResult:
    plan, selection = _plan(response), response.path.rstrip("/").rsplit("/", 1)[-1]
    found = shelf(response.backup_backend, KIND).get(selection)
    if found is None or found["BackupPlanId"] != plan:
        raise ResourceNotFoundException(msg=f"Cannot find Backup selection with ID {selection}")
    return ActionResult(found)


def _list(response: Any) -> ActionResult:
    plan = _plan(response)
    found = [one for one in shelf(response.backup_backend, KIND).values() if one["BackupPlanId"] == plan]
    return ActionResult(
        {
            "BackupSelectionsList": [
                {
                    **{key: one[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")},
                    **{key: one["BackupSelection"][key] for key in ("SelectionName", "IamRoleArn")},
                }
                for one in found
            ]
        }
    )


def _plan(response: Any) -> str:
    """Id of the plan in the path ``/backup/plans/<id>/selections/...``; moto complains when there is none."""
    plan = str(response.path.split("/")[3])
    response.backup_backend.get_backup_plan(backup_plan_id=plan, version_id=None)
    return plan
