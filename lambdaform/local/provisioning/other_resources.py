"""The resources of a stack that are other services': what they are called, and their properties worked out.

Source: AWS CloudFormation User Guide, each type's page.
"""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.services.stack_resources import TYPES, ServiceResource


def other_resources(stack: StackTemplate) -> Iterator[ServiceResource]:
    """Those of the types that are made here."""
    for aws_type in TYPES:
        for logical_id in stack.of_type(aws_type):
            if aws_type == "AWS::Events::Rule" and "EventPattern" not in stack.given(logical_id):
                # Schedules are fired here, not there.
                continue
            yield ServiceResource(
                stack=stack.name,
                logical_id=logical_id,
                aws_type=aws_type,
                name=stack.evaluator.name(logical_id),
                properties=stack.properties(logical_id),
            )
