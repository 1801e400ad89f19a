"""Rules for the network: VPC, security groups, load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.policies.rule import Check, Rulebook, must_be_on
from infra.policies.stack import Resource, Stack, many

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
ANYWHERE = ("0.0.0.0/0", "::/0")
AUTHORIZED_PORTS = (80, 443)
"""Source: Security Hub, EC2.18, default of its parameter authorizedTcpPorts."""
RISKY_PORTS = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432),
    *(5500, 5601, 8080, 8088, 8888, 9200, 9300),
)
"""Source: Security Hub, EC2.19."""
REMOTE_CONTROL_PORTS = (22, 3389)
EVERY_PORT = (0, 65535)
STRICT_MODES = ("defensive", "strictest")
FEWEST_ZONES = 2
ENCRYPTED = ("HTTPS", "TLS")
MODERN_POLICIES = ("ELBSecurityPolicy-TLS13-1-2-", "ELBSecurityPolicy-TLS13-1-3-")
"""Beginnings of the policies that allow TLS 1.2 at the lowest. Source: Application Load Balancer guide."""

book = Rulebook()


@book.fsbp("EC2.2", "high", "A network's default security group lets nothing through", VPC)
def _closed_default(vpc: Resource, stack: Stack) -> Iterator[str]:
    groups = stack.about(vpc, DEFAULT_GROUP)
    if not groups:
        yield "its default security group is left as AWS makes it: open inside, open outwards"
    for group in groups:
        if group.get("ingress") or group.get("egress"):
            yield "its default security group has rules"


@book.fsbp("EC2.6", "medium", "Networks have flow logs", VPC)
def _flow_logs(vpc: Resource, stack: Stack) -> Iterator[str]:
    if not stack.about(vpc, "aws:ec2/flowLog:FlowLog"):
        yield "found no FlowLog for it"


def _endpoint_of(service: str) -> Check:
    def check(vpc: Resource, stack: Stack) -> Iterator[str]:
        names = [str(endpoint.get("serviceName")) for endpoint in stack.about(vpc, ENDPOINT)]
        if not any(name.endswith(f".{service}") for name in names):
            yield f"found no interface endpoint of {service}"

    return check


book.fsbp("EC2.10", "medium", "Networks reach EC2 through an endpoint", VPC)(_endpoint_of("ec2"))
book.fsbp("EC2.55", "medium", "Networks reach ECR through an endpoint", VPC)(_endpoint_of("ecr.api"))
book.fsbp("EC2.56", "medium", "Networks reach the Docker registry through an endpoint", VPC)(_endpoint_of("ecr.dkr"))


@book.fsbp("EC2.15", "medium", "Subnets give no public addresses", SUBNET)
def _private_subnets(subnet: Resource, stack: Stack) -> Iterator[str]:
    if subnet.is_on("mapPublicIpOnLaunch"):
        yield "mapPublicIpOnLaunch is true"


@book.fsbp("EC2.18", "high", "The internet reaches authorized ports only", INGRESS, GROUP)
def _authorized_ports(resource: Resource, stack: Stack) -> Iterator[str]:
    for rule in _open_rules(resource):
        first, last = _ports(rule)
        if first != last or first not in AUTHORIZED_PORTS:
            yield f"ports {first} to {last} are open to the internet, authorized are {AUTHORIZED_PORTS}"


@book.fsbp("EC2.19", "critical", "The internet does not reach ports of high risk", INGRESS, GROUP)
def _risky_ports(resource: Resource, stack: Stack) -> Iterator[str]:
    for rule in _open_rules(resource):
        first, last = _ports(rule)
        risky = [port for port in RISKY_PORTS if first <= port <= last]
        if risky:
            yield f"open to the internet: {', '.join(map(str, risky))}"


def _open_rules(resource: Resource) -> list[Mapping[str, Any]]:
    rules = many(resource.get("ingress")) if resource.type == GROUP else [resource.inputs]
    return [rule for rule in rules if _sources(rule) & set(ANYWHERE)]


def _sources(rule: Mapping[str, Any]) -> set[str]:
    return {
        str(value) for key in ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks") for value in many(rule.get(key))
    }


def _ports(rule: Mapping[str, Any]) -> tuple[int, int]:
    if rule.get("fromPort") is None or str(rule.get("ipProtocol", rule.get("protocol"))) == "-1":
        return EVERY_PORT
    return int(rule["fromPort"]), int(rule.get("toPort", rule["fromPort"]))


@book.fsbp("EC2.21", "medium", "Network ACLs keep the internet from remote control", "aws:ec2/networkAcl:NetworkAcl")
def _no_remote_control(acl: Resource, stack: Stack) -> Iterator[str]:
    for rule in many(acl.get("ingress")):
        first, last = _ports(rule)
        found = [port for port in REMOTE_CONTROL_PORTS if first <= port <= last]
        if (
            rule.get("action") == "allow"
            and {rule.get("cidrBlock"), rule.get("ipv6CidrBlock")} & set(ANYWHERE)
            and found
        ):
            yield f"ports {found} are open to the internet"


def _listeners(balancer: Resource, stack: Stack) -> list[Resource]:
    return stack.about(balancer, LISTENER, prop="loadBalancerArn")


@book.fsbp("ELB.1", "medium", "Load balancers redirect HTTP to HTTPS", BALANCER)
def _redirects(balancer: Resource, stack: Stack) -> Iterator[str]:
    for listener in _listeners(balancer, stack):
        actions = {action.get("type") for action in many(listener.get("defaultActions"))}
        if listener.get("protocol") == "HTTP" and actions != {"redirect"}:
            yield f"listener {listener.name} answers HTTP on port {listener.get('port')}"


book.fsbp("ELB.4", "medium", "Load balancers drop invalid headers", BALANCER)(must_be_on("dropInvalidHeaderFields"))
book.fsbp("ELB.5", "medium", "Load balancers are logged", BALANCER)(must_be_on("accessLogs.enabled"))
book.fsbp("ELB.6", "medium", "Load balancers have deletion protection", BALANCER)(
    must_be_on("enableDeletionProtection")
)


@book.fsbp("ELB.12", "medium", "Load balancers are strict about desynchronized requests", BALANCER)
def _desync(balancer: Resource, stack: Stack) -> Iterator[str]:
    if (mode := balancer.get("desyncMitigationMode", "defensive")) not in STRICT_MODES:
        yield f"desyncMitigationMode is {mode}"


@book.fsbp("ELB.13", "medium", "Load balancers span several zones", BALANCER)
def _several_zones(balancer: Resource, stack: Stack) -> Iterator[str]:
    subnets = many(balancer.get("subnets")) or many(balancer.get("subnetMappings"))
    if len(subnets) < FEWEST_ZONES:
        yield f"it stands in {len(subnets)} subnets, expected {FEWEST_ZONES} or more"


@book.fsbp("ELB.17", "medium", "Listeners use a recommended TLS policy", LISTENER)
def _modern_listeners(listener: Resource, stack: Stack) -> Iterator[str]:
    policy = str(listener.get("sslPolicy"))
    if listener.get("protocol") in ENCRYPTED and not policy.startswith(MODERN_POLICIES):
        yield f"sslPolicy is {policy}"


@book.fsbp("ELB.18", "medium", "Listeners encrypt data in transit", LISTENER)
def _encrypted_listeners(listener: Resource, stack: Stack) -> Iterator[str]:
    if listener.get("protocol") not in ENCRYPTED:
        yield f"protocol is {listener.get('protocol')}"
