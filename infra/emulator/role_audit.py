"""Least privilege, from recorded calls: does a role allow what was done under it, and what is allowed for nothing?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from infra.emulator.function_runner import DeployedFunction
from infra.emulator.permissions import Request, decide, role_policy, trust_policy, unused
from infra.emulator.required_permissions import Call, Place, required

MEDIACONVERT = "mediaconvert.amazonaws.com"


class RoleAudit:
    """Judges what is done under roles, and remembers it until :meth:`unused` is asked."""

    def __init__(self, iam: Any, place: Place) -> None:
        """Begin an audit.

        Args:
            iam: boto3 client.
            place: account and region of the calls.
        """
        self._iam = iam
        self._place = place
        self._needs: dict[str, list[Request]] = {}

    def function(self, function: DeployedFunction, calls: Iterable[Call], service: Iterable[Request] = ()) -> list[str]:
        """What a function did, or must do besides, that its role does not allow.

        Args:
            function: as deployed.
            calls: that it made.
            service: what a service did under the function's role (Lambda, to read its queue or stream).
        """
        needs = [*service, *(need for call in calls for need in required(call, self._place))]
        return self._judge(f"function {function.name}", function.role_arn, [*needs, *self._besides(function)])

    def service(self, who: str, role_arn: str, needs: Iterable[Request]) -> list[str]:
        """What a service without code of ours (a pipe) needs under a role that the role does not allow."""
        return self._judge(who, role_arn, needs)

    def job(self, role_arn: str, inputs: Sequence[str], outputs: Sequence[str]) -> list[str]:
        """What MediaConvert needs under a role that the role does not allow.

        Args:
            role_arn: role of the job.
            inputs: ``s3://`` addresses that it reads.
            outputs: ``s3://`` addresses that it writes.
        """
        try:
            trust = trust_policy(self._iam, role_arn)
        except self._iam.exceptions.NoSuchEntityException:
            return [f"role {role_arn} of the job does not exist"]
        context = {"aws:SourceAccount": self._place.account}
        trusted = decide(trust, Request("sts:AssumeRole", role_arn, context, MEDIACONVERT))
        faults = [] if trusted.allowed else [f"MediaConvert may not assume role {role_arn}: {trusted.reason}"]
        needs = [self._object("s3:GetObject", address) for address in inputs]
        needs += [self._object("s3:PutObject", address) for address in outputs]
        return faults + self._judge("MediaConvert", role_arn, needs)

    def unused(self) -> list[str]:
        """Permissions of the judged roles that nothing needed so far."""
        return [
            allowance
            for role_arn, needs in sorted(self._needs.items())
            for allowance in unused(role_policy(self._iam, role_arn), needs)
        ]

    def _judge(self, who: str, role_arn: str, needs: Iterable[Request]) -> list[str]:
        try:
            policy = role_policy(self._iam, role_arn)
        except LookupError as error:
            return [f"{who}: {error}"]
        asked: Mapping[str, Request] = {str(need): need for need in needs}
        self._needs.setdefault(role_arn, []).extend(asked.values())
        answers = {need: decide(policy, request) for need, request in asked.items()}
        return [f"{who} may not {need}: {answer.reason}" for need, answer in answers.items() if not answer.allowed]

    def _besides(self, function: DeployedFunction) -> list[Request]:
        """What Lambda does under the function's role without any code of it: write the log and the dead letters."""
        place = self._place
        group = f"arn:{place.partition}:logs:{place.region}:{place.account}:log-group:/aws/lambda/{function.name}"
        stream = f"{group}:log-stream:1"
        needs = [Request("logs:CreateLogStream", stream), Request("logs:PutLogEvents", stream)]
        if function.dead_letter_arn:
            needs.append(Request("sqs:SendMessage", function.dead_letter_arn))
        return needs

    def _object(self, action: str, address: str) -> Request:
        return Request(action, f"arn:{self._place.partition}:s3:::{address.removeprefix('s3://')}")
