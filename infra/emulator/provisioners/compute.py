"""AWS Lambda, Amazon ECS, Application Auto Scaling and Amazon ECR."""

from __future__ import annotations

import json
from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

CLIENT_SIDE = "how Pulumi waits or deletes, no part of the state in AWS"

TYPES: Mapping[str, ResourceType] = {
    "aws:lambda/function:Function": ResourceType(
        service="lambda",
        name="name",
        name_limit=64,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateFunction",
                inputs={
                    "name": "FunctionName",
                    "code": "Code.ZipFile",
                    "imageUri": "Code.ImageUri",
                    "s3Bucket": "Code.S3Bucket",
                    "s3Key": "Code.S3Key",
                    "s3ObjectVersion": "Code.S3ObjectVersion",
                },
                reads=(
                    Read(
                        "GetFunction",
                        {"FunctionName": "{name}"},
                        {
                            "Tags": "Tags",
                            # AWS gives the environment back as an answer of its own, under the same names.
                            "Environment": "Configuration.Environment",
                        },
                        rest="Configuration",
                    ),
                ),
                lost={
                    "Code.ZipFile": "GetFunction gives a place to download the code from, not the code",
                    "DeadLetterConfig": "moto does not keep it",
                },
            ),
            Call(
                "PutFunctionConcurrency",
                takes=("reservedConcurrentExecutions",),
                fixed={"FunctionName": "{name}"},
                reads=(Read("GetFunctionConcurrency", {"FunctionName": "{name}"}, rest="@"),),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:lambda:{region}:{account}:function:{name}", "GetFunction.Configuration.FunctionArn"),
            "invokeArn": Output(
                "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
                "arn:aws:lambda:{region}:{account}:function:{name}/invocations"
            ),
            "version": Output("$LATEST", "GetFunction.Configuration.Version"),
        },
        ignored={"sourceCodeHash": "tells Pulumi when to upload again", "skipDestroy": CLIENT_SIDE},
    ),
    "aws:lambda/permission:Permission": ResourceType(
        service="lambda",
        name="statementId",
        name_limit=100,
        id=Output("{name}"),
        calls=(
            Call(
                "AddPermission",
                inputs={"function": "FunctionName"},
                reads=(
                    Read(
                        "GetPolicy",
                        {"FunctionName": "{function}"},
                        {
                            "StatementId": "Policy.Statement[].Sid",
                            "Action": "Policy.Statement[].Action",
                            "Principal": "Policy.Statement[].Principal.[Service, @][]",
                            "SourceArn": 'Policy.Statement[].Condition.ArnLike."AWS:SourceArn"',
                            "SourceAccount": 'Policy.Statement[].Condition.StringEquals."AWS:SourceAccount"',
                        },
                    ),
                ),
            ),
        ),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": ResourceType(
        service="lambda",
        id=Output("{uuid}", "CreateEventSourceMapping.UUID"),
        calls=(
            Call(
                "CreateEventSourceMapping",
                inputs={"destinationConfig.onFailure.destinationArn": "Destination"},
                reads=(Read("GetEventSourceMapping", {"UUID": "{id}"}, {"FunctionName": "FunctionArn"}, rest="@"),),
                lost={"Tags": "moto does not keep it"},
            ),
        ),
        outputs={"arn": Output("arn:aws:lambda:{region}:{account}:event-source-mapping:{id}")},
    ),
    "aws:ecs/cluster:Cluster": ResourceType(
        service="ecs",
        name="name",
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateCluster",
                inputs={"name": "clusterName"},
                reads=(
                    Read(
                        "DescribeClusters",
                        {"clusters": ["{name}"], "include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]},
                        rest="clusters[0]",
                    ),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:ecs:{region}:{account}:cluster/{name}", "CreateCluster.cluster.clusterArn"),
        },
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": ResourceType(
        service="ecs",
        id=Output("{clusterName}"),
        calls=(
            Call(
                "PutClusterCapacityProviders",
                inputs={"clusterName": "cluster"},
                fixed={"capacityProviders": [], "defaultCapacityProviderStrategy": []},
                reads=(
                    Read(
                        "DescribeClusters",
                        {"clusters": ["{clusterName}"]},
                        {"cluster": "clusters[0].clusterName"},
                        rest="clusters[0]",
                    ),
                ),
            ),
        ),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": ResourceType(
        service="ecs",
        id=Output("{family}"),
        calls=(
            Call(
                "RegisterTaskDefinition",
                # The program writes the API's own JSON.
                inputs={"containerDefinitions": To("containerDefinitions", json.loads)},
                reads=(
                    Read(
                        "DescribeTaskDefinition",
                        {"taskDefinition": "{arn}", "include": ["TAGS"]},
                        {"tags": "tags"},
                        rest="taskDefinition",
                    ),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:ecs:{region}:{account}:task-definition/{family}:1",
                "RegisterTaskDefinition.taskDefinition.taskDefinitionArn",
            ),
            "arnWithoutRevision": Output("arn:aws:ecs:{region}:{account}:task-definition/{family}"),
            "revision": Output("1", "RegisterTaskDefinition.taskDefinition.revision"),
        },
        ignored={"skipDestroy": CLIENT_SIDE, "trackLatest": CLIENT_SIDE},
    ),
    "aws:ecs/service:Service": ResourceType(
        service="ecs",
        name="name",
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateService",
                inputs={
                    "name": "serviceName",
                    "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
                    "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
                    "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
                    "alarms": "deploymentConfiguration.alarms",
                    "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
                    "networkConfiguration.assignPublicIp": To(
                        "assignPublicIp", lambda assign: "ENABLED" if assign else "DISABLED"
                    ),
                    "orderedPlacementStrategies": "placementStrategy",
                },
                reads=(
                    Read(
                        "DescribeServices",
                        {"cluster": "{cluster}", "services": ["{name}"], "include": ["TAGS"]},
                        rest="services[0]",
                    ),
                ),
                lost={
                    "capacityProviderStrategy": "moto does not keep it",
                    "deploymentConfiguration": "moto does not keep it",
                    "healthCheckGracePeriodSeconds": "moto does not keep it",
                },
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:ecs:{region}:{account}:service/{cluster}/{name}", "CreateService.service.serviceArn"
            ),
        },
        ignored={"waitForSteadyState": CLIENT_SIDE, "forceNewDeployment": CLIENT_SIDE, "forceDelete": CLIENT_SIDE},
    ),
    "aws:appautoscaling/target:Target": ResourceType(
        service="application-autoscaling",
        id=Output("{resourceId}"),
        calls=(
            Call(
                "RegisterScalableTarget",
                reads=(
                    Read(
                        "DescribeScalableTargets",
                        {"ServiceNamespace": "{serviceNamespace}", "ResourceIds": ["{resourceId}"]},
                        rest="ScalableTargets[0]",
                    ),
                ),
                lost={"Tags": "moto has no ListTagsForResource of this service"},
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex}",
                "RegisterScalableTarget.ScalableTargetARN",
            ),
        },
    ),
    "aws:appautoscaling/policy:Policy": ResourceType(
        service="application-autoscaling",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "PutScalingPolicy",
                inputs={"name": "PolicyName"},
                reads=(
                    Read(
                        "DescribeScalingPolicies",
                        {"ServiceNamespace": "{serviceNamespace}"},
                        rest="ScalingPolicies[?PolicyName=='{name}'] | [0]",
                    ),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{hex}:resource/{serviceNamespace}/{resourceId}"
                ":policyName/{name}",
                "PutScalingPolicy.PolicyARN",
            ),
        },
    ),
    "aws:ecr/repository:Repository": ResourceType(
        service="ecr",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "CreateRepository",
                inputs={
                    "name": "repositoryName",
                    "encryptionConfigurations": "encryptionConfiguration",
                },
                reads=(
                    Read("DescribeRepositories", {"repositoryNames": ["{name}"]}, rest="repositories[0]"),
                    Read("ListTagsForResource", {"resourceArn": "{arn}"}, {"tags": "tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:ecr:{region}:{account}:repository/{name}", "CreateRepository.repository.repositoryArn"
            ),
            "registryId": Output("{account}"),
            "repositoryUrl": Output(
                "{account}.dkr.ecr.{region}.amazonaws.com/{name}", "CreateRepository.repository.repositoryUri"
            ),
        },
        ignored={"forceDelete": CLIENT_SIDE},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ResourceType(
        service="ecr",
        id=Output("{repository}"),
        calls=(
            Call(
                "PutLifecyclePolicy",
                inputs={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
                reads=(Read("GetLifecyclePolicy", {"repositoryName": "{repository}"}, rest="@"),),
            ),
        ),
    ),
}
