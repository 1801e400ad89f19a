"""AWS WAF: web ACLs, their rules, and the requests that they look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.cloudfront import DISTRIBUTION, viewer_requests
from costmodel.metering.context import Context, Factors, Finding, Gap, literal_mapping

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
SERVICE = "WAF"
GLOBAL_REGION = "us-east-1"
"""Where a web ACL in front of CloudFront lives, whatever the region of the rest."""
BOT_CONTROL = "AWSManagedRulesBotControlRuleSet"
FRAUD_CONTROL = frozenset({"AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet"})


def web_acl(resource: Resource, context: Context) -> Iterable[Finding]:
    """A web ACL: its month, its rules (a managed group counts as one), and every request of what it protects."""
    one: Factors = {"1 web ACL": 1}
    yield context.quantity(
        resource, (SERVICE, "web_acl"), "month", one, "Security", region=_region(resource), usage_based=False
    )
    rules = resource.inputs.get("rules")
    if isinstance(rules, list):
        count: Factors = {f"{len(rules)} rules": len(rules)}
        yield context.quantity(
            resource, (SERVICE, "rule"), "rule-month", count, "Security", region=_region(resource), usage_based=False
        )
    else:
        yield Gap("its rules are not known")
    seen = monthly_requests(resource, context)
    if seen is None:
        reason = "requests are not counted: what it protects, or how much of that there is, is not known"
        yield Gap(reason, closed_by=("monthly_requests",))
        return
    yield context.quantity(resource, (SERVICE, "requests"), "requests", seen, "Security", region=_region(resource))
    yield from _managed(resource, context, seen)


def _region(resource: Resource) -> str:
    return GLOBAL_REGION if resource.inputs.get("scope") == "CLOUDFRONT" else resource.region


def monthly_requests(resource: Resource, context: Context) -> Factors | None:
    """Requests of the distributions that an ACL protects, shape (..., month); None when there is none that is known."""
    protected = context.inventory.referring(resource.urn, DISTRIBUTION)
    flows = [flow for one in protected if (flow := viewer_requests(one, context)) is not None]
    return events.total(flows, context) if flows else None


def _managed(resource: Resource, context: Context, seen: Factors) -> Iterator[Finding]:
    """Groups of rules that have prices of their own."""
    for group in _managed_groups(resource):
        name = group.get("name")
        if name == BOT_CONTROL:
            one: Factors = {"1 group of rules against bots": 1}
            yield context.quantity(
                resource,
                (SERVICE, "bot_control"),
                "month",
                one,
                "Security",
                region=_region(resource),
                usage_based=False,
            )
            if group.get("scopeDownStatement"):
                yield Gap("requests that bot control looks at are not counted: its scope is narrowed by a statement")
            else:
                sku = (SERVICE, f"bot_control.{_inspection(group)}.requests")
                yield context.quantity(resource, sku, "requests", seen, "Security", region=_region(resource))
        elif name in FRAUD_CONTROL:
            yield Gap("attempts to log in or sign up that fraud control looks at are not counted")


def _managed_groups(resource: Resource) -> Iterator[Mapping[str, object]]:
    for rule in _entries(resource.inputs, "rules"):
        yield literal_mapping(literal_mapping(rule.get("statement")).get("managedRuleGroupStatement"))


def _inspection(group: Mapping[str, object]) -> str:
    """Level of bot control: the common one, or the ten times as dear targeted one."""
    for config in _entries(group, "managedRuleGroupConfigs"):
        bots = literal_mapping(config.get("awsManagedRulesBotControlRuleSet"))
        if str(bots.get("inspectionLevel")).upper() == "TARGETED":
            return "targeted"
    return "common"


def logged_share(logging: Resource, context: Context) -> Factors | None:
    """Share of the requests that are logged: all, or those that are blocked; None for any other filter."""
    filtering = literal_mapping(logging.inputs.get("loggingFilter"))
    if not filtering:
        return {}
    if filtering.get("defaultBehavior") == "DROP" and _kept(filtering) == {"BLOCK"}:
        return {"share that is blocked": context.assumptions["eng.waf_blocked_share"]}
    return None


def _kept(filtering: Mapping[str, object]) -> set[object]:
    """Actions that the filters of a log keep."""
    conditions = [condition for one in _entries(filtering, "filters") for condition in _entries(one, "conditions")]
    return {literal_mapping(condition.get("actionCondition")).get("action") for condition in conditions}


def _entries(value: Mapping[str, object], prop: str) -> list[Mapping[str, object]]:
    """A list of nested inputs; empty when it is absent or not known yet."""
    found = value.get(prop)
    return [literal_mapping(entry) for entry in found] if isinstance(found, list) else []
