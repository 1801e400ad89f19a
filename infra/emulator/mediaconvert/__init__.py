"""AWS Elemental MediaConvert as a moto back end.

    import boto3
    from moto import mock_aws
    from infra.emulator import mediaconvert

    mediaconvert.install()
    with mock_aws():
        client = boto3.client("mediaconvert", region_name="eu-central-1")
        client.create_queue(Name="uploads")

The same call before ``moto.server.ThreadedMotoServer().start()`` makes the server serve it. Requests are judged by
the API model (enums, maxima and patterns included) and by the service's own rules (``rules.py``); jobs read their
input from moto's S3, check their role in moto's IAM, publish EventBridge events and write their outputs.

Nothing is transcoded: playlists are real, media files are markers. Not emulated: captions, clipping, automated ABR,
Smooth Streaming, DRM, image-based trick play, limits on concurrent jobs, queue hopping, encryption of outputs,
asynchronous job queries, system presets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.emulator.mediaconvert.models import MediaConvertBackend

__all__ = ["backend", "install"]


def install() -> None:
    """Make moto serve MediaConvert, in ``mock_aws`` and in server mode; safe to call again.

    Raises:
        PluginError: moto lacks a hook that is needed, or serves MediaConvert itself.
    """
    from infra.emulator.mediaconvert import models, plugin, urls

    steps = {models.JOB_MODEL: {"progression": "manual", "times": 1}}
    plugin.register("mediaconvert", models.mediaconvert_backends, urls.HOSTS, steps)


def backend(account: str, region: str) -> MediaConvertBackend:
    """State of one account and region, for ``advance()``, ``finish_jobs()`` and a look inside.

    Args:
        account: twelve digits; moto's is 123456789012 unless told otherwise.
        region: "eu-central-1".
    """
    from infra.emulator.mediaconvert.models import mediaconvert_backends

    found: MediaConvertBackend = mediaconvert_backends[account][region]
    return found
