"""LF4xx: what works and will surprise later."""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import as_of, functions, setting
from lambdaform.facts.runtimes import Runtime, runtime_facts
from lambdaform.model.function import VpcConfig
from lambdaform.model.references import LogicalRef
from lambdaform.model.shape import Problem
from lambdaform.model.stack import Stack


@rule(
    "LF401",
    "one-subnet",
    Level.WARNING,
    demand="A function in a VPC has subnets in at least two zones.",
    source="AWS Lambda Developer Guide, configuration-vpc; deck section B8",
)
def one_subnet(stack: Stack) -> Iterator[Problem]:
    """Functions that one failing zone would stop."""
    for function in functions(stack):
        vpc = setting(stack, function, "vpc_config")
        subnets = vpc.subnet_ids if isinstance(vpc, VpcConfig) else None
        if isinstance(subnets, tuple) and len(subnets) == 1 and _is_one_subnet(stack, subnets[0]):
            yield vpc.problem(
                "LF401",
                f"{function.logical_id!r} uses one subnet only.",
                "Give one subnet per availability zone, at least two: a zone may fail or run out of addresses.",
                "subnet_ids",
            )


def _is_one_subnet(stack: Stack, subnet: object) -> bool:
    """Whether the text or reference can stand for one subnet only, and for no list of them."""
    if not isinstance(subnet, LogicalRef):
        return isinstance(subnet, str)
    made, given = stack.resources.get(subnet.logical_id), stack.parameters.get(subnet.logical_id)
    return (made is not None and made.aws_type == "AWS::EC2::Subnet") or (
        given is not None and given.type in ("String", "AWS::EC2::Subnet::Id")
    )


@rule(
    "LF402",
    "old-runtime",
    Level.WARNING,
    demand="A function's runtime still gets security updates.",
    source="AWS Lambda Developer Guide, lambda-runtimes",
)
def old_runtime(stack: Stack) -> Iterator[Problem]:
    """Functions on a runtime that AWS has deprecated."""
    for function in functions(stack):
        runtime = setting(stack, function, "runtime")
        if not isinstance(runtime, Runtime):
            continue
        facts = runtime_facts(runtime)
        if facts.deprecated is not None and facts.deprecated <= as_of(stack):
            newer = f" {facts.successor.value} is its successor." if facts.successor else ""
            yield function.problem(
                "LF402",
                f"{function.logical_id!r} uses {runtime.value}, which AWS deprecated on {facts.deprecated}.",
                f"It gets no security updates, and creating and updating functions is or will be blocked.{newer}",
                "runtime",
            )
