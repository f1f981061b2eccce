"""Functions in a VPC: its subnets and security groups are the account's own, and must be there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.control.planes import function
from tests.local.lab import laboratory
from tests.local.services.test_other_services import Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with laboratory(tmp_path, sandboxed=False) as lab:
        made = Served(lab)
        yield made
        made.endpoint.close()


def test_a_functions_vpc_is_that_of_its_subnets(served: Served) -> None:
    ec2, client = served.of("ec2"), served.of("lambda")
    vpc = served.call(ec2.create_vpc, CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = served.call(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = served.call(ec2.create_security_group, VpcId=vpc, GroupName="g", Description="g")["GroupId"]
    config = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    made = served.call(client.create_function, **function(VpcConfig=config))
    assert made["VpcConfig"] == {**config, "VpcId": vpc, "Ipv6AllowedForDualStack": False}


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            "subnet",
            "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet "
            "ID 'subnet-0' does not exist",
        ),
        (
            "group",
            "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The "
            "security group 'sg-0' does not exist",
        ),
    ],
)
def test_what_is_not_there_is_refused(served: Served, missing: str, message: str) -> None:
    ec2, client = served.of("ec2"), served.of("lambda")
    config: dict[str, Any] = {
        "SubnetIds": [served.call(ec2.describe_subnets)["Subnets"][0]["SubnetId"]],
        "SecurityGroupIds": [served.call(ec2.describe_security_groups)["SecurityGroups"][0]["GroupId"]],
    }
    config |= {"SubnetIds": ["subnet-0"]} if missing == "subnet" else {"SecurityGroupIds": ["sg-0"]}
    with pytest.raises(ClientError) as refused:
        served.call(client.create_function, **function(VpcConfig=config))
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("InvalidParameterValueException", message)
