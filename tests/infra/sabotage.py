"""Mistakes, made in a stack that stands and taken back: what a guard is worth shows when it is gone."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from infra.emulator.moto_events import code_package
from infra.emulator.session import Session


class Sabotage:
    """Changes one thing of the deployed stack, and puts it back when its context ends."""

    def __init__(self, stack: Session) -> None:
        self.stack = stack
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Sabotage:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()
        self._purge()

    def function(self, name: str, **changes: Any) -> None:
        """Changes the configuration of a function."""
        awslambda = self.stack.client("lambda")
        before = awslambda.get_function_configuration(FunctionName=name)
        kept = {key: before[key] for key in changes}
        awslambda.update_function_configuration(FunctionName=name, **changes)
        self._undo.callback(awslambda.update_function_configuration, FunctionName=name, **kept)

    def variable(self, name: str, variable: str, value: str | None) -> None:
        """Changes one environment variable of a function; None takes it away."""
        config = self.stack.client("lambda").get_function_configuration(FunctionName=name)
        variables = {key: text for key, text in config["Environment"]["Variables"].items() if key != variable}
        self.function(name, Environment={"Variables": variables | ({variable: value} if value else {})})

    def pattern(self, rule: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes the event pattern of a rule."""
        events = self.stack.client("events")
        before = events.describe_rule(Name=rule)["EventPattern"]
        pattern = json.loads(before)
        change(pattern)
        events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        self._undo.callback(events.put_rule, Name=rule, EventPattern=before)

    def role(self, of: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes each statement of the inline policies of the first role whose name starts so."""
        iam = self.stack.client("iam")
        role = next(one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith(of))
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            before = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            document = json.loads(before)
            for statement in document["Statement"]:
                change(statement)
            document["Statement"] = [statement for statement in document["Statement"] if statement["Action"]]
            if document["Statement"]:
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
            else:
                iam.delete_role_policy(RoleName=role, PolicyName=name)
            self._undo.callback(iam.put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=before)

    def without_action(self, of: str, action: str) -> None:
        """Takes an action out of a role."""

        def take_out(statement: dict[str, Any]) -> None:
            statement["Action"] = [one for one in statement["Action"] if one != action]

        self.role(of, take_out)

    def triggers(self, pool: str, functions: dict[str, str]) -> None:
        """Replaces the functions that a user pool asks."""
        cognito = self.stack.client("cognito-idp")
        before = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["LambdaConfig"]
        cognito.update_user_pool(UserPoolId=pool, LambdaConfig=functions)
        self._undo.callback(cognito.update_user_pool, UserPoolId=pool, LambdaConfig=before)

    def queue_policy(self, queue: str, policy: str) -> None:
        """Replaces the policy of the first queue whose name starts so."""
        sqs = self.stack.client("sqs")
        url = sqs.list_queues(QueueNamePrefix=queue)["QueueUrls"][0]
        before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._undo.callback(sqs.set_queue_attributes, QueueUrl=url, Attributes=before)

    def permission(self, function: str, rule_arn: str) -> None:
        """Lets another rule invoke a function, and the right one no more."""
        awslambda = self.stack.client("lambda")
        (before,) = json.loads(awslambda.get_policy(FunctionName=function)["Policy"])["Statement"]
        sid = before["Sid"]
        awslambda.remove_permission(FunctionName=function, StatementId=sid)
        common = {"FunctionName": function, "StatementId": sid, "Action": before["Action"]}
        common["Principal"] = "events.amazonaws.com"
        awslambda.add_permission(SourceArn=rule_arn, **common)
        self._undo.callback(
            awslambda.add_permission, SourceArn=before["Condition"]["ArnLike"]["AWS:SourceArn"], **common
        )
        self._undo.callback(awslambda.remove_permission, FunctionName=function, StatementId=sid)

    def notification_off(self) -> None:
        """The raw bucket announces nothing any more."""
        s3, bucket = self.stack.client("s3"), self.stack.recording.outputs["rawBucket"]
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        self._undo.callback(
            s3.put_bucket_notification_configuration,
            Bucket=bucket,
            NotificationConfiguration={"EventBridgeConfiguration": {}},
        )

    def bucket_statement(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes the statements about CloudFront in the policy of the renditions."""
        s3, bucket = self.stack.client("s3"), self.stack.recording.outputs["renditionsBucket"]
        before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        document = json.loads(before)
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                change(statement)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
        self._undo.callback(s3.put_bucket_policy, Bucket=bucket, Policy=before)

    def package(self, function: str, change: Callable[[dict[str, str]], None]) -> None:
        """Changes the files of the deployed package of a function."""
        awslambda = self.stack.client("lambda")
        before = code_package(awslambda.get_function_configuration(FunctionName=function)["FunctionArn"])
        with zipfile.ZipFile(io.BytesIO(before)) as whole:
            files = {name: whole.read(name).decode() for name in whole.namelist()}
        change(files)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as changed:
            for name, text in files.items():
                changed.writestr(name, text)
        awslambda.update_function_code(FunctionName=function, ZipFile=buffer.getvalue())
        self._undo.callback(awslambda.update_function_code, FunctionName=function, ZipFile=before)

    def code(self, function: str, file: str, old: str, new: str) -> None:
        """Replaces a piece of the deployed code that is there once."""

        def rewrite(files: dict[str, str]) -> None:
            assert files[file].count(old) == 1
            files[file] = files[file].replace(old, new)

        self.package(function, rewrite)

    def disable(self, rule: str) -> None:
        """Disables a rule."""
        events = self.stack.client("events")
        events.disable_rule(Name=rule)
        self._undo.callback(events.enable_rule, Name=rule)

    def without_rules(self) -> None:
        """Deletes every rule, and makes them again with their targets."""
        events = self.stack.client("events")
        for rule in events.list_rules()["Rules"]:
            name, targets = rule["Name"], events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
            events.delete_rule(Name=name)
            self._undo.callback(events.put_targets, Rule=name, Targets=targets)
            self._undo.callback(events.put_rule, Name=name, EventPattern=rule["EventPattern"])

    def _purge(self) -> None:
        """Takes out the dead letters of a journey that failed; PurgeQueue works once a minute only."""
        sqs = self.stack.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
