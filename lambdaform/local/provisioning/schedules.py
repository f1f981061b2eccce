"""Rules with a schedule, and which function each of their targets is.

Source: AWS CloudFormation User Guide, AWS::Events::Rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError
from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.sources.schedule import Schedule


def schedules_of(stack: StackTemplate, state: State) -> Iterator[Schedule]:
    """The schedules of a stack whose targets are functions of this account."""
    for logical_id in stack.of_type("AWS::Events::Rule"):
        properties = stack.properties(logical_id, "ScheduleExpression", "State", "Targets")
        expression = properties.get("ScheduleExpression")
        if not isinstance(expression, str):
            continue
        arn = str(stack.account.arn("AWS::Events::Rule", stack.evaluator.name(logical_id)))
        for target in properties.get("Targets") or []:
            target_arn = str(target.get("Arn"))
            if not _is_function(target_arn, state):
                continue
            yield Schedule(
                rule_arn=arn,
                expression=expression,
                function_arn=target_arn,
                enabled=properties.get("State", "ENABLED") != "DISABLED",
                input=target.get("Input"),
            )


def _is_function(arn: str, state: State) -> bool:
    try:
        state.function(arn)
    except AwsError:
        return False
    return True
