"""Amazon ElastiCache."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

GROUP = "ReplicationGroups[0]"
ON_NODES = "shown by the nodes, which moto does not make"

TYPES: Mapping[str, ResourceType] = {
    "aws:elasticache/subnetGroup:SubnetGroup": ResourceType(
        service="elasticache",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "CreateCacheSubnetGroup",
                inputs={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
                reads=(
                    Read(
                        "DescribeCacheSubnetGroups",
                        {"CacheSubnetGroupName": "{name}"},
                        {"SubnetIds": "CacheSubnetGroups[0].Subnets[].SubnetIdentifier"},
                        rest="CacheSubnetGroups[0]",
                    ),
                    Read("ListTagsForResource", {"ResourceName": "{arn}"}, {"Tags": "TagList"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:elasticache:{region}:{account}:subnetgroup:{name}")},
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": ResourceType(
        service="elasticache",
        name="replicationGroupId",
        name_limit=40,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateReplicationGroup",
                inputs={
                    "description": "ReplicationGroupDescription",
                    "nodeType": "CacheNodeType",
                    "subnetGroupName": "CacheSubnetGroupName",
                    "parameterGroupName": "CacheParameterGroupName",
                    "multiAzEnabled": "MultiAZEnabled",
                },
                reads=(
                    Read(
                        "DescribeReplicationGroups",
                        {"ReplicationGroupId": "{name}"},
                        {
                            "MultiAZEnabled": f"{GROUP}.MultiAZ == 'enabled'",
                            "AutomaticFailoverEnabled": f"{GROUP}.AutomaticFailover == 'enabled'",
                            "ReplicationGroupDescription": f"{GROUP}.Description",
                            "Port": f"{GROUP}.NodeGroups[0].PrimaryEndpoint.Port",
                        },
                        rest=GROUP,
                    ),
                    Read("ListTagsForResource", {"ResourceName": "{arn}"}, {"Tags": "TagList"}),
                ),
                lost={
                    "CacheSubnetGroupName": ON_NODES,
                    "EngineVersion": ON_NODES,
                    "NumCacheClusters": ON_NODES,
                    "SecurityGroupIds": ON_NODES,
                },
            ),
        ),
        outputs={
            "arn": Output("arn:aws:elasticache:{region}:{account}:replicationgroup:{name}"),
            "primaryEndpointAddress": Output(
                "{name}.{hex}.ng.0001.use1.cache.amazonaws.com",
                f"DescribeReplicationGroups.{GROUP}.NodeGroups[0].PrimaryEndpoint.Address",
            ),
            "readerEndpointAddress": Output(
                "{name}-ro.{hex}.ng.0001.use1.cache.amazonaws.com",
                f"DescribeReplicationGroups.{GROUP}.NodeGroups[0].ReaderEndpoint.Address",
            ),
        },
    ),
}
