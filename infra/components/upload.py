"""Upload: the function that signs uploads. Files go from the phone to S3 without passing any server of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra import iam
from infra.components.http_api import HttpApi, HttpFunction, HttpFunctionArgs
from infra.components.storage import RAW_PREFIX, MediaStorage
from infra.naming import Naming

ROUTES = (
    "POST /uploads",
    "POST /uploads/{video}/parts",
    "POST /uploads/{video}/complete",
    "DELETE /uploads/{video}",
)
"""Those of infra/functions/upload.py."""
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True)
class UploadArgs:
    """What may be uploaded."""

    storage: MediaStorage
    api: HttpApi
    max_mb: int
    """Largest file [MB]."""
    form_mb: int
    """Largest file that is sent as one form; larger ones in parts [MB]."""
    part_mb: int
    """Size of a part [MB]."""
    content_types: Sequence[str]
    log_retention_days: int


class Upload(pulumi.ComponentResource):
    """The upload function; its role is what every signed form and address may do."""

    sign: HttpFunction

    def __init__(self, name: str, naming: Naming, args: UploadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:media:Upload", name, None, opts)
        self.sign = HttpFunction(
            "upload",
            naming,
            HttpFunctionArgs(
                description="Signs uploads",
                modules=("upload",),
                environment={
                    "RAW_BUCKET": args.storage.raw.name,
                    "MAX_BYTES": str(args.max_mb * BYTES_PER_MB),
                    "FORM_BYTES": str(args.form_mb * BYTES_PER_MB),
                    "PART_BYTES": str(args.part_mb * BYTES_PER_MB),
                    "CONTENT_TYPES": ",".join(args.content_types),
                },
                statements=[
                    iam.allow(
                        ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
                        pulumi.Output.concat(args.storage.raw.arn, "/", RAW_PREFIX, "*"),
                    )
                ],
                log_retention_days=args.log_retention_days,
                api=args.api,
                routes=ROUTES,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"sign": self.sign.function.arn})
