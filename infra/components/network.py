"""A private network: no address of it is reachable from the internet; a NAT gateway is a choice, not a need."""

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

EVERYWHERE = "0.0.0.0/0"

GATEWAY_SERVICES = ("dynamodb", "s3")


@dataclass(frozen=True)
class NetworkArgs:
    """One network."""

    region: pulumi.Input[str]
    cidr: str
    subnets: Sequence[SubnetPlan]
    zones: pulumi.Output[Sequence[str]]
    """Names of the region's availability zones."""
    nat_subnets: Sequence[SubnetPlan] = ()
    """Public subnets with a NAT gateway each: none, one for all zones, or one a zone."""


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
        # Declared without rules: whatever is put into the network without a group of its own reaches nothing.
        aws.ec2.DefaultSecurityGroup("network", vpc_id=vpc.id, tags=self._tags("closed"), opts=child)
        # CloudFront only accepts a VPC origin in a network that has an internet gateway attached; without NAT no route
        # leads to it.
        internet = aws.ec2.InternetGateway("network", vpc_id=vpc.id, tags=self._tags("network"), opts=child)
        tables = self._private_tables(args, internet, child)
        self.private_subnet_ids = [
            # With a NAT gateway in each zone a subnet uses that of its own.
            self._subnet(plan, args.zones, tables[index % len(tables)], child)
            for index, plan in enumerate(args.subnets)
        ]
        for service in GATEWAY_SERVICES:
            aws.ec2.VpcEndpoint(
                service,
                vpc_id=vpc.id,
                service_name=pulumi.Output.concat("com.amazonaws.", args.region, ".", service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables],
                tags=self._tags(service),
                opts=child,
            )
        self._interface_endpoints(args, child)
        self.register_outputs({"vpcId": self.vpc_id})

    def _private_tables(
        self, args: NetworkArgs, internet: aws.ec2.InternetGateway, child: pulumi.ResourceOptions
    ) -> list[aws.ec2.RouteTable]:
        """One route table for all private subnets, or one for each when each zone has a NAT gateway."""
        names = ["private", *(f"private-{index + 1}" for index in range(1, len(args.nat_subnets)))]
        tables = [aws.ec2.RouteTable(name, vpc_id=self.vpc_id, tags=self._tags(name), opts=child) for name in names]
        if args.nat_subnets:
            public = aws.ec2.RouteTable("public", vpc_id=self.vpc_id, tags=self._tags("public"), opts=child)
            way_out = aws.ec2.Route(
                "public",
                route_table_id=public.id,
                destination_cidr_block=EVERYWHERE,
                gateway_id=internet.id,
                opts=child,
            )
            for plan, table in zip(args.nat_subnets, tables, strict=True):
                self._nat(plan, args.zones, public, table, pulumi.ResourceOptions(parent=self, depends_on=[way_out]))
        return tables

    def _nat(
        self,
        plan: SubnetPlan,
        zones: pulumi.Output[Sequence[str]],
        public: aws.ec2.RouteTable,
        private: aws.ec2.RouteTable,
        child: pulumi.ResourceOptions,
    ) -> None:
        name = f"nat-{plan.zone_index + 1}"
        address = aws.ec2.Eip(name, domain="vpc", tags=self._tags(name), opts=child)
        gateway = aws.ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=self._subnet(plan, zones, public, child),
            tags=self._tags(name),
            opts=child,
        )
        aws.ec2.Route(
            name,
            route_table_id=private.id,
            destination_cidr_block=EVERYWHERE,
            nat_gateway_id=gateway.id,
            opts=child,
        )

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
