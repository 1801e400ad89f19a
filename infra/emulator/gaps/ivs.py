"""Recording configurations of Amazon IVS, which moto does not have."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ivs import urls
from moto.ivs.responses import IVSResponse
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from infra.emulator.gaps import operations
from infra.emulator.gaps.operations import request, shelf

KIND = "RecordingConfiguration"
ID_LENGTH = 12


class ResourceNotFound(ServiceException):
    """There is no such configuration."""

    code = "ResourceNotFoundException"


class NoBucket(ServiceException):
    """The bucket of the recordings does not exist."""

    code = "ValidationException"


def install() -> None:
    """Add them to moto's IVS."""
    made = {f"Create{KIND}": _create, f"Get{KIND}": _get, f"List{KIND}s": _list, f"Delete{KIND}": _delete}
    operations.install(IVSResponse, made)
    for name in made:
        urls.url_paths.setdefault(f"{{0}}/{name}", IVSResponse.dispatch)


def _create(response: Any) -> ActionResult:
    params = request(response)
    bucket = params["destinationConfiguration"]["s3"]["bucketName"]
    if bucket not in s3_backends.bucket_accounts:
        raise NoBucket(f"The bucket {bucket} does not exist.")
    identifier = mock_random.get_random_string(ID_LENGTH)
    arn = f"arn:aws:ivs:{response.region}:{response.current_account}:recording-configuration/{identifier}"
    shelf(response.ivs_backend, KIND)[arn] = {"arn": arn, "state": "ACTIVE", "tags": {}, **params}
    return ActionResult({"recordingConfiguration": shelf(response.ivs_backend, KIND)[arn]})


def _get(response: Any) -> ActionResult:
    return ActionResult({"recordingConfiguration": _find(response)})


def _list(response: Any) -> ActionResult:
    return ActionResult({"recordingConfigurations": list(shelf(response.ivs_backend, KIND).values())})


def _delete(response: Any) -> ActionResult:
    del shelf(response.ivs_backend, KIND)[_find(response)["arn"]]
    return ActionResult({})


def _find(response: Any) -> dict[str, Any]:
    arn = request(response)["arn"]
    found: dict[str, Any] | None = shelf(response.ivs_backend, KIND).get(arn)
    if found is None:
        raise ResourceNotFound(f"Resource: {arn} not found")
    return found
