"""GET /session/{video} -> signed cookies with which a viewer gets the files of one published video.

Called by API Gateway (HTTP API, payload 2.0).
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from typing import Any

import boto3

from infra.functions.signing import PrivateKey, cookies, read_key
from infra.functions.videos import CODECS, FILES, codec_attribute, published_prefix, read, table

MS_PER_SECOND = 1000
SECONDS_PER_MINUTE = 60
FOUND, NOT_FOUND = 200, 404


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point."""
    video_id = event["pathParameters"]["video"]
    record = read(table(), video_id)
    # Who asks for a video that is held, rejected or erased learns no more than who makes a name up.
    if record.get("state") != "published":
        return _answer(NOT_FOUND, {"message": "no such video"})
    now = event["requestContext"]["timeEpoch"] // MS_PER_SECOND
    lifetime = int(os.environ["SESSION_MINUTES"]) * SECONDS_PER_MINUTE
    body = {**files(record), "codecs": codecs(record), "expires": now + lifetime}
    return _answer(FOUND, body) | {"cookies": set_cookies(video_id, now + lifetime, lifetime)}


def files(record: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of the files that a record, or one of its codecs, names."""
    return {name: f"/{record[name]}" for name in FILES if name in record}


def codecs(record: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Playlists of the better codecs that the video has earned: a player takes the best one that it can decode."""
    made = {codec: record.get(codec_attribute(codec), {}) for codec in CODECS}
    return {codec: files(value) for codec, value in made.items() if value.get("state") == "published"}


def set_cookies(video_id: str, expires: int, lifetime: int) -> list[str]:
    """Values of the Set-Cookie headers.

    Args:
        video_id: whose files may be read.
        expires: when CloudFront stops to take them [Unix time].
        lifetime: when the browser forgets them [second from now].
    """
    path = f"/{published_prefix(video_id)}"
    resource = f"https://{os.environ['CDN_DOMAIN']}{path}*"
    made = cookies(resource, expires, os.environ["KEY_PAIR_ID"], _key(os.environ["SIGNING_SECRET"]))
    # A page of another site of ours plays the video: only SameSite=None cookies travel there.
    attributes = f"Path={path}; Max-Age={lifetime}; Secure; HttpOnly; SameSite=None"
    return [f"{name}={value}; {attributes}" for name, value in made.items()]


@functools.cache
def _key(secret_arn: str) -> PrivateKey:
    """The signing key; asked for once in the life of an environment. A rotation changes the ARN."""
    return read_key(boto3.client("secretsmanager").get_secret_value(SecretId=secret_arn)["SecretString"])


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, sort_keys=True, default=str)}
