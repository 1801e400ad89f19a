"""What each AWS call needs from IAM: a table from recorded calls to actions and resources.

A call that is not in the table is an error that says what to add, so that a new call in a handler cannot pass unjudged.

Source: Service Authorization Reference (one page per service: operation -> actions, action -> resource types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from infra.emulator.permissions import Request

TABLE_ARN = "arn:{partition}:dynamodb:{region}:{account}:table/{TableName}"
OBJECT_ARN = "arn:{partition}:s3:::{Bucket}/{Key}"
BUCKET_ARN = "arn:{partition}:s3:::{Bucket}"
DISTRIBUTION_ARN = "arn:{partition}:cloudfront::{account}:distribution/{DistributionId}"
PASSED_TO_MEDIACONVERT = {"iam:PassedToService": "mediaconvert.amazonaws.com"}
PASSED_TO_REKOGNITION = {"iam:PassedToService": "rekognition.amazonaws.com"}


class UnknownCall(LookupError):
    """A recorded AWS call whose permissions are not in the table."""


@dataclass(frozen=True)
class Call:
    """One AWS call that a function made."""

    service: str
    """botocore's name ("mediaconvert")."""
    operation: str
    params: Mapping[str, Any] = field(repr=False)
    error: str = ""
    """Error code of the answer; empty when the call succeeded."""


@dataclass(frozen=True)
class Place:
    """Where a call is made."""

    region: str
    account: str
    partition: str = "aws"


Needs = Callable[[Mapping[str, Any], Place], list[Request]]
"""Parameters of a call and where it is made -> what it needs."""


def required(call: Call, place: Place) -> list[Request]:
    """What the caller of an AWS operation must be allowed to do.

    Raises:
        UnknownCall: the table lacks the operation.
    """
    needs = CALLS.get((call.service, call.operation))
    if needs is None:
        raise UnknownCall(
            f"{call.service}.{call.operation} is not in the table of calls: add its actions and resources to CALLS"
            " in infra/emulator/required_permissions.py (Service Authorization Reference)"
        )
    return needs(call.params, place)


def _need(action: str, resource: str) -> Needs:
    """An operation that needs one action on one resource, named by its parameters."""

    def needs(params: Mapping[str, Any], place: Place) -> list[Request]:
        return [Request(action, resource.format_map({**vars(place), **params}))]

    return needs


def _probe(params: Mapping[str, Any], place: Place) -> list[Request]:
    # Probe has no role to assume: it reads the file with the permissions of who calls it.
    files = [Request("s3:GetObject", _object_arn(item["FileUrl"], place)) for item in params["InputFiles"]]
    return [Request("mediaconvert:Probe", "*"), *files]


def _create_job(params: Mapping[str, Any], place: Place) -> list[Request]:
    prefix = f"arn:{place.partition}:mediaconvert:{place.region}:{place.account}"
    # The job's id is not known before the call, so tags are allowed for every job or for none.
    tags = [Request("mediaconvert:TagResource", f"{prefix}:jobs/*")] if params.get("Tags") else []
    used = {
        _full_arn(params.get("Queue", "Default"), f"{prefix}:queues"),
        *(_full_arn(hop["Queue"], f"{prefix}:queues") for hop in params.get("HopDestinations", [])),
        *(_full_arn(name, f"{prefix}:jobTemplates") for name in [params.get("JobTemplate")] if name),
        *(_full_arn(name, f"{prefix}:presets") for name in _presets(params.get("Settings", {}))),
    }
    return [
        *(Request("mediaconvert:CreateJob", arn) for arn in sorted(used)),
        *tags,
        Request("iam:PassRole", params["Role"], PASSED_TO_MEDIACONVERT),
    ]


def _presets(settings: Mapping[str, Any]) -> Iterator[str]:
    for group in settings.get("OutputGroups", []):
        yield from (output["Preset"] for output in group.get("Outputs", []) if "Preset" in output)


def _full_arn(name: str, prefix: str) -> str:
    return name if name.startswith("arn:") else f"{prefix}/{name}"


def _object_arn(url: str, place: Place) -> str:
    return f"arn:{place.partition}:s3:::{url.removeprefix('s3://')}"


ACTION_IN_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _transact_write(params: Mapping[str, Any], place: Place) -> list[Request]:
    return [
        Request(
            f"dynamodb:{ACTION_IN_TRANSACTION[kind]}",
            TABLE_ARN.format_map({**vars(place), "TableName": write["TableName"]}),
        )
        for item in params["TransactItems"]
        for kind, write in item.items()
    ]


def _query(params: Mapping[str, Any], place: Place) -> list[Request]:
    arn = TABLE_ARN.format_map({**vars(place), **params})
    index = params.get("IndexName")
    return [Request("dynamodb:Query", f"{arn}/index/{index}" if index else arn)]


def _put_events(params: Mapping[str, Any], place: Place) -> list[Request]:
    prefix = f"arn:{place.partition}:events:{place.region}:{place.account}:event-bus"
    buses = {_full_arn(entry.get("EventBusName", "default"), prefix) for entry in params["Entries"]}
    return [Request("events:PutEvents", arn) for arn in sorted(buses)]


def _list_objects(params: Mapping[str, Any], place: Place) -> list[Request]:
    bucket = BUCKET_ARN.format_map({**vars(place), **params})
    return [Request("s3:ListBucket", bucket, {"s3:prefix": str(params.get("Prefix", ""))})]


def _copy_object(params: Mapping[str, Any], place: Place) -> list[Request]:
    # botocore has turned a structure into "bucket/key", quoted as in a URL, before the call is recorded.
    source = unquote(params["CopySource"])
    needs = [
        Request("s3:GetObject", f"arn:{place.partition}:s3:::{source}"),
        Request("s3:PutObject", OBJECT_ARN.format_map({**vars(place), **params})),
    ]
    if params.get("TaggingDirective", "COPY") == "COPY":
        needs.append(Request("s3:GetObjectTagging", needs[0].resource))
    return needs


def _delete_objects(params: Mapping[str, Any], place: Place) -> list[Request]:
    bucket = BUCKET_ARN.format_map({**vars(place), **params})
    return [
        Request("s3:DeleteObjectVersion" if "VersionId" in item else "s3:DeleteObject", f"{bucket}/{item['Key']}")
        for item in params["Delete"]["Objects"]
    ]


def _detect_moderation_labels(params: Mapping[str, Any], place: Place) -> list[Request]:
    # Rekognition reads the picture with the permissions of who calls it.
    item = params["Image"]["S3Object"]
    picture = OBJECT_ARN.format_map({**vars(place), "Bucket": item["Bucket"], "Key": item["Name"]})
    return [Request("rekognition:DetectModerationLabels", "*"), Request("s3:GetObject", picture)]


def _start_content_moderation(params: Mapping[str, Any], place: Place) -> list[Request]:
    item = params["Video"]["S3Object"]
    video = OBJECT_ARN.format_map({**vars(place), "Bucket": item["Bucket"], "Key": item["Name"]})
    needs = [Request("rekognition:StartContentModeration", "*"), Request("s3:GetObject", video)]
    if channel := params.get("NotificationChannel"):
        needs.append(Request("iam:PassRole", channel["RoleArn"], PASSED_TO_REKOGNITION))
    return needs


def _start_transcription_job(params: Mapping[str, Any], place: Place) -> list[Request]:
    # Without a role of its own the job reads and writes with the permissions of who starts it.
    output = OBJECT_ARN.format_map({**vars(place), "Bucket": params["OutputBucketName"], "Key": params["OutputKey"]})
    return [
        *_transcription("StartTranscriptionJob")(params, place),
        Request("s3:GetObject", _object_arn(params["Media"]["MediaFileUri"], place)),
        Request("s3:PutObject", output),
    ]


def _transcription(action: str) -> Needs:
    """An operation of Transcribe on one of its jobs."""
    job = "arn:{partition}:transcribe:{region}:{account}:transcription-job/{TranscriptionJobName}"
    return _need(f"transcribe:{action}", job)


def _send_message(params: Mapping[str, Any], place: Place) -> list[Request]:
    account, name = params["QueueUrl"].rsplit("/", 2)[-2:]
    return [Request("sqs:SendMessage", f"arn:{place.partition}:sqs:{place.region}:{account}:{name}")]


def _queue(action: str) -> Needs:
    """An operation of MediaConvert on one of its queues, named by ``Name``."""
    return _need(f"mediaconvert:{action}", "arn:{partition}:mediaconvert:{region}:{account}:queues/{Name}")


CALLS: Mapping[tuple[str, str], Needs] = {
    **{
        ("dynamodb", action): _need(f"dynamodb:{action}", TABLE_ARN)
        for action in ("DeleteItem", "GetItem", "PutItem", "Scan", "UpdateItem")
    },
    ("dynamodb", "Query"): _query,
    ("dynamodb", "TransactWriteItems"): _transact_write,
    ("events", "PutEvents"): _put_events,
    ("cloudfront", "CreateInvalidation"): _need("cloudfront:CreateInvalidation", DISTRIBUTION_ARN),
    ("cognito-idp", "AdminDeleteUser"): _need(
        "cognito-idp:AdminDeleteUser", "arn:{partition}:cognito-idp:{region}:{account}:userpool/{UserPoolId}"
    ),
    ("comprehend", "DetectToxicContent"): _need("comprehend:DetectToxicContent", "*"),
    ("mediaconvert", "CancelJob"): _need(
        "mediaconvert:CancelJob", "arn:{partition}:mediaconvert:{region}:{account}:jobs/{Id}"
    ),
    ("mediaconvert", "CreateJob"): _create_job,
    ("mediaconvert", "GetQueue"): _queue("GetQueue"),
    ("mediaconvert", "Probe"): _probe,
    ("mediaconvert", "UpdateQueue"): _queue("UpdateQueue"),
    ("rekognition", "DetectModerationLabels"): _detect_moderation_labels,
    ("rekognition", "GetContentModeration"): _need("rekognition:GetContentModeration", "*"),
    ("rekognition", "StartContentModeration"): _start_content_moderation,
    ("s3", "DeleteObject"): _need("s3:DeleteObject", OBJECT_ARN),
    ("s3", "GetObject"): _need("s3:GetObject", OBJECT_ARN),
    ("s3", "HeadObject"): _need("s3:GetObject", OBJECT_ARN),
    ("s3", "AbortMultipartUpload"): _need("s3:AbortMultipartUpload", OBJECT_ARN),
    ("s3", "CompleteMultipartUpload"): _need("s3:PutObject", OBJECT_ARN),
    ("s3", "CopyObject"): _copy_object,
    ("s3", "CreateMultipartUpload"): _need("s3:PutObject", OBJECT_ARN),
    ("s3", "DeleteObjects"): _delete_objects,
    ("s3", "ListObjectVersions"): _need("s3:ListBucketVersions", BUCKET_ARN),
    ("s3", "ListObjectsV2"): _list_objects,
    ("s3", "ListParts"): _need("s3:ListMultipartUploadParts", OBJECT_ARN),
    ("s3", "PutObject"): _need("s3:PutObject", OBJECT_ARN),
    ("sns", "Publish"): _need("sns:Publish", "{TopicArn}"),
    ("secretsmanager", "GetSecretValue"): _need("secretsmanager:GetSecretValue", "{SecretId}"),
    ("sqs", "SendMessage"): _send_message,
    ("transcribe", "DeleteTranscriptionJob"): _transcription("DeleteTranscriptionJob"),
    ("transcribe", "GetTranscriptionJob"): _transcription("GetTranscriptionJob"),
    ("transcribe", "StartTranscriptionJob"): _start_transcription_job,
}
"""botocore's service and operation -> what the caller must be allowed. Source: Service Authorization Reference."""
