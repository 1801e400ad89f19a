"""Data of the feed and of the social graph: one table, its indexes, and its changes as events."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.dead_letters import DeadLetters
from infra.naming import Naming

EXPIRES_AT = "expires_at"
"""Attribute with the time at which DynamoDB deletes an item [Unix second]: timelines and sessions age out."""

KEYS = ("pk", "sk")
INDEXES = {"by-author": ("author_pk", "author_sk"), "by-target": ("target_pk", "target_sk")}
"""Index -> its keys.

One table, so that one query answers one screen:

- ``USER#<id>`` / ``PROFILE``: the profile; ``USER#<id>`` / ``FOLLOWS#<id>``: whom the user follows
- ``USER#<id>`` / ``TIMELINE#<time>#<video>``: the timeline, written when an author of few followers publishes
- ``VIDEO#<id>`` / ``COMMENT#<time>#<id>``, ``VIDEO#<id>`` / ``LIKES#<shard>``: comments, and sharded counters
- index ``by-author``: videos and comments of a user, newest first; the timelines of those who follow celebrities
- index ``by-target``: followers of a user, likes of a video: the other side of a relation
"""

READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")

PIPE_BATCH = 100
PIPE_WINDOW_SECONDS = 5
PIPE_RETRIES = 5


@dataclass(frozen=True)
class FeedArgs:
    """One feed store."""

    account: pulumi.Input[str]
    bus: aws.cloudwatch.EventBus
    """Where changes of the table are announced."""
    protect: bool


class Feed(pulumi.ComponentResource):
    """The table, and the pipe from its stream to the event bus."""

    table: aws.dynamodb.Table

    def __init__(self, name: str, naming: Naming, args: FeedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:feed:Feed", name, None, opts)
        self._naming = naming
        self._child = pulumi.ResourceOptions(parent=self)
        attributes = sorted({*KEYS, *(key for keys in INDEXES.values() for key in keys)})
        self.table = aws.dynamodb.Table(
            "feed",
            billing_mode="PAY_PER_REQUEST",
            hash_key=KEYS[0],
            range_key=KEYS[1],
            attributes=[{"name": key, "type": "S"} for key in attributes],
            global_secondary_indexes=[
                {"name": index, "hash_key": hash_key, "range_key": range_key, "projection_type": "ALL"}
                for index, (hash_key, range_key) in INDEXES.items()
            ],
            ttl={"attribute_name": EXPIRES_AT, "enabled": True},
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.protect,
            tags=naming.tags("feed", role="feed"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self._pipe(args)
        self.register_outputs({"table": self.table.name})

    def _pipe(self, args: FeedArgs) -> None:
        tags = self._naming.tags("feed")
        what = "Changes of the feed that could not be put on the bus"
        dead_letters = DeadLetters("feed-dead-letters", what, tags, self._child).queue
        role = aws.iam.Role(
            "feed-changes",
            description="The pipe reads changes of the feed and puts them on the bus",
            assume_role_policy=iam.document(iam.trust("pipes.amazonaws.com", account=args.account)),
            tags=tags,
            opts=self._child,
        )
        permissions = aws.iam.RolePolicy(
            "feed-changes",
            role=role.name,
            policy=iam.document(
                iam.allow(READ_STREAM, self.table.stream_arn),
                iam.allow(["events:PutEvents"], args.bus.arn),
                iam.allow(["sqs:SendMessage"], dead_letters.arn),
            ),
            opts=self._child,
        )
        aws.pipes.Pipe(
            "feed-changes",
            name=self._naming.physical("feed-changes"),
            description="Changes of the feed as events",
            role_arn=role.arn,
            source=self.table.stream_arn,
            source_parameters={
                "dynamodb_stream_parameters": {
                    "starting_position": "LATEST",
                    "batch_size": PIPE_BATCH,
                    "maximum_batching_window_in_seconds": PIPE_WINDOW_SECONDS,
                    "maximum_retry_attempts": PIPE_RETRIES,
                    "on_partial_batch_item_failure": "AUTOMATIC_BISECT",
                    "dead_letter_config": {"arn": dead_letters.arn},
                },
            },
            target=args.bus.arn,
            target_parameters={
                "eventbridge_event_bus_parameters": {
                    "source": f"{self._naming.project}.feed",
                    "detail_type": "Feed Changed",
                }
            },
            tags=tags,
            # The pipe reads its source while it is being created.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )
