"""Would IAM allow it? A small evaluator of identity and resource policies.

moto lets everybody do everything. This module reads the policies that a stack put into moto and decides as IAM does
within one account: an explicit Deny wins, an Allow is needed, everything else is refused. What it cannot judge
(an unknown condition operator or element, a policy variable) is an error, never ignored.

Not judged: permission boundaries, session policies, organisation policies.

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ARN_PARTS = 6
"""``arn:partition:service:region:account:resource``."""

KNOWN_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class PolicyError(ValueError):
    """A policy uses what this evaluator does not know; its answer would be a guess."""


@dataclass(frozen=True)
class Request:
    """What somebody asks of IAM."""

    action: str
    """``service:Action``."""
    resource: str
    """ARN, or "*" for an action that names no resource."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys of the request ("aws:SourceArn"); case does not matter."""
    principal: str = ""
    """Who asks, for resource policies: a service ("events.amazonaws.com"), a role's ARN, "anonymous"."""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    where: str
    """Policy that it stands in ("policy submit of role submit-1a2b3c4")."""
    effect: str
    principals: tuple[str, ...] | None
    """None in an identity's own policy; "*" is everybody."""
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Operator, key, values."""

    def __str__(self) -> str:
        head = f"{self.effect} {', '.join(self.actions)} on {', '.join(self.resources)}"
        parties = f" for {', '.join(self.principals)}" if self.principals is not None else ""
        rules = [f"{operator} {key} {' or '.join(values)}" for operator, key, values in self.conditions]
        return head + parties + (f" if {' and '.join(rules)}" if rules else "")


@dataclass(frozen=True)
class Decision:
    """The answer of IAM, with its reason."""

    allowed: bool
    reason: str
    """The statement that decided, or the nearest one and what it lacks."""
    explicit: bool = False
    """Whether a statement decided, and not the lack of one."""


def statements(document: str | Mapping[str, Any], where: str) -> list[Statement]:
    """The statements of a policy document.

    Args:
        document: the policy, as JSON or parsed.
        where: what to call the policy in messages.

    Raises:
        PolicyError: an element or operator that this evaluator does not know.
    """
    parsed = json.loads(document) if isinstance(document, str) else document
    return [_statement(raw, where) for raw in _listed(parsed["Statement"])]


def decide(policy: Iterable[Statement], request: Request) -> Decision:
    """What IAM would answer.

    >>> reader = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::raw/*"}
    >>> policy = statements({"Statement": reader}, "p")
    >>> decide(policy, Request("s3:GetObject", "arn:aws:s3:::raw/a.mp4")).allowed
    True
    >>> decide(policy, Request("s3:GetObject", "arn:aws:s3:::other/a.mp4")).reason
    'nearest: p: Allow s3:Get* on arn:aws:s3:::raw/*, whose resource does not match'
    """
    known = list(policy)
    for effect in ("Deny", "Allow"):
        for statement in known:
            if statement.effect == effect and not _mismatches(statement, request):
                return Decision(effect == "Allow", f"{statement.where}: {statement}", explicit=True)
    return Decision(False, _nearest([statement for statement in known if statement.effect == "Allow"], request))


def unused(policy: Iterable[Statement], requests: Iterable[Request]) -> list[str]:
    """Pairs of action and resource that are allowed and that none of the requests needed."""
    made = list(requests)
    return [
        f"{statement.where}: {action} on {resource}"
        for statement in policy
        if statement.effect == "Allow"
        for action in statement.actions
        for resource in statement.resources
        if not any(_action_matches(action, one.action) and _like(resource, one.resource) for one in made)
    ]


def role_policy(iam: Any, role_arn: str) -> list[Statement]:
    """Statements of all inline and attached policies of a role.

    Args:
        iam: boto3 client.
        role_arn: the role.

    Raises:
        LookupError: the role does not exist.
    """
    role = role_arn.rsplit("/", 1)[-1]
    try:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    except iam.exceptions.NoSuchEntityException:
        raise LookupError(f"role {role_arn} does not exist") from None
    found: list[Statement] = []
    for name in names:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        found += statements(document, f"policy {name} of role {role}")
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)
        found += statements(answer["PolicyVersion"]["Document"], f"policy {attached['PolicyName']} of role {role}")
    return found


def trust_policy(iam: Any, role_arn: str) -> list[Statement]:
    """Who may assume a role; the role itself stands as the resource, which a trust policy does not name."""
    role = role_arn.rsplit("/", 1)[-1]
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    about = [{"Resource": role_arn, **raw} for raw in _listed(document["Statement"])]
    return statements({"Statement": about}, f"trust policy of role {role}")


def queue_policy(sqs: Any, queue_url: str) -> list[Statement]:
    """Resource policy of a queue; empty when it has none."""
    name = queue_url.rsplit("/", 1)[-1]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["Policy"]).get("Attributes", {})
    return statements(attributes["Policy"], f"policy of queue {name}") if attributes.get("Policy") else []


def bucket_policy(s3: Any, bucket: str) -> list[Statement]:
    """Resource policy of a bucket; empty when it has none."""
    try:
        document = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return []
    return statements(document, f"policy of bucket {bucket}")


def function_policy(awslambda: Any, function: str) -> list[Statement]:
    """Resource policy of a function; empty when it has none."""
    try:
        document = awslambda.get_policy(FunctionName=function)["Policy"]
    except awslambda.exceptions.ResourceNotFoundException:
        return []
    return statements(document, f"policy of function {function.rsplit(':', 1)[-1]}")


def _statement(raw: Mapping[str, Any], where: str) -> Statement:
    # NotAction and its like are left out on purpose: nothing here uses them, and guessing them would be worse.
    if unknown := sorted(set(raw) - KNOWN_ELEMENTS):
        raise PolicyError(
            f"{where}: {', '.join(unknown)} is not known to the evaluator in infra/emulator/permissions.py"
        )
    conditions = tuple(
        (operator, key, tuple(str(value) for value in _listed(values)))
        for operator, rules in raw.get("Condition", {}).items()
        for key, values in rules.items()
    )
    for operator, _, _ in conditions:
        if operator not in OPERATORS:
            known = ", ".join(sorted(OPERATORS))
            raise PolicyError(
                f"{where}: condition operator {operator} is not known to the evaluator, which has {known}"
            )
    if "${" in json.dumps(raw):
        raise PolicyError(f"{where}: policy variables (${{...}}) are not known to the evaluator")
    return Statement(
        where=where,
        effect=raw["Effect"],
        principals=_principals(raw["Principal"]) if "Principal" in raw else None,
        actions=tuple(_listed(raw["Action"])),
        resources=tuple(_listed(raw["Resource"])),
        conditions=conditions,
    )


def _principals(element: str | Mapping[str, Any]) -> tuple[str, ...]:
    if isinstance(element, str):
        return (element,)
    return tuple(name for names in element.values() for name in _listed(names))


def _mismatches(statement: Statement, request: Request) -> list[str]:
    """The elements of a statement that do not fit a request; none when it applies."""
    faults = []
    if statement.principals is not None and not {"*", request.principal} & set(statement.principals):
        faults.append(f"principal is not {request.principal}")
    if not any(_action_matches(pattern, request.action) for pattern in statement.actions):
        faults.append("action does not match")
    if not any(_like(pattern, request.resource) for pattern in statement.resources):
        faults.append("resource does not match")
    context = {key.lower(): value for key, value in request.context.items()}
    for operator, key, values in statement.conditions:
        actual = context.get(key.lower())
        if actual is None or not any(OPERATORS[operator](value, actual) for value in values):
            faults.append(f"condition {key} found {actual or 'nothing'}")
    return faults


def _nearest(allows: Sequence[Statement], request: Request) -> str:
    """The Allow that lacks least, preferring the right action over the right resource."""
    if not allows:
        return "no policy allows anything"

    def distance(statement: Statement) -> tuple[bool, int]:
        faults = _mismatches(statement, request)
        return "action does not match" in faults, len(faults)

    best = min(allows, key=distance)
    return f"nearest: {best.where}: {best}, whose {' and '.join(_mismatches(best, request))}"


def _action_matches(pattern: str, action: str) -> bool:
    return _like(pattern.lower(), action.lower())


def _like(pattern: str, text: str) -> bool:
    """``*`` and ``?`` as in IAM; all else stands for itself."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), text, flags=re.DOTALL) is not None


def _arn_like(pattern: str, text: str) -> bool:
    """Part by part, so that a wildcard does not reach over a colon (IAM: ArnLike and ArnEquals are the same)."""
    wanted, found = pattern.split(":", ARN_PARTS - 1), text.split(":", ARN_PARTS - 1)
    return len(wanted) == len(found) and all(map(_like, wanted, found))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
}
"""Condition operator -> does a value of the policy fit that of the request? A key that the request lacks never fits."""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
