"""Rules for what runs: Lambda, Step Functions, ECS, ECR, SageMaker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.policies.rule import Rulebook, must_be_on, must_have
from infra.policies.stack import Resource, Stack, many, parsed

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
MACHINE = "aws:sfn/stateMachine:StateMachine"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
CLUSTER = "aws:ecs/cluster:Cluster"
REPOSITORY = "aws:ecr/repository:Repository"
SUPPORTED_RUNTIMES = (
    *("python3.14", "python3.13", "python3.12", "python3.11", "python3.10"),
    *("nodejs24.x", "nodejs22.x", "nodejs20.x"),
    *("java25", "java21", "java17", "dotnet10", "dotnet8", "ruby3.4", "ruby3.3"),
    *("provided.al2023",),
)
"""Source: Lambda developer guide, supported runtimes."""
FEWEST_ZONES = 2
CREDENTIAL_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA")
"""Source: Security Hub, ECS.8."""
ROOT_USERS = ("", "root", "0", "0:0", "root:root")
INSIGHTS = ("enabled", "enhanced")

book = Rulebook()


@book.fsbp("Lambda.1", "critical", "Nobody unnamed may call functions", PERMISSION)
def _callers_named(permission: Resource, stack: Stack) -> Iterator[str]:
    narrowed = any(permission.get(key) for key in ("sourceArn", "sourceAccount", "principalOrgId"))
    # With IAM on the URL every caller still needs a permission of its own.
    if permission.get("principal") == "*" and not narrowed and permission.get("functionUrlAuthType") != "AWS_IAM":
        yield "principal is * without a condition"
    if permission.get("principal") == "s3.amazonaws.com" and not permission.get("sourceAccount"):
        yield "s3.amazonaws.com may call without sourceAccount: bucket names change hands"


@book.fsbp("Lambda.2", "medium", "Functions use supported runtimes", FUNCTION)
def _supported(function: Resource, stack: Stack) -> Iterator[str]:
    runtime = function.get("runtime")
    if function.get("packageType", "Zip") == "Zip" and runtime not in SUPPORTED_RUNTIMES:
        yield f"runtime is {runtime}, which AWS does not support any more or not yet"


@book.fsbp("Lambda.5", "medium", "Functions in a network run in several zones", FUNCTION)
def _several_zones(function: Resource, stack: Stack) -> Iterator[str]:
    subnets = many(function.get("vpcConfig.subnetIds"))
    if subnets and len(subnets) < FEWEST_ZONES:
        yield f"it runs in {len(subnets)} subnet, expected {FEWEST_ZONES} or more"


@book.own("RP.3", "high", "Function URLs know their callers", FUNCTION_URL)
def _url_authorized(url: Resource, stack: Stack) -> Iterator[str]:
    if url.get("authorizationType") != "AWS_IAM":
        yield f"authorizationType is {url.get('authorizationType')}, expected AWS_IAM"


@book.fsbp("StepFunctions.1", "medium", "State machines are logged", MACHINE)
def _machine_logged(machine: Resource, stack: Stack) -> Iterator[str]:
    if (level := machine.get("loggingConfiguration.level", "OFF")) == "OFF":
        yield f"loggingConfiguration.level is {level}"


def containers(task: Resource) -> list[Mapping[str, Any]]:
    """Container definitions of a task; empty when they are not known yet."""
    return many(parsed(task.get("containerDefinitions")))


@book.fsbp("ECS.2", "high", "Services get no public addresses", SERVICE)
def _private_tasks(service: Resource, stack: Stack) -> Iterator[str]:
    if service.is_on("networkConfiguration.assignPublicIp"):
        yield "networkConfiguration.assignPublicIp is true"


@book.fsbp("ECS.3", "high", "Tasks do not share the host's processes", TASK)
def _own_processes(task: Resource, stack: Stack) -> Iterator[str]:
    if task.get("pidMode") == "host":
        yield "pidMode is host"


@book.fsbp("ECS.4", "high", "Containers run without privileges", TASK)
def _unprivileged(task: Resource, stack: Stack) -> Iterator[str]:
    for container in containers(task):
        if container.get("privileged"):
            yield f"container {container.get('name')} is privileged"


@book.fsbp("ECS.5", "high", "Containers cannot write to their root file system", TASK)
def _read_only(task: Resource, stack: Stack) -> Iterator[str]:
    for container in containers(task):
        if not container.get("readonlyRootFilesystem"):
            yield f"container {container.get('name')} has no readonlyRootFilesystem"


@book.fsbp("ECS.8", "high", "Credentials are not passed as environment variables", TASK)
def _no_credentials(task: Resource, stack: Stack) -> Iterator[str]:
    for container in containers(task):
        names = {entry.get("name") for entry in many(container.get("environment"))} & set(CREDENTIAL_NAMES)
        if names:
            yield f"container {container.get('name')} gets {', '.join(sorted(names))} in plain"


@book.fsbp("ECS.9", "high", "Containers are logged", TASK)
def _container_logged(task: Resource, stack: Stack) -> Iterator[str]:
    for container in containers(task):
        if not container.get("logConfiguration"):
            yield f"container {container.get('name')} has no logConfiguration"


@book.fsbp("ECS.10", "medium", "Fargate services run on the latest platform", SERVICE)
def _latest_platform(service: Resource, stack: Stack) -> Iterator[str]:
    if (version := service.get("platformVersion", "LATEST")) != "LATEST":
        yield f"platformVersion is {version}"


@book.fsbp("ECS.12", "medium", "Clusters use Container Insights", CLUSTER)
def _insights(cluster: Resource, stack: Stack) -> Iterator[str]:
    settings = {entry.get("name"): entry.get("value") for entry in many(cluster.get("settings"))}
    if (value := settings.get("containerInsights", "disabled")) not in INSIGHTS:
        yield f"containerInsights is {value}"


@book.fsbp("ECS.20", "medium", "Linux containers do not run as root", TASK)
def _not_root(task: Resource, stack: Stack) -> Iterator[str]:
    for container in containers(task):
        if str(container.get("user", "")) in ROOT_USERS:
            yield f"container {container.get('name')} has no user other than root"


book.fsbp("ECR.1", "high", "Repositories scan images", REPOSITORY)(must_be_on("imageScanningConfiguration.scanOnPush"))


@book.fsbp("ECR.2", "medium", "Image tags cannot be moved", REPOSITORY)
def _immutable_tags(repository: Resource, stack: Stack) -> Iterator[str]:
    if not (mode := repository.get("imageTagMutability", "MUTABLE")).startswith("IMMUTABLE"):
        yield f"imageTagMutability is {mode}"


book.fsbp("ECR.3", "medium", "Repositories have a lifecycle policy", REPOSITORY)(
    must_have("aws:ecr/lifecyclePolicy:LifecyclePolicy")
)


@book.fsbp(
    "SageMaker.4",
    "medium",
    "Endpoint variants start with several instances",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
)
def _several_instances(config: Resource, stack: Stack) -> Iterator[str]:
    for variant in many(config.get("productionVariants")):
        if not variant.get("serverlessConfig") and int(variant.get("initialInstanceCount", 1)) < FEWEST_ZONES:
            yield f"variant {variant.get('variantName')} starts with one instance"


book.fsbp("SageMaker.5", "medium", "Models are isolated from the network", "aws:sagemaker/model:Model")(
    must_be_on("enableNetworkIsolation")
)
