"""The VPC of a function: its subnets and security groups must be there, and the subnets say which VPC it is.

That is known to the account's EC2. Where nobody asks it, what is given is taken as it is, and no VPC is named.

Source: Lambda API Reference, VpcConfig and VpcConfigResponse; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lambdaform.local.errors import AwsError, invalid_parameter

if TYPE_CHECKING:
    from lambdaform.local.control.state import State


class Network(Protocol):
    """The account's EC2. Both raise `AwsError` with EC2's own code and message."""

    async def check_security_groups(self, ids: Sequence[str]) -> None:
        """See that all of these security groups are there."""

    async def vpc_of(self, subnets: Sequence[str]) -> str:
        """The id of the VPC that subnets lie in."""


async def with_vpc(settings: Mapping[str, Any], state: State) -> Mapping[str, Any]:
    """Settings of a function with the VPC that those name by its subnets. Raises `AwsError` as Lambda does."""
    given = settings.get("vpc_config") or {}
    subnets, groups = given.get("SubnetIds"), given.get("SecurityGroupIds")
    if state.network is None or not subnets or not groups:
        return settings
    try:
        await state.network.check_security_groups(groups)
    except AwsError as error:
        raise _refused("DescribeSecurityGroups", error) from error
    try:
        vpc = await state.network.vpc_of(subnets)
    except AwsError as error:
        raise _refused("DescribeSubnets", error) from error
    return {**settings, "vpc_config": {**given, "VpcId": vpc}}


def _refused(call: str, error: AwsError) -> AwsError:
    return invalid_parameter(
        f"Error occurred while {call}. EC2 Error Code: {error.code}. EC2 Error Message: {error.message}"
    )
