"""A service of containers on Fargate (ARM), with everything around it but the load balancer in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.network import HTTPS, Network
from infra.layout import capacity_strategy
from infra.naming import Naming

CONTAINER_PORT = 8080
HEALTH_PATH = "/healthz"
HEALTH_INTERVAL_SECONDS = 15
HEALTHY_AFTER = 2
UNHEALTHY_AFTER = 3
DRAIN_SECONDS = 30
KEEP_IMAGES = 10
UNPRIVILEGED_USER = "65532"
"""User id "nonroot" of the distroless images; any image runs under it that writes nowhere."""
CPU_TARGET_PERCENT = 60
SCALE_IN_COOLDOWN_SECONDS = 300
SCALE_OUT_COOLDOWN_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class FargateArgs:
    """Size and surroundings of a service."""

    region: pulumi.Input[str]
    network: Network
    image_tag: str
    cpu: int
    """[1/1024 vCPU]"""
    memory_mib: int
    min_tasks: int
    max_tasks: int
    spot_percent: int = 0
    """Share of the tasks above ``min_tasks`` that run on Fargate Spot [%]."""
    requests_per_task: int
    """What autoscaling aims at [request per task and minute]."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statements: Sequence[iam.Statement] = ()
    """What the containers may do."""
    log_retention_days: int
    protect: bool


class FargateService(pulumi.ComponentResource):
    """Repository, roles, log, tasks, and their scaling. Subclasses say what is in front."""

    repository: aws.ecr.Repository
    tasks: aws.ec2.SecurityGroup
    """Group that the containers are in."""
    targets: aws.lb.TargetGroup

    def __init__(
        self, kind: str, name: str, naming: Naming, args: FargateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(kind, name, None, opts)
        self._name = name
        self._naming = naming
        self._tags = naming.tags(name)
        self._child = pulumi.ResourceOptions(parent=self)
        self.repository = self._image_repository(args)
        self.tasks = self._group(f"{name}-tasks", f"{name} tasks: load balancer in, AWS services out", args.network)
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-tasks-to-services",
            security_group_id=self.tasks.id,
            description="HTTPS to AWS services",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4="0.0.0.0/0",
            opts=self._child,
        )
        self.targets = self._targets(args)

    def _image_repository(self, args: FargateArgs) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            self._name,
            name=self._naming.physical(self._name),
            image_scanning_configuration={"scan_on_push": True},
            # Where it matters, a tag that was tested stays what was tested.
            image_tag_mutability="IMMUTABLE" if args.protect else "MUTABLE",
            force_delete=not args.protect,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.ecr.LifecyclePolicy(
            self._name,
            repository=repository.name,
            policy=pulumi.Output.json_dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "description": f"keep the last {KEEP_IMAGES} images",
                            "selection": {
                                "tagStatus": "any",
                                "countType": "imageCountMoreThan",
                                "countNumber": KEEP_IMAGES,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                },
                sort_keys=True,
            ),
            opts=self._child,
        )
        return repository

    def _group(self, name: str, description: str, network: Network) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            name,
            vpc_id=network.vpc_id,
            description=description,
            tags={**self._tags, "Name": self._naming.physical(name)},
            opts=self._child,
        )

    def _let_in(self, balancer: aws.ec2.SecurityGroup) -> None:
        """Opens the way from a load balancer's group to the tasks, on both sides."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-balancer-to-tasks",
            security_group_id=balancer.id,
            description="To the tasks",
            ip_protocol="tcp",
            from_port=CONTAINER_PORT,
            to_port=CONTAINER_PORT,
            referenced_security_group_id=self.tasks.id,
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-tasks-from-balancer",
            security_group_id=self.tasks.id,
            description="From the load balancer",
            ip_protocol="tcp",
            from_port=CONTAINER_PORT,
            to_port=CONTAINER_PORT,
            referenced_security_group_id=balancer.id,
            opts=self._child,
        )

    def _targets(self, args: FargateArgs) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            self._name,
            target_type="ip",
            protocol="HTTP",
            port=CONTAINER_PORT,
            vpc_id=args.network.vpc_id,
            deregistration_delay=DRAIN_SECONDS,
            health_check={
                "path": HEALTH_PATH,
                "interval": HEALTH_INTERVAL_SECONDS,
                "healthy_threshold": HEALTHY_AFTER,
                "unhealthy_threshold": UNHEALTHY_AFTER,
                "matcher": "200",
            },
            tags=self._tags,
            opts=self._child,
        )

    def _run(
        self,
        args: FargateArgs,
        cluster: aws.ecs.Cluster,
        load_balancer: aws.lb.LoadBalancer,
        after: pulumi.Resource,
    ) -> None:
        """Starts the tasks, once the load balancer knows their targets (``after``), and scales them."""
        strategy = capacity_strategy(args.min_tasks, args.spot_percent)
        service = aws.ecs.Service(
            self._name,
            name=self._naming.physical(self._name),
            cluster=cluster.arn,
            task_definition=self._task(args).arn,
            desired_count=args.min_tasks,
            launch_type=None if strategy else "FARGATE",
            capacity_provider_strategies=[
                {"capacity_provider": one.provider, "base": one.base, "weight": one.weight} for one in strategy
            ]
            or None,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            health_check_grace_period_seconds=HEALTH_INTERVAL_SECONDS * UNHEALTHY_AFTER,
            network_configuration={
                "subnets": args.network.private_subnet_ids,
                "security_groups": [self.tasks.id],
                "assign_public_ip": False,
            },
            load_balancers=[
                {
                    "target_group_arn": self.targets.arn,
                    "container_name": self._name,
                    "container_port": CONTAINER_PORT,
                }
            ],
            propagate_tags="SERVICE",
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[after],
                # Autoscaling owns the number of tasks after the first deployment.
                ignore_changes=["desiredCount"],
            ),
        )
        self._autoscaling(args, cluster, service, load_balancer)

    def _task(self, args: FargateArgs) -> aws.ecs.TaskDefinition:
        logs = aws.cloudwatch.LogGroup(
            self._name,
            name=f"/ecs/{self._naming.physical(self._name)}",
            retention_in_days=args.log_retention_days,
            tags=self._tags,
            opts=self._child,
        )
        container = {
            "name": self._name,
            "image": pulumi.Output.concat(self.repository.repository_url, ":", args.image_tag),
            "essential": True,
            "portMappings": [{"containerPort": CONTAINER_PORT, "protocol": "tcp"}],
            "readonlyRootFilesystem": True,
            "user": UNPRIVILEGED_USER,
            "environment": [{"name": name, "value": value} for name, value in args.environment.items()],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": logs.name,
                    "awslogs-region": args.region,
                    "awslogs-stream-prefix": self._name,
                },
            },
        }
        return aws.ecs.TaskDefinition(
            self._name,
            family=self._naming.physical(self._name),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.cpu),
            memory=str(args.memory_mib),
            runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
            execution_role_arn=self._execution_role(logs).arn,
            task_role_arn=self._task_role(args).arn,
            container_definitions=pulumi.Output.json_dumps([container], sort_keys=True),
            tags=self._tags,
            opts=self._child,
        )

    def _execution_role(self, logs: aws.cloudwatch.LogGroup) -> aws.iam.Role:
        role = self._ecs_role(f"{self._name}-execution", "ECS pulls the image and writes the log")
        aws.iam.RolePolicy(
            f"{self._name}-execution",
            role=role.name,
            policy=iam.document(
                # The login to the registry has no resource to name (Service Authorization Reference, ECR).
                iam.allow(["ecr:GetAuthorizationToken"], "*"),
                iam.allow(
                    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    self.repository.arn,
                ),
                iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
            ),
            opts=self._child,
        )
        return role

    def _task_role(self, args: FargateArgs) -> aws.iam.Role:
        role = self._ecs_role(f"{self._name}-task", "What the containers may do")
        if args.statements:
            aws.iam.RolePolicy(
                f"{self._name}-task", role=role.name, policy=iam.document(*args.statements), opts=self._child
            )
        return role

    def _ecs_role(self, name: str, description: str) -> aws.iam.Role:
        return aws.iam.Role(
            name,
            description=description,
            assume_role_policy=iam.document(iam.trust("ecs-tasks.amazonaws.com")),
            tags=self._tags,
            opts=self._child,
        )

    def _autoscaling(
        self,
        args: FargateArgs,
        cluster: aws.ecs.Cluster,
        service: aws.ecs.Service,
        load_balancer: aws.lb.LoadBalancer,
    ) -> None:
        target = aws.appautoscaling.Target(
            self._name,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
            min_capacity=args.min_tasks,
            max_capacity=args.max_tasks,
            tags=self._tags,
            opts=self._child,
        )
        metrics: dict[
            str,
            tuple[
                aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgsDict,
                float,
            ],
        ] = {
            f"{self._name}-cpu": ({"predefined_metric_type": "ECSServiceAverageCPUUtilization"}, CPU_TARGET_PERCENT),
            f"{self._name}-requests": (
                {
                    "predefined_metric_type": "ALBRequestCountPerTarget",
                    "resource_label": pulumi.Output.concat(load_balancer.arn_suffix, "/", self.targets.arn_suffix),
                },
                args.requests_per_task,
            ),
        }
        for name, (metric, value) in metrics.items():
            aws.appautoscaling.Policy(
                name,
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                target_tracking_scaling_policy_configuration={
                    "predefined_metric_specification": metric,
                    "target_value": value,
                    "scale_in_cooldown": SCALE_IN_COOLDOWN_SECONDS,
                    "scale_out_cooldown": SCALE_OUT_COOLDOWN_SECONDS,
                },
                opts=self._child,
            )
