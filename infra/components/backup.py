"""Backup: a nightly copy of every table of the stack, kept where deleting the table does not reach it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.naming import Naming

NIGHTLY = "cron(0 3 * * ? *)"
"""Three at night, UTC."""
START_WINDOW_MINUTES = 60
COMPLETION_WINDOW_MINUTES = 480
BACKUP_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
"""AWS's own policy for the service: what a backup needs differs by resource type and changes."""


@dataclass(frozen=True)
class BackupArgs:
    """What is copied, and for how long."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    retention_days: int
    protect: bool


class Backup(pulumi.ComponentResource):
    """Vault, plan and selection. The tables are chosen by the stack's tags, so that a new one is not forgotten."""

    vault: aws.backup.Vault

    def __init__(self, name: str, naming: Naming, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:backup:Backup", name, None, opts)
        tags = naming.tags("backup")
        child = pulumi.ResourceOptions(parent=self)
        self.vault = aws.backup.Vault(
            "tables",
            name=naming.physical("tables"),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        plan = aws.backup.Plan(
            "tables",
            name=naming.physical("tables"),
            rules=[
                {
                    "rule_name": "nightly",
                    "target_vault_name": self.vault.name,
                    "schedule": NIGHTLY,
                    "start_window": START_WINDOW_MINUTES,
                    "completion_window": COMPLETION_WINDOW_MINUTES,
                    "lifecycle": {"delete_after": args.retention_days},
                    "recovery_point_tags": tags,
                }
            ],
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            "backup",
            description="AWS Backup reads the tables",
            assume_role_policy=iam.document(iam.trust("backup.amazonaws.com", account=args.account)),
            tags=tags,
            opts=child,
        )
        policy = aws.iam.RolePolicyAttachment("backup", role=role.name, policy_arn=BACKUP_POLICY, opts=child)
        aws.backup.Selection(
            "tables",
            name=naming.physical("tables"),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[pulumi.Output.concat("arn:aws:dynamodb:", args.region, ":", args.account, ":table/*")],
            # Several conditions have to hold together; several selection tags would not.
            conditions=[
                {"string_equals": [{"key": f"aws:ResourceTag/{key}", "value": tags[key]} for key in ("app", "env")]}
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({"vault": self.vault.arn})
