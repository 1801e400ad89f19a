"""Amazon VPC and Elastic Load Balancing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, Target, To

TAGS: Mapping[str, Target] = {"tags": "TagSpecifications[].Tags"}
ANYWHERE = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def _tagged(kind: str) -> dict[str, str]:
    """EC2 wants the kind of the thing beside its tags."""
    return {"TagSpecifications[].ResourceType": kind}


def _read_tags(kind: str, found: str) -> dict[str, str]:
    return {"TagSpecifications": f"[{{ResourceType: '{kind}', Tags: {found}.Tags}}]"}


def _ec2(kind: str, operation: str, listed: str, result: str, **more: Any) -> ResourceType:
    """A thing of EC2 that is created by one call, listed by its id, and tagged on creation.

    Args:
        kind: resource type of its tags, also the prefix of its id's filter ("route-table").
        operation: creates it.
        listed: JMESPath of the thing in the answer to its describe operation, "DescribeVpcs.Vpcs[0]".
        result: JMESPath of its id in the answer to ``operation``.
        more: ``inputs``, ``fixed``, ``calls``, ``outputs``, ``members``, ``by`` (parameter of the read), ``lost``.
    """
    describe, _, found = listed.partition(".")
    members = {name: f"{found}.{path}" for name, path in more.get("members", {}).items()}
    read = Read(describe, {more["by"]: ["{id}"]}, {**members, **_read_tags(kind, found)}, rest=found)
    call = Call(
        operation,
        inputs={**TAGS, **more.get("inputs", {})},
        fixed={**_tagged(kind), **more.get("fixed", {})},
        reads=(read,),
        lost=more.get("lost", {}),
    )
    return ResourceType(
        service="ec2",
        name=more.get("name", ""),
        id=Output(more["plan_id"], f"{operation}.{result}"),
        calls=(call, *more.get("calls", ())),
        outputs=more.get("outputs", {}),
        ignored=more.get("ignored", {}),
    )


def _vpc_attribute(name: str) -> Call:
    member = f"{name[0].upper()}{name[1:]}"
    return Call(
        "ModifyVpcAttribute",
        takes=(name,),
        inputs={name: f"{member}.Value"},
        fixed={"VpcId": "{id}"},
        reads=(Read("DescribeVpcAttribute", {"VpcId": "{id}", "Attribute": name}, rest="@"),),
    )


def _permission(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """One rule as EC2 takes it: the description stands beside the source, in the list of the source's kind."""
    sources = {
        "cidrIpv4": ("ipRanges", "cidrIp"),
        "cidrIpv6": ("ipv6Ranges", "cidrIpv6"),
        "prefixListId": ("prefixListIds", "prefixListId"),
        "referencedSecurityGroupId": ("userIdGroupPairs", "groupId"),
    }
    rest = {key: value for key, value in inputs.items() if key not in {*sources, "description"}}
    described = {"description": inputs["description"]} if "description" in inputs else {}
    for key, (listing, member) in sources.items():
        if key in inputs:
            rest[listing] = [{member: inputs[key], **described}]
    return rest


def _security_group_rule(direction: str) -> ResourceType:
    listing = "IpPermissions" if direction == "Ingress" else "IpPermissionsEgress"
    operation = f"AuthorizeSecurityGroup{direction}"
    return ResourceType(
        service="ec2",
        id=Output("sgr-{hex}", f"{operation}.SecurityGroupRules[0].SecurityGroupRuleId"),
        calls=(
            Call(
                operation,
                into="IpPermissions[]",
                prepare=_permission,
                inputs={"securityGroupId": "/GroupId", "tags": "/TagSpecifications[].Tags"},
                fixed=_tagged("security-group-rule"),
                reads=(
                    Read(
                        "DescribeSecurityGroups",
                        {"GroupIds": ["{securityGroupId}"]},
                        {"GroupId": "SecurityGroups[0].GroupId", "IpPermissions": f"SecurityGroups[0].{listing}"},
                    ),
                    Read(
                        "DescribeSecurityGroupRules",
                        {"SecurityGroupRuleIds": ["{id}"]},
                        _read_tags("security-group-rule", "SecurityGroupRules[0]"),
                    ),
                ),
                lost={"IpPermissions.PrefixListIds.Description": "moto does not keep it"},
            ),
        ),
        outputs={
            "securityGroupRuleId": Output("{id}"),
            "arn": Output("arn:aws:ec2:{region}:{account}:security-group-rule/{id}"),
        },
    )


def _attributes(kind: str, keys: Mapping[str, str]) -> Call:
    """Attributes of a load balancer or target group: a list of keys and values beside the structure itself."""
    return Call(
        f"Modify{kind}Attributes",
        takes=tuple(keys),
        inputs={name: f"Attributes[{key}]" for name, key in keys.items()},
        fixed={f"{kind}Arn": "{id}"},
        reads=(Read(f"Describe{kind}Attributes", {f"{kind}Arn": "{id}"}, rest="@"),),
    )


EC2_TYPES: Mapping[str, ResourceType] = {
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "CreateVpc",
        "DescribeVpcs.Vpcs[0]",
        "Vpc.VpcId",
        by="VpcIds",
        plan_id="vpc-{hex}",
        calls=(_vpc_attribute("enableDnsSupport"), _vpc_attribute("enableDnsHostnames")),
        outputs={
            "arn": Output("arn:aws:ec2:{region}:{account}:vpc/{id}"),
        },
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "subnet",
        "CreateSubnet",
        "DescribeSubnets.Subnets[0]",
        "Subnet.SubnetId",
        by="SubnetIds",
        plan_id="subnet-{hex}",
        calls=(
            Call(
                "ModifySubnetAttribute",
                takes=("mapPublicIpOnLaunch",),
                inputs={"mapPublicIpOnLaunch": "MapPublicIpOnLaunch.Value"},
                fixed={"SubnetId": "{id}"},
                reads=(
                    Read(
                        "DescribeSubnets",
                        {"SubnetIds": ["{id}"]},
                        {
                            "SubnetId": "Subnets[0].SubnetId",
                            "MapPublicIpOnLaunch.Value": "Subnets[0].MapPublicIpOnLaunch",
                        },
                    ),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:subnet/{id}", "CreateSubnet.Subnet.SubnetArn")},
    ),
    "aws:ec2/internetGateway:InternetGateway": _ec2(
        "internet-gateway",
        "CreateInternetGateway",
        "DescribeInternetGateways.InternetGateways[0]",
        "InternetGateway.InternetGatewayId",
        by="InternetGatewayIds",
        plan_id="igw-{hex}",
        calls=(
            Call(
                "AttachInternetGateway",
                takes=("vpcId",),
                fixed={"InternetGatewayId": "{id}"},
                reads=(
                    Read(
                        "DescribeInternetGateways",
                        {"InternetGatewayIds": ["{id}"]},
                        {"VpcId": "InternetGateways[0].Attachments[].VpcId"},
                        rest="InternetGateways[0]",
                    ),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:internet-gateway/{id}")},
    ),
    "aws:ec2/routeTable:RouteTable": _ec2(
        "route-table",
        "CreateRouteTable",
        "DescribeRouteTables.RouteTables[0]",
        "RouteTable.RouteTableId",
        by="RouteTableIds",
        plan_id="rtb-{hex}",
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:route-table/{id}")},
    ),
    "aws:ec2/route:Route": ResourceType(
        service="ec2",
        id=Output("r-{routeTableId}{hex}"),
        calls=(
            Call(
                "CreateRoute",
                reads=(
                    Read(
                        "DescribeRouteTables",
                        {"RouteTableIds": ["{routeTableId}"]},
                        {
                            "RouteTableId": "RouteTables[0].RouteTableId",
                            **{
                                member: f"RouteTables[0].Routes[].{member}"
                                for member in (
                                    "DestinationCidrBlock",
                                    "DestinationIpv6CidrBlock",
                                    "DestinationPrefixListId",
                                    "GatewayId",
                                    "NatGatewayId",
                                    "TransitGatewayId",
                                    "VpcPeeringConnectionId",
                                    "NetworkInterfaceId",
                                    "EgressOnlyInternetGatewayId",
                                )
                            },
                        },
                    ),
                ),
            ),
        ),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ResourceType(
        service="ec2",
        id=Output("rtbassoc-{hex}", "AssociateRouteTable.AssociationId"),
        calls=(
            Call(
                "AssociateRouteTable",
                reads=(
                    Read(
                        "DescribeRouteTables",
                        {"RouteTableIds": ["{routeTableId}"]},
                        {
                            "RouteTableId": "RouteTables[0].RouteTableId",
                            "SubnetId": "RouteTables[0].Associations[].SubnetId",
                            "GatewayId": "RouteTables[0].Associations[].GatewayId",
                        },
                    ),
                ),
            ),
        ),
    ),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "security-group",
        "CreateSecurityGroup",
        "DescribeSecurityGroups.SecurityGroups[0]",
        "GroupId",
        by="GroupIds",
        plan_id="sg-{hex}",
        name="name",
        inputs={"name": "GroupName"},
        fixed={"Description": "Managed by Pulumi"},
        # The provider takes away the rule that AWS gives every new group: all traffic out.
        calls=(Call("RevokeSecurityGroupEgress", takes=(), fixed={"GroupId": "{id}", "IpPermissions": ANYWHERE}),),
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:security-group/{id}")},
        ignored={"revokeRulesOnDelete": "how Pulumi deletes the group"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ResourceType(
        service="ec2",
        id=Output("sg-{hex}", "DescribeSecurityGroups.SecurityGroups[0].GroupId"),
        calls=(
            # The provider adopts the group that every VPC has, and takes its rules away. In moto the group lacks the
            # one that lets its members reach one another, which the provider revokes as well.
            Call(
                "DescribeSecurityGroups",
                takes=(),
                fixed={
                    "Filters": [
                        {"Name": "vpc-id", "Values": ["{vpcId}"]},
                        {"Name": "group-name", "Values": ["default"]},
                    ]
                },
            ),
            Call("RevokeSecurityGroupEgress", takes=(), fixed={"GroupId": "{id}", "IpPermissions": ANYWHERE}),
            Call(
                "CreateTags",
                fixed={"Resources": ["{id}"]},
                reads=(
                    Read(
                        "DescribeSecurityGroups",
                        {"GroupIds": ["{id}"]},
                        {"Resources": "[SecurityGroups[0].GroupId]", "Tags": "SecurityGroups[0].Tags"},
                    ),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:security-group/{id}")},
        ignored={"vpcId": "finds the group: it stands in the filter"},
    ),
    "aws:ec2/eip:Eip": _ec2(
        "elastic-ip",
        "AllocateAddress",
        "DescribeAddresses.Addresses[0]",
        "AllocationId",
        by="AllocationIds",
        plan_id="eipalloc-{hex}",
        outputs={"allocationId": Output("{id}")},
    ),
    "aws:ec2/natGateway:NatGateway": _ec2(
        "natgateway",
        "CreateNatGateway",
        "DescribeNatGateways.NatGateways[0]",
        "NatGateway.NatGatewayId",
        by="NatGatewayIds",
        plan_id="nat-{hex}",
        members={"AllocationId": "NatGatewayAddresses[].AllocationId"},
    ),
    "aws:ec2/flowLog:FlowLog": _ec2(
        "vpc-flow-log",
        "CreateFlowLogs",
        "DescribeFlowLogs.FlowLogs[0]",
        "FlowLogIds[0]",
        by="FlowLogIds",
        plan_id="fl-{hex}",
        inputs={
            "vpcId": To("ResourceIds", lambda vpc: [vpc]),
            "iamRoleArn": "DeliverLogsPermissionArn",
            # The provider sends the ARN as LogDestination, which AWS takes as well; moto knows log groups by name only.
            "logDestination": To("LogGroupName", lambda arn: arn.rpartition(":log-group:")[2].removesuffix(":*")),
        },
        fixed={"ResourceType": "VPC"},
        members={"ResourceIds": "[ResourceId]"},
        lost={"ResourceType": "DescribeFlowLogs does not answer it; the id of the network says it"},
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}")},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpc-endpoint",
        "CreateVpcEndpoint",
        "DescribeVpcEndpoints.VpcEndpoints[0]",
        "VpcEndpoint.VpcEndpointId",
        by="VpcEndpointIds",
        plan_id="vpce-{hex}",
        inputs={"policy": "PolicyDocument"},
        members={"SecurityGroupIds": "Groups[].GroupId"},
        outputs={"arn": Output("arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}")},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule("Ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule("Egress"),
}


def _rule(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API asks for the field of a condition beside its values; the provider takes it from what is configured."""
    conditions = [
        {"field": re.sub("(?=[A-Z])", "-", kind).lower(), f"{kind}Config": value}
        for condition in inputs["conditions"]
        for kind, value in condition.items()
    ]
    return {**inputs, "conditions": conditions}


BALANCER_ATTRIBUTES = {
    "enableDeletionProtection": "deletion_protection.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "clientKeepAlive": "client_keep_alive.seconds",
}

TARGET_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
}

BALANCING_TYPES: Mapping[str, ResourceType] = {
    "aws:lb/loadBalancer:LoadBalancer": ResourceType(
        service="elbv2",
        name="name",
        name_limit=32,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateLoadBalancer",
                inputs={
                    "internal": To("Scheme", lambda internal: "internal" if internal else "internet-facing"),
                    "loadBalancerType": "Type",
                },
                reads=(
                    Read(
                        "DescribeLoadBalancers",
                        {"LoadBalancerArns": ["{arn}"]},
                        {
                            "Name": "LoadBalancers[0].LoadBalancerName",
                            "Subnets": "LoadBalancers[0].AvailabilityZones[].SubnetId",
                        },
                        rest="LoadBalancers[0]",
                    ),
                    Read("DescribeTags", {"ResourceArns": ["{arn}"]}, {"Tags": "TagDescriptions[0].Tags"}),
                ),
            ),
            _attributes("LoadBalancer", BALANCER_ATTRIBUTES),
        ),
        outputs={
            "arn": Output(
                "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex}",
                "CreateLoadBalancer.LoadBalancers[0].LoadBalancerArn",
            ),
            "arnSuffix": Output(
                "app/{name}/{hex}", "CreateLoadBalancer.LoadBalancers[0].LoadBalancerArn", after=":loadbalancer/"
            ),
            "dnsName": Output(
                "internal-{name}-{hex}.{region}.elb.amazonaws.com", "CreateLoadBalancer.LoadBalancers[0].DNSName"
            ),
            "zoneId": Output("Z{hex}", "CreateLoadBalancer.LoadBalancers[0].CanonicalHostedZoneId"),
        },
    ),
    "aws:lb/targetGroup:TargetGroup": ResourceType(
        service="elbv2",
        name="name",
        name_limit=32,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateTargetGroup",
                inputs={
                    "healthCheck": ".",
                    "healthCheck.enabled": "HealthCheckEnabled",
                    "healthCheck.healthyThreshold": "HealthyThresholdCount",
                    "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
                    "healthCheck.interval": "HealthCheckIntervalSeconds",
                    "healthCheck.timeout": "HealthCheckTimeoutSeconds",
                    "healthCheck.path": "HealthCheckPath",
                    "healthCheck.port": "HealthCheckPort",
                    "healthCheck.protocol": "HealthCheckProtocol",
                    "healthCheck.matcher": "Matcher.HttpCode",
                },
                reads=(
                    Read(
                        "DescribeTargetGroups",
                        {"TargetGroupArns": ["{arn}"]},
                        {"Name": "TargetGroups[0].TargetGroupName"},
                        rest="TargetGroups[0]",
                    ),
                    Read("DescribeTags", {"ResourceArns": ["{arn}"]}, {"Tags": "TagDescriptions[0].Tags"}),
                ),
            ),
            _attributes("TargetGroup", TARGET_ATTRIBUTES),
        ),
        outputs={
            "arn": Output(
                "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex}",
                "CreateTargetGroup.TargetGroups[0].TargetGroupArn",
            ),
            "arnSuffix": Output(
                "targetgroup/{name}/{hex}", "CreateTargetGroup.TargetGroups[0].TargetGroupArn", after="{account}:"
            ),
        },
    ),
    "aws:lb/listenerRule:ListenerRule": ResourceType(
        service="elbv2",
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateRule",
                prepare=_rule,
                reads=(
                    Read("DescribeRules", {"RuleArns": ["{arn}"]}, rest="Rules[0]"),
                    Read("DescribeTags", {"ResourceArns": ["{arn}"]}, {"Tags": "TagDescriptions[0].Tags"}),
                ),
                lost={"ListenerArn": "a rule does not say which listener it is of"},
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:elasticloadbalancing:{region}:{account}:listener-rule/app/listener/{hex}/{hex}/{hex}",
                "CreateRule.Rules[0].RuleArn",
            ),
        },
    ),
    "aws:lb/listener:Listener": ResourceType(
        service="elbv2",
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateListener",
                inputs={
                    "certificateArn": "Certificates[].CertificateArn",
                    "defaultActions.redirect": "RedirectConfig",
                    "defaultActions.fixedResponse": "FixedResponseConfig",
                    "defaultActions.forward": "ForwardConfig",
                },
                reads=(
                    Read("DescribeListeners", {"ListenerArns": ["{arn}"]}, rest="Listeners[0]"),
                    Read("DescribeTags", {"ResourceArns": ["{arn}"]}, {"Tags": "TagDescriptions[0].Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:elasticloadbalancing:{region}:{account}:listener/app/listener/{hex}/{hex}",
                "CreateListener.Listeners[0].ListenerArn",
            ),
        },
    ),
}

TYPES: Mapping[str, ResourceType] = {**EC2_TYPES, **BALANCING_TYPES}
