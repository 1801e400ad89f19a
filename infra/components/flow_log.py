"""Flow log: which connections the private network refused, kept for a while."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.network import Network
from infra.naming import Naming

FLOW_LOGS = "vpc-flow-logs.amazonaws.com"


@dataclass(frozen=True)
class FlowLogArgs:
    """What is watched."""

    account: pulumi.Input[str]
    network: Network
    log_retention_days: int


class FlowLog(pulumi.ComponentResource):
    """Refused connections only: those let through are many, billed by the GB, and stand in the services' own logs."""

    def __init__(
        self, name: str, naming: Naming, args: FlowLogArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:network:FlowLog", name, None, opts)
        tags = naming.tags("network")
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/vpc/{naming.physical('refused')}",
            retention_in_days=args.log_retention_days,
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            name,
            description="The network writes its flow log",
            assume_role_policy=iam.document(iam.trust(FLOW_LOGS, account=args.account)),
            tags=tags,
            opts=child,
        )
        permissions = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=iam.document(
                iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
                # A list has no resource to name (Service Authorization Reference, CloudWatch Logs).
                iam.allow(["logs:DescribeLogGroups"], "*"),
                iam.allow(["logs:DescribeLogStreams"], pulumi.Output.concat(logs.arn, ":*")),
            ),
            opts=child,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=args.network.vpc_id,
            traffic_type="REJECT",
            log_destination_type="cloud-watch-logs",
            log_destination=logs.arn,
            iam_role_arn=role.arn,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self.register_outputs({"logGroup": logs.name})
