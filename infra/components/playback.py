"""Playback: a viewer asks for a video and gets the cookies that open its files at the CDN."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra import iam
from infra.components.http_api import HttpApi, HttpFunction, HttpFunctionArgs
from infra.components.signing_keys import SigningKeys
from infra.components.storage import MediaStorage
from infra.naming import Naming

SESSION_ROUTE = "GET /session/{video}"


@dataclass(frozen=True)
class PlaybackArgs:
    """Whose files are opened, and for how long."""

    storage: MediaStorage
    api: HttpApi
    keys: SigningKeys
    host: pulumi.Input[str]
    """Name under which viewers get the files: a cookie for another one opens nothing."""
    session_minutes: int
    anonymous: bool
    """Whether who is not signed in gets cookies, too."""
    log_retention_days: int


class Playback(pulumi.ComponentResource):
    """The session function. It signs for published videos only."""

    session: HttpFunction

    def __init__(
        self, name: str, naming: Naming, args: PlaybackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:delivery:Playback", name, None, opts)
        self.session = HttpFunction(
            "session",
            naming,
            HttpFunctionArgs(
                description="Signs the cookies of a viewer",
                modules=("session", "signing", "videos"),
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "CDN_DOMAIN": args.host,
                    "KEY_PAIR_ID": args.keys.key_pair_id,
                    "SIGNING_SECRET": args.keys.secret.arn,
                    "SESSION_MINUTES": str(args.session_minutes),
                },
                statements=[
                    iam.allow(["dynamodb:GetItem"], args.storage.videos.arn),
                    iam.allow(["secretsmanager:GetSecretValue"], args.keys.secret.arn),
                ],
                log_retention_days=args.log_retention_days,
                api=args.api,
                routes=(SESSION_ROUTE,),
                anonymous=args.anonymous,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"session": self.session.function.arn})
