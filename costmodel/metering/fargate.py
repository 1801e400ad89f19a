"""AWS Fargate: task hours of a service, from its task size and its autoscaling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.inventory import Inventory, Resource
from costmodel.metering.context import Context, Factors, Finding, Free, Gap, everywhere, literal_mapping
from costmodel.tables import Array, Category
from costmodel.units import HOURS_PER_MONTH, MIB_PER_GIB, SECONDS_PER_DAY, SECONDS_PER_MINUTE

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
SCALABLE_TARGET = "aws:appautoscaling/target:Target"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"

CPU_UNITS_PER_VCPU = 1024
PERCENT = 100
INCLUDED_STORAGE_GB = 20
"""Ephemeral storage of a task that is not billed (Fargate price page)."""


def service(resource: Resource, context: Context) -> Iterable[Finding]:
    """A service whose tasks run on Fargate and answer the API."""
    task = next(iter(context.inventory.referred(resource, TASK_DEFINITION)), None)
    if task is None:
        yield Gap("its task definition is not in the stack")
        return
    size = task_size(task)
    if size is None:
        yield Gap("the task definition does not say cpu and memory")
        return
    if not _on_fargate(resource):
        yield Gap("it does not run on Fargate; its instances are priced where they are declared")
        return
    limits = scaling_limits(resource, context)
    if limits is None:
        yield Gap("its least and most tasks are not known")
        return
    load = load_of(resource, context)
    if load is None:
        yield from _task_hours(resource, context, task, size, limits[0], usage_based=False)
        reason = "only its least tasks are counted: what makes it scale is not modelled"
        yield Gap(reason, closed_by=("monthly_vcpu_hours_above_minimum", "monthly_gb_hours_above_minimum"))
    else:
        yield from _loaded_tasks(resource, context, task, size, limits, load)


def _loaded_tasks(
    resource: Resource,
    context: Context,
    task: Resource,
    size: tuple[float, float],
    limits: tuple[float, float],
    load: Load,
) -> Iterator[Finding]:
    least, most = limits
    wanted = wanted_tasks(resource, size[0], context, load)
    above = np.asarray(np.clip(wanted, least, most) - least)
    yield from _task_hours(resource, context, task, size, least, usage_based=False)
    yield from _task_hours(resource, context, task, size, above, usage_based=True)
    yield from _caveats(resource, context, wanted, most)


def task_definition(resource: Resource, context: Context) -> Iterable[Finding]:
    """A task definition is a description; what runs it is billed."""
    if context.inventory.referring(resource.urn, SERVICE):
        yield Free("priced with the service that runs it")
    else:
        yield Gap("no service in the stack runs it; tasks that are started otherwise are not counted")


def task_size(task: Resource) -> tuple[float, float] | None:
    """(vCPU, GB) of one task; None when the task definition does not tell."""
    try:
        return float(task.inputs["cpu"]) / CPU_UNITS_PER_VCPU, float(task.inputs["memory"]) / MIB_PER_GIB
    except (KeyError, TypeError, ValueError):
        return None


def chip_of_task(task: Resource) -> str:
    """Processor, as the sku keys name it."""
    arm = literal_mapping(task.inputs.get("runtimePlatform")).get("cpuArchitecture") == "ARM64"
    return "arm" if arm else "x86"


def chip_of_service(resource: Resource, inventory: Inventory) -> str:
    """Processor of the tasks that a service runs."""
    task = next(iter(inventory.referred(resource, TASK_DEFINITION)), None)
    return chip_of_task(task) if task else "x86"


def scaling_limits(resource: Resource, context: Context) -> tuple[float, float] | None:
    """Least and most tasks: of autoscaling, else the desired count; None when they are not known."""
    for target in context.inventory.referring(resource.urn, SCALABLE_TARGET):
        least, most = target.inputs.get("minCapacity"), target.inputs.get("maxCapacity")
        if isinstance(least, int | float) and isinstance(most, int | float):
            return float(least), float(most)
        return None
    desired = float(resource.inputs.get("desiredCount") or 1)
    return desired, desired


@dataclass(frozen=True)
class Load:
    """What users ask of a service."""

    requests_per_second: Array
    """Mean over the calendar month, shape (..., month)."""
    capacity: str
    """Assumption that says how many requests per second one vCPU answers."""


def load_of(resource: Resource, context: Context) -> Load | None:
    """What a service behind a load balancer has to answer; None when that is not known.

    A rule of the listener gives some paths to a service of its own; one without such a rule gets all the rest.
    """
    paths = context.once(_paths_by_service)
    if resource.urn not in paths:
        return None
    if not context.once(_is_shared_out):
        return None
    if own := paths[resource.urn]:
        return Load(_sum(PATHS[path](context) for path in own), "eng.ranking_requests_per_second_per_vcpu")
    given_away = [PATHS[path](context) for found in paths.values() for path in found]
    rest = context.mean_api_requests_per_second - sum(given_away)
    return Load(np.maximum(rest, 0), "eng.api_requests_per_second_per_vcpu")


def requests_of_task(task: Resource, context: Context) -> Array:
    """Requests that the services of a task definition answer, shape (..., month); all of the API's if none is known."""
    services = context.inventory.referring(task.urn, SERVICE)
    loads = [load for service in services if (load := load_of(service, context)) is not None]
    if not loads or len(loads) < len(services):
        return context.monthly_api_requests
    seconds = context.activity.timeline.days * SECONDS_PER_DAY
    return _sum(load.requests_per_second * seconds for load in loads)


def _feed_requests(context: Context) -> Array:
    views = everywhere(context.activity.monthly_views) * context.assumptions["usage.feed_requests_per_view"]
    return np.asarray(views / (context.activity.timeline.days * SECONDS_PER_DAY))


PATHS: Mapping[str, Callable[[Context], Array]] = {"/api/feed/*": _feed_requests}
"""Paths that the platform's API has beside those of all the rest -> requests per second; part of all API requests."""


def _sum(parts: Iterable[Array]) -> Array:
    first, *others = parts
    return sum(others, first)


def _is_shared_out(context: Context) -> bool:
    """Whether it is known which service gets what: all paths are, and one service at most has none of its own."""
    paths = context.once(_paths_by_service).values()
    return sum(not own for own in paths) <= 1 and not any(own - PATHS.keys() for own in paths)


def _paths_by_service(context: Context) -> dict[str, set[str]]:
    """Services behind a load balancer, by URN -> the paths that a listener's rules give them."""
    return {urn: _paths(context.inventory.resources[urn], context) for urn in sorted(_balanced_services(context))}


def _paths(service: Resource, context: Context) -> set[str]:
    """Paths that a listener's rules give to a service."""
    inventory = context.inventory
    targets = inventory.referred(service, TARGET_GROUP, prop="loadBalancers")
    rules = [rule for target in targets for rule in inventory.referring(target.urn, LISTENER_RULE)]
    conditions = [condition for rule in rules for condition in rule.inputs.get("conditions") or []]
    return {str(path) for c in conditions for path in literal_mapping(c.get("pathPattern")).get("values") or ()}  # type: ignore[attr-defined]


def _balanced_services(context: Context) -> set[str]:
    prop = "loadBalancers"
    services = context.inventory.of_type(SERVICE)
    return {service.urn for service in services if service.inputs.get(prop) or service.dependencies.get(prop)}


def wanted_tasks(resource: Resource, vcpu: float, context: Context, load: Load) -> Array:
    """Tasks that autoscaling asks for at the daily peak, shape (..., month).

    Each policy asks for the peak over what it lets one task carry; autoscaling takes the largest.
    """
    peak = load.requests_per_second * context.assumptions["usage.peak_to_average"]
    of_cpu = vcpu * context.assumptions[load.capacity]
    capacities = [*_policy_capacities(resource, of_cpu, context)] or [of_cpu]
    return np.asarray(np.ceil(peak / min(capacities)))


def _policy_capacities(resource: Resource, of_cpu: float, context: Context) -> Iterator[float]:
    """Requests per second that each target-tracking policy lets one task carry."""
    for policy in _policies(resource, context):
        configuration = literal_mapping(policy.inputs.get("targetTrackingScalingPolicyConfiguration"))
        metric = literal_mapping(configuration.get("predefinedMetricSpecification")).get("predefinedMetricType")
        value = configuration.get("targetValue")
        if not isinstance(value, int | float) or value <= 0:
            continue
        if metric == "ALBRequestCountPerTarget":
            yield value / SECONDS_PER_MINUTE
        elif metric == "ECSServiceAverageCPUUtilization":
            yield of_cpu * value / PERCENT


def _policies(resource: Resource, context: Context) -> list[Resource]:
    inventory = context.inventory
    direct = inventory.referring(resource.urn, SCALING_POLICY)
    targets = inventory.referring(resource.urn, SCALABLE_TARGET)
    through = [policy for target in targets for policy in inventory.referring(target.urn, SCALING_POLICY)]
    return list({policy.urn: policy for policy in [*direct, *through]}.values())


def _on_fargate(resource: Resource) -> bool:
    providers = {
        literal_mapping(strategy).get("capacityProvider")
        for strategy in resource.inputs.get("capacityProviderStrategies") or []
    }
    return resource.inputs.get("launchType") == "FARGATE" or bool(providers & {"FARGATE", "FARGATE_SPOT"})


def _task_hours(
    resource: Resource,
    context: Context,
    task: Resource,
    size: tuple[float, float],
    tasks: Array | float,
    *,
    usage_based: bool,
) -> Iterator[Finding]:
    chip = chip_of_task(task)
    words = "tasks above the minimum, at the daily peak all month" if usage_based else "tasks that always run"

    def hours(sku: tuple[str, str], unit: str, each: float, name: str, category: Category = "Compute") -> Finding:
        factors: Factors = {words: tasks, f"{each:g} {name}": each, "730 h": HOURS_PER_MONTH}
        return context.quantity(resource, sku, unit, factors, category, usage_based=usage_based)

    yield hours(("Fargate", f"{chip}.vcpu"), "vCPU-hour", size[0], "vCPU")
    yield hours(("Fargate", f"{chip}.gb"), "GB-hour", size[1], "GB")
    if (extra_gb := _extra_storage_gb(task)) > 0:
        name = f"GB above the included {INCLUDED_STORAGE_GB} GB"
        yield hours(("Fargate", "ephemeral_storage"), "GB-hour", extra_gb, name)
    if literal_mapping(resource.inputs.get("networkConfiguration")).get("assignPublicIp"):
        yield hours(("VPC", "public_ipv4"), "hour", 1, "public address", "Network")


def _extra_storage_gb(task: Resource) -> float:
    size = literal_mapping(task.inputs.get("ephemeralStorage")).get("sizeInGib")
    return float(size) - INCLUDED_STORAGE_GB if isinstance(size, int | float) else 0.0


def _caveats(resource: Resource, context: Context, wanted: Array, most: float) -> Iterator[Finding]:
    if (wanted > most).any():
        month = context.activity.timeline.labels[
            int(np.argmax((wanted > most).reshape(-1, wanted.shape[-1]).any(axis=0)))
        ]
        yield Gap(
            f"from {month} on the load asks for more than the {most:g} tasks that autoscaling allows"
            f" (up to {wanted.max():,.0f}); the plan prices {most:g}"
        )
    spot = [
        strategy
        for strategy in resource.inputs.get("capacityProviderStrategies") or []
        if literal_mapping(strategy).get("capacityProvider") == "FARGATE_SPOT"
    ]
    if spot:
        yield Gap("Fargate Spot is counted at the on-demand price, the dearest it can be")
