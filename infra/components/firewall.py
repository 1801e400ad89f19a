"""AWS WAF in front of CloudFront: known bad addresses, too many requests, and common attacks on the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.components.storage import PUBLISHED_PREFIX
from infra.naming import Naming

CLOUDFRONT_REGION = "us-east-1"
"""A web ACL for CloudFront, and its log, can be nowhere else."""
WINDOW_SECONDS = 300
MEDIA_PATH = f"/{PUBLISHED_PREFIX}"
ScopeDown = Any
"""The same statement has a type of its own in each place of the SDK."""
SECRET_HEADERS = ("authorization", "cookie")


@dataclass(frozen=True)
class FirewallArgs:
    """How much one address may ask for."""

    api_requests: int
    """[request per address and window]"""
    media_requests: int
    """[request per address and window]"""
    log_retention_days: int
    keep_requests: bool = True
    """Whether refused requests are logged, and some are sampled: both hold the addresses of viewers, and both lie in
    CloudFront's own region."""


class Firewall(pulumi.ComponentResource):
    """A web ACL for the distribution, with a log of what it refused."""

    acl: aws.wafv2.WebAcl

    def __init__(
        self, name: str, naming: Naming, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:delivery:Firewall", name, None, opts)
        tags = naming.tags("firewall")
        child = pulumi.ResourceOptions(parent=self)
        sampled = args.keep_requests
        self.acl = aws.wafv2.WebAcl(
            "edge",
            name=naming.physical("edge"),
            description="Viewers of videos, and callers of the API",
            scope="CLOUDFRONT",
            region=CLOUDFRONT_REGION,
            default_action={"allow": {}},
            rules=[
                _managed(0, "AWSManagedRulesAmazonIpReputationList", sampled),
                _rate(1, "api-rate", _API, args.api_requests, sampled),
                _rate(2, "media-rate", _MEDIA, args.media_requests, sampled),
                # Segments are plain GETs of files: only the API has something to attack.
                _managed(3, "AWSManagedRulesCommonRuleSet", sampled, only=_API),
            ],
            visibility_config=_visibility("edge", sampled),
            tags=tags,
            opts=child,
        )
        if args.keep_requests:
            self._log_refusals(naming, args, child)
        self.register_outputs({"acl": self.acl.arn})

    def _log_refusals(self, naming: Naming, args: FirewallArgs, child: pulumi.ResourceOptions) -> None:
        logs = aws.cloudwatch.LogGroup(
            "edge",
            # WAF writes to groups of this prefix only.
            name=f"aws-waf-logs-{naming.physical('edge')}",
            region=CLOUDFRONT_REGION,
            retention_in_days=args.log_retention_days,
            tags=naming.tags("firewall"),
            opts=child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            "edge",
            resource_arn=self.acl.arn,
            region=CLOUDFRONT_REGION,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": header}} for header in SECRET_HEADERS],
            # Every request would be millions of lines; those that were refused are the interesting ones.
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [{"action_condition": {"action": "BLOCK"}}],
                    }
                ],
            },
            opts=child,
        )


def _visibility(metric: str, sampled: bool) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {"cloudwatch_metrics_enabled": True, "sampled_requests_enabled": sampled, "metric_name": metric}


_MEDIA: ScopeDown = {
    "byte_match_statement": {
        "search_string": MEDIA_PATH,
        "positional_constraint": "STARTS_WITH",
        "field_to_match": {"uri_path": {}},
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }
}
"""Files of published videos."""
_API: ScopeDown = {"not_statement": {"statement": _MEDIA}}
"""All else, however it is written: a path that is disguised is no media path."""


def _managed(priority: int, group: str, sampled: bool, only: ScopeDown | None = None) -> aws.wafv2.WebAclRuleArgsDict:
    """A rule group that AWS keeps up to date."""
    statement: aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {"name": group, "vendor_name": "AWS"}
    if only:
        statement["scope_down_statement"] = only
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": _visibility(group, sampled),
    }


def _rate(priority: int, name: str, only: ScopeDown, limit: int, sampled: bool) -> aws.wafv2.WebAclRuleArgsDict:
    """Refuses an address that asks too often."""
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "evaluation_window_sec": WINDOW_SECONDS,
                "limit": limit,
                "scope_down_statement": only,
            }
        },
        "visibility_config": _visibility(name, sampled),
    }
