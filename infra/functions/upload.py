"""Signs uploads: a form for small files, a multipart upload for large ones. The files themselves never pass here.

    POST   /uploads                    {contentType, size, caption?}
                                                               -> a form, or the id of a multipart upload
    POST   /uploads/{video}/parts      {uploadId, parts}       -> an address for each part
    POST   /uploads/{video}/complete   {uploadId, parts}       -> the upload is put together
    DELETE /uploads/{video}            ?uploadId=              -> the upload is given up

Called by API Gateway (HTTP API, payload 2.0) with the claims of a signed-in user. A user only ever gets at keys of his
own: the key is made of the token's subject.
"""

from __future__ import annotations

import base64
import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config

OK, BAD_REQUEST, UNAUTHORIZED, TOO_LARGE, UNSUPPORTED = 200, 400, 401, 413, 415
VIDEO_ID = re.compile(r"[0-9a-f]{32}")
LINK_SECONDS = 3600
"""How long a signed form or address works; an hour is enough for a part on a slow phone."""
MOST_PARTS = 10_000
"""Of one multipart upload. Source: S3 user guide, "Multipart upload limits"."""
CAPTION = "caption"
CAPTION_BYTES = 1000
"""Longest caption [byte]: it travels with the file as user metadata, of which S3 takes 2 KB."""
MOST_LINKS = 100
"""Addresses in one answer."""

Answer = dict[str, Any]


class Refused(Exception):
    """The request cannot be served; the caller is told why."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Entry point."""
    try:
        body = json.loads(event.get("body") or "{}")
        return _answer(OK, ROUTES[event["routeKey"]](event, body))
    except Refused as refusal:
        return _answer(refusal.status, {"message": str(refusal)})
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        return _answer(BAD_REQUEST, {"message": f"the request lacks or misspells {error}"})


def begin(event: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """A new upload under a new name."""
    content_type, size = str(body["contentType"]), int(body["size"])
    _check(content_type, size)
    video_id = uuid.uuid4().hex
    key, metadata = _key(event, video_id), _metadata(str(body.get(CAPTION, "")))
    if size <= int(os.environ["FORM_BYTES"]):
        return {"videoId": video_id, **form(key, content_type, size, metadata)}
    upload = _s3().create_multipart_upload(Bucket=_bucket(), Key=key, ContentType=content_type, Metadata=metadata)
    part_bytes = int(os.environ["PART_BYTES"])
    return {"videoId": video_id, "uploadId": upload["UploadId"], "partBytes": part_bytes}


def form(key: str, content_type: str, size: int, metadata: Mapping[str, str]) -> Answer:
    """A form that takes exactly this file: its name, its type, its caption, and not a byte more."""
    fields = {"Content-Type": content_type, **{f"x-amz-meta-{name}": value for name, value in metadata.items()}}
    return dict(
        _s3().generate_presigned_post(
            _bucket(),
            key,
            Fields=fields,
            Conditions=[*({name: value} for name, value in fields.items()), ["content-length-range", 1, size]],
            ExpiresIn=LINK_SECONDS,
        )
    )


def parts(event: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Addresses for parts, by number."""
    numbers = [int(number) for number in body["parts"]]
    if not 0 < len(numbers) <= MOST_LINKS or not all(1 <= number <= MOST_PARTS for number in numbers):
        raise Refused(BAD_REQUEST, f"expected up to {MOST_LINKS} part numbers from 1 to {MOST_PARTS}")
    place = _place(event, body["uploadId"])
    s3 = _s3()
    urls = {
        str(number): s3.generate_presigned_url("upload_part", {**place, "PartNumber": number}, LINK_SECONDS)
        for number in numbers
    }
    return {"urls": urls}


def complete(event: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Put the parts together, unless they are more than was allowed: addresses of parts cannot limit their size."""
    place = _place(event, body["uploadId"])
    s3 = _s3()
    pages = s3.get_paginator("list_parts").paginate(**place)
    size = sum(part["Size"] for page in pages for part in page.get("Parts", []))
    if size > int(os.environ["MAX_BYTES"]):
        s3.abort_multipart_upload(**place)
        raise Refused(TOO_LARGE, f"found {size} bytes, expected at most {os.environ['MAX_BYTES']}")
    given = [{"PartNumber": int(part["partNumber"]), "ETag": str(part["etag"])} for part in body["parts"]]
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": given})
    return {"size": size}


def abort(event: Mapping[str, Any], _body: Mapping[str, Any]) -> Answer:
    """Give an upload up; its parts are deleted."""
    _s3().abort_multipart_upload(**_place(event, event["queryStringParameters"]["uploadId"]))
    return {}


ROUTES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Answer]] = {
    "POST /uploads": begin,
    "POST /uploads/{video}/parts": parts,
    "POST /uploads/{video}/complete": complete,
    "DELETE /uploads/{video}": abort,
}


def _check(content_type: str, size: int) -> None:
    if content_type not in os.environ["CONTENT_TYPES"].split(","):
        raise Refused(UNSUPPORTED, f"found type {content_type}, expected one of {os.environ['CONTENT_TYPES']}")
    if not 1 <= size <= int(os.environ["MAX_BYTES"]):
        raise Refused(TOO_LARGE, f"found {size} bytes, expected 1 to {os.environ['MAX_BYTES']}")


def _metadata(caption: str) -> dict[str, str]:
    """What travels with the file; metadata takes ASCII only."""
    data = caption.encode()
    if len(data) > CAPTION_BYTES:
        raise Refused(TOO_LARGE, f"found a caption of {len(data)} bytes, expected at most {CAPTION_BYTES}")
    return {CAPTION: base64.b64encode(data).decode()} if data else {}


def _place(event: Mapping[str, Any], upload_id: str) -> dict[str, str]:
    return {"Bucket": _bucket(), "Key": _key(event, event["pathParameters"]["video"]), "UploadId": upload_id}


def _key(event: Mapping[str, Any], video_id: str) -> str:
    if not VIDEO_ID.fullmatch(video_id):
        raise Refused(BAD_REQUEST, "the name of the video is none of ours")
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    if not claims.get("sub"):
        raise Refused(UNAUTHORIZED, "nobody is signed in")
    return f"raw/{claims['sub']}/{video_id}"


def _bucket() -> str:
    return os.environ["RAW_BUCKET"]


def _s3() -> Any:
    # Without it boto3 signs forms and addresses for some regions in the old way, which S3 no longer takes.
    return boto3.client("s3", config=Config(signature_version="s3v4"))


def _answer(status: int, body: Answer) -> Answer:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, sort_keys=True)}
