"""The API: containers on Fargate (ARM) behind an internal load balancer that only CloudFront reaches."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.network import HTTPS, Network
from infra.components.storage import MediaStorage
from infra.components.transcoding import RAW_PREFIX
from infra.naming import Naming

HTTP = 80
CONTAINER_PORT = 8080
HEALTH_PATH = "/healthz"
HEALTH_INTERVAL_SECONDS = 15
HEALTHY_AFTER = 2
UNHEALTHY_AFTER = 3
DRAIN_SECONDS = 30
KEEP_IMAGES = 10
CLOUDFRONT_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"
CPU_TARGET_PERCENT = 60
SCALE_IN_COOLDOWN_SECONDS = 300
SCALE_OUT_COOLDOWN_SECONDS = 60


@dataclass(frozen=True)
class ApiArgs:
    """Size and surroundings of the API."""

    region: pulumi.Input[str]
    network: Network
    storage: MediaStorage
    image_tag: str
    cpu: int
    """[1/1024 vCPU]"""
    memory_mib: int
    min_tasks: int
    max_tasks: int
    requests_per_task: int
    """What autoscaling aims at [request per task and minute]."""
    log_retention_days: int
    protect: bool


class Api(pulumi.ComponentResource):
    """Repository, load balancer, service and its scaling."""

    load_balancer: aws.lb.LoadBalancer
    repository: aws.ecr.Repository

    def __init__(self, name: str, naming: Naming, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:api:Api", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("api")
        self._child = pulumi.ResourceOptions(parent=self)
        self.repository = self._image_repository(args)
        groups = self._security_groups(args)
        self.load_balancer = aws.lb.LoadBalancer(
            "api",
            internal=True,
            load_balancer_type="application",
            security_groups=[groups.balancer.id],
            subnets=args.network.private_subnet_ids,
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.protect,
            tags=self._tags,
            opts=self._child,
        )
        targets = self._targets(args)
        listener = aws.lb.Listener(
            "api",
            load_balancer_arn=self.load_balancer.arn,
            port=HTTP,
            protocol="HTTP",
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
            tags=self._tags,
            opts=self._child,
        )
        cluster, service = self._service(args, groups.tasks, targets, listener)
        self._autoscaling(args, cluster, service, targets)
        self.register_outputs({"repository": self.repository.repository_url})

    def _image_repository(self, args: ApiArgs) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            "api",
            name=self._naming.physical("api"),
            image_scanning_configuration={"scan_on_push": True},
            force_delete=not args.protect,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.ecr.LifecyclePolicy(
            "api",
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

    def _security_groups(self, args: ApiArgs) -> _Groups:
        edge = aws.ec2.get_managed_prefix_list_output(
            name=CLOUDFRONT_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        balancer = self._group("api-balancer", "API load balancer: CloudFront in, tasks out", args)
        tasks = self._group("api-tasks", "API tasks: load balancer in, AWS services out", args)
        aws.vpc.SecurityGroupIngressRule(
            "balancer-from-cloudfront",
            security_group_id=balancer.id,
            description="HTTP from CloudFront through the VPC origin",
            ip_protocol="tcp",
            from_port=HTTP,
            to_port=HTTP,
            prefix_list_id=edge.id,
            opts=self._child,
        )
        aws.vpc.SecurityGroupEgressRule(
            "balancer-to-tasks",
            security_group_id=balancer.id,
            description="To the tasks",
            ip_protocol="tcp",
            from_port=CONTAINER_PORT,
            to_port=CONTAINER_PORT,
            referenced_security_group_id=tasks.id,
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            "tasks-from-balancer",
            security_group_id=tasks.id,
            description="From the load balancer",
            ip_protocol="tcp",
            from_port=CONTAINER_PORT,
            to_port=CONTAINER_PORT,
            referenced_security_group_id=balancer.id,
            opts=self._child,
        )
        aws.vpc.SecurityGroupEgressRule(
            "tasks-to-services",
            security_group_id=tasks.id,
            description="HTTPS to AWS services; the network has no other way out",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4="0.0.0.0/0",
            opts=self._child,
        )
        return _Groups(balancer, tasks)

    def _group(self, name: str, description: str, args: ApiArgs) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            name,
            vpc_id=args.network.vpc_id,
            description=description,
            tags={**self._tags, "Name": self._naming.physical(name)},
            opts=self._child,
        )

    def _targets(self, args: ApiArgs) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            "api",
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

    def _service(
        self,
        args: ApiArgs,
        group: aws.ec2.SecurityGroup,
        targets: aws.lb.TargetGroup,
        listener: aws.lb.Listener,
    ) -> tuple[aws.ecs.Cluster, aws.ecs.Service]:
        cluster = aws.ecs.Cluster(
            "api",
            name=self._naming.workflow,
            settings=[{"name": "containerInsights", "value": "disabled"}],
            tags=self._tags,
            opts=self._child,
        )
        aws.ecs.ClusterCapacityProviders(
            "api",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1, "base": 1}],
            opts=self._child,
        )
        service = aws.ecs.Service(
            "api",
            name=self._naming.physical("api"),
            cluster=cluster.arn,
            task_definition=self._task(args).arn,
            desired_count=args.min_tasks,
            launch_type="FARGATE",
            deployment_circuit_breaker={"enable": True, "rollback": True},
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            health_check_grace_period_seconds=HEALTH_INTERVAL_SECONDS * UNHEALTHY_AFTER,
            network_configuration={
                "subnets": args.network.private_subnet_ids,
                "security_groups": [group.id],
                "assign_public_ip": False,
            },
            load_balancers=[
                {"target_group_arn": targets.arn, "container_name": "api", "container_port": CONTAINER_PORT}
            ],
            propagate_tags="SERVICE",
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[listener],
                # Autoscaling owns the number of tasks after the first deployment.
                ignore_changes=["desiredCount"],
            ),
        )
        return cluster, service

    def _task(self, args: ApiArgs) -> aws.ecs.TaskDefinition:
        logs = aws.cloudwatch.LogGroup(
            "api",
            name=f"/ecs/{self._naming.physical('api')}",
            retention_in_days=args.log_retention_days,
            tags=self._tags,
            opts=self._child,
        )
        container = {
            "name": "api",
            "image": pulumi.Output.concat(self.repository.repository_url, ":", args.image_tag),
            "essential": True,
            "portMappings": [{"containerPort": CONTAINER_PORT, "protocol": "tcp"}],
            "readonlyRootFilesystem": True,
            "environment": [
                {"name": "RAW_BUCKET", "value": args.storage.raw.name},
                {"name": "TABLE_NAME", "value": args.storage.videos.name},
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": logs.name,
                    "awslogs-region": args.region,
                    "awslogs-stream-prefix": "api",
                },
            },
        }
        return aws.ecs.TaskDefinition(
            "api",
            family=self._naming.physical("api"),
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
        role = self._ecs_role("api-execution", "ECS pulls the image and writes the log")
        aws.iam.RolePolicy(
            "api-execution",
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

    def _task_role(self, args: ApiArgs) -> aws.iam.Role:
        role = self._ecs_role("api-task", "What the API may do")
        aws.iam.RolePolicy(
            "api-task",
            role=role.name,
            policy=iam.document(
                iam.allow(
                    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
                    args.storage.videos.arn,
                ),
                # A presigned upload carries the signer's permission.
                iam.allow(["s3:PutObject"], pulumi.Output.concat(args.storage.raw.arn, "/", RAW_PREFIX, "*")),
            ),
            opts=self._child,
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
        args: ApiArgs,
        cluster: aws.ecs.Cluster,
        service: aws.ecs.Service,
        targets: aws.lb.TargetGroup,
    ) -> None:
        target = aws.appautoscaling.Target(
            "api",
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
            "api-cpu": ({"predefined_metric_type": "ECSServiceAverageCPUUtilization"}, CPU_TARGET_PERCENT),
            "api-requests": (
                {
                    "predefined_metric_type": "ALBRequestCountPerTarget",
                    "resource_label": pulumi.Output.concat(self.load_balancer.arn_suffix, "/", targets.arn_suffix),
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


@dataclass(frozen=True)
class _Groups:
    balancer: aws.ec2.SecurityGroup
    tasks: aws.ec2.SecurityGroup
