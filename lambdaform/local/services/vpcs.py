"""Subnets and security groups, for functions in a VPC.

Source: Amazon EC2 API Reference, DescribeSubnets and DescribeSecurityGroups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lambdaform.local.errors import AwsError
from lambdaform.local.services.stack_resources import Clients

#: What moto writes where EC2 writes one id: a set of Python's.
_SET = re.compile(r"'\{'([\w-]+)'[^}]*\}'")


def check_security_groups(clients: Clients, ids: Sequence[str]) -> None:
    """See that all of these are there. Raises `AwsError` with EC2's code and message."""
    with _refusals():
        clients("ec2").describe_security_groups(GroupIds=list(ids))


def vpc_of(clients: Clients, subnets: Sequence[str]) -> str:
    """The VPC that subnets lie in. Raises `AwsError` with EC2's code and message."""
    with _refusals():
        found = clients("ec2").describe_subnets(SubnetIds=list(subnets))["Subnets"]
    return str(found[0]["VpcId"])


@contextmanager
def _refusals() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise AwsError(told["Code"], _SET.sub(r"'\1'", told["Message"]), status) from error
    except BotoCoreError as error:
        raise AwsError("ServiceUnavailable", str(error), 503) from error
