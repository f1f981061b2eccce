"""The attributes that are lists of text, which an output can hand on only as one text.

Source: AWS's resource provider schemas, read-only properties of type array.
"""

from __future__ import annotations

from collections.abc import Mapping

LIST_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "AWS::AmazonMQ::Broker": frozenset(
        {
            *("AmqpEndpoints", "ConsoleURLs", "IpAddresses", "MqttEndpoints", "OpenWireEndpoints"),
            *("StompEndpoints", "WssEndpoints"),
        }
    ),
    "AWS::DataSync::Task": frozenset({"DestinationNetworkInterfaceArns", "SourceNetworkInterfaceArns"}),
    "AWS::DirectoryService::MicrosoftAD": frozenset({"DnsIpAddresses"}),
    "AWS::DirectoryService::SimpleAD": frozenset({"DnsIpAddresses"}),
    "AWS::EC2::NetworkInterface": frozenset({"SecondaryPrivateIpAddresses"}),
    "AWS::EC2::Subnet": frozenset({"Ipv6CidrBlocks"}),
    "AWS::EC2::VPC": frozenset({"CidrBlockAssociations", "Ipv6CidrBlocks"}),
    "AWS::EC2::VPCEndpoint": frozenset({"DnsEntries", "NetworkInterfaceIds"}),
    "AWS::ElastiCache::ReplicationGroup": frozenset({"ReadEndPoint.AddressesList", "ReadEndPoint.PortsList"}),
    "AWS::ElasticLoadBalancingV2::TargetGroup": frozenset({"LoadBalancerArns"}),
    "AWS::GlobalAccelerator::Accelerator": frozenset({"Ipv4Addresses", "Ipv6Addresses"}),
    "AWS::OSIS::Pipeline": frozenset({"IngestEndpointUrls"}),
    "AWS::RDS::DBInstance": frozenset(
        {"ReadReplicaDBClusterIdentifiers", "ReadReplicaDBInstanceIdentifiers"}
    ),
    "AWS::Route53::HostedZone": frozenset({"NameServers"}),
    "AWS::Transfer::Connector": frozenset({"ServiceManagedEgressIpAddresses"}),
    "AWS::Transfer::Server": frozenset({"As2ServiceManagedEgressIpAddresses"}),
}
