"""A private network: no address of it is reachable from the internet, none of it needs a NAT gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.layout import SubnetPlan
from infra.naming import Naming

HTTPS = 443

INTERFACE_SERVICES = ("ecr.api", "ecr.dkr", "logs")
"""What a Fargate task calls before and while it runs; S3 and DynamoDB go through free gateway endpoints."""

GATEWAY_SERVICES = ("dynamodb", "s3")


@dataclass(frozen=True)
class NetworkArgs:
    """One network."""

    region: pulumi.Input[str]
    cidr: str
    subnets: Sequence[SubnetPlan]
    zones: pulumi.Output[Sequence[str]]
    """Names of the region's availability zones."""


class Network(pulumi.ComponentResource):
    """VPC with private subnets and endpoints."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: list[pulumi.Output[str]]

    def __init__(
        self, name: str, naming: Naming, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:network:Network", name, None, opts)
        self._naming = naming
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            "network",
            cidr_block=args.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags("network"),
            opts=child,
        )
        self.vpc_id = vpc.id
        # No route leads to it: CloudFront only accepts a VPC origin in a network that has an internet gateway attached.
        aws.ec2.InternetGateway("network", vpc_id=vpc.id, tags=self._tags("network"), opts=child)
        routes = aws.ec2.RouteTable("private", vpc_id=vpc.id, tags=self._tags("private"), opts=child)
        self.private_subnet_ids = [self._subnet(plan, args.zones, routes, child) for plan in args.subnets]
        for service in GATEWAY_SERVICES:
            aws.ec2.VpcEndpoint(
                service,
                vpc_id=vpc.id,
                service_name=pulumi.Output.concat("com.amazonaws.", args.region, ".", service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[routes.id],
                tags=self._tags(service),
                opts=child,
            )
        self._interface_endpoints(args, child)
        self.register_outputs({"vpcId": self.vpc_id})

    def _tags(self, name: str) -> dict[str, str]:
        # The console shows network parts by their Name tag only.
        return {**self._naming.tags("network"), "Name": self._naming.physical(name)}

    def _subnet(
        self,
        plan: SubnetPlan,
        zones: pulumi.Output[Sequence[str]],
        routes: aws.ec2.RouteTable,
        child: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        subnet = aws.ec2.Subnet(
            plan.name,
            vpc_id=self.vpc_id,
            cidr_block=plan.cidr,
            availability_zone=zones[plan.zone_index],
            map_public_ip_on_launch=False,
            tags=self._tags(plan.name),
            opts=child,
        )
        aws.ec2.RouteTableAssociation(plan.name, subnet_id=subnet.id, route_table_id=routes.id, opts=child)
        return subnet.id

    def _interface_endpoints(self, args: NetworkArgs, child: pulumi.ResourceOptions) -> None:
        group = aws.ec2.SecurityGroup(
            "endpoints",
            vpc_id=self.vpc_id,
            description="AWS services, for everything inside the network",
            tags=self._tags("endpoints"),
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            "endpoints",
            security_group_id=group.id,
            description="HTTPS from the network",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4=args.cidr,
            opts=child,
        )
        for service in INTERFACE_SERVICES:
            aws.ec2.VpcEndpoint(
                service,
                vpc_id=self.vpc_id,
                service_name=pulumi.Output.concat("com.amazonaws.", args.region, ".", service),
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[group.id],
                tags=self._tags(service),
                opts=child,
            )
