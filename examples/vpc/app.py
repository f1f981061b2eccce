"""A ledger in a private network: the function reaches its database there, and nothing else."""

from troposphere import ec2

from lambdaform import Function, Runtime, Stack, VpcConfig

stack = Stack("ledger", description="Books entries in a private network")

network = stack.add(ec2.VPC("Network", CidrBlock="10.0.0.0/16"))
subnets = [
    stack.add(
        ec2.Subnet(
            f"Private{zone.upper()}",
            VpcId=network.ref,
            CidrBlock=f"10.0.{number}.0/24",
            AvailabilityZone=f"eu-central-1{zone}",
        )
    )
    for number, zone in enumerate("abc")
]
booking = stack.add(
    ec2.SecurityGroup("BookingGroup", GroupDescription="The booking function", VpcId=network.ref)
)
stack.add(
    ec2.SecurityGroup(
        "DatabaseGroup",
        GroupDescription="Only the booking function may connect",
        VpcId=network.ref,
        SecurityGroupIngress=[
            ec2.SecurityGroupRule(
                IpProtocol="tcp", FromPort=5432, ToPort=5432, SourceSecurityGroupId=booking.attr("GroupId")
            )
        ],
    )
)
stack.add(
    Function(
        "Book",
        runtime=Runtime.PYTHON_3_13,
        handler="book.handler",
        code_uri="src",
        vpc_config=VpcConfig(
            subnet_ids=[subnet.ref for subnet in subnets], security_group_ids=[booking.attr("GroupId")]
        ),
    )
)
