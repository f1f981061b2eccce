"""The provisioned concurrency that a version or an alias of a stack asks for.

Source: AWS CloudFormation User Guide, AWS::Lambda::Version and AWS::Lambda::Alias, ProvisionedConcurrencyConfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.provisioning.values import number


def set_provisioned_concurrency(plane: ControlPlane, arn: str, config: object) -> None:
    """Give the version or alias with this ARN what its property asks for, or none any more."""
    function_arn, _, qualifier = arn.rpartition(":")
    name = function_arn.rpartition(":")[2]
    wanted: Any = config.get("ProvisionedConcurrentExecutions") if isinstance(config, Mapping) else None
    has = plane.state.provisioned.of(name).get(qualifier)
    if wanted is not None and (has is None or has.requested != number(wanted)):
        plane.perform(
            "PutProvisionedConcurrencyConfig",
            function_name=name,
            qualifier=qualifier,
            provisioned_concurrent_executions=number(wanted),
        )
    elif wanted is None and has is not None:
        plane.perform("DeleteProvisionedConcurrencyConfig", function_name=name, qualifier=qualifier)
