"""LF24x: a function in a VPC, and what its layers were built for."""

from __future__ import annotations

from collections.abc import Iterator

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import behind, from_elsewhere, functions, items, setting
from lambdaform.model.function import VpcConfig
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem, prop
from lambdaform.model.stack import Stack


@rule(
    "LF241",
    "half-a-network",
    Level.ERROR,
    demand="A function in a VPC has both subnets and security groups.",
    source="Lambda API, VpcConfig",
)
def half_a_network(stack: Stack) -> Iterator[Problem]:
    """VPC settings with subnets only or security groups only, which Lambda refuses."""
    for function in functions(stack):
        vpc = setting(stack, function, "vpc_config")
        if not isinstance(vpc, VpcConfig) or from_elsewhere(vpc):
            continue
        given = {name: prop(vpc, name) for name in ("SubnetIds", "SecurityGroupIds")}
        there = {name: isinstance(value, Ref) or bool(items(value)) for name, value in given.items()}
        if there["SubnetIds"] != there["SecurityGroupIds"]:
            has, lacks = sorted(there, key=lambda name: not there[name])
            yield vpc.problem(
                "LF241",
                f"{function.logical_id!r} has {has} and no {lacks}.",
                "Lambda takes both or neither.",
                "subnet_ids" if has == "SubnetIds" else "security_group_ids",
            )


@rule(
    "LF242",
    "layer-misfit",
    Level.WARNING,
    demand="A layer is made for the runtime and architecture of the functions that use it.",
    source="AWS Lambda Developer Guide, chapter-layers",
)
def layer_misfit(stack: Stack) -> Iterator[Problem]:
    """Layers of the stack that say they are for other functions."""
    for function in functions(stack):
        architecture = [*items(setting(stack, function, "architectures")), "x86_64"][0]
        wanted = {
            "CompatibleRuntimes": setting(stack, function, "runtime"),
            "CompatibleArchitectures": architecture,
        }
        for layer in filter(
            None, (behind(stack, each) for each in items(setting(stack, function, "layers")))
        ):
            for name, value in wanted.items():
                compatible = items(prop(layer, name))
                if (
                    isinstance(value, str)
                    and compatible
                    and value not in compatible
                    and all(isinstance(each, str) for each in compatible)
                ):
                    shown = ", ".join(str(each) for each in compatible)
                    yield function.problem(
                        "LF242",
                        f"{function.logical_id!r} is {value!s}, and its layer {layer.logical_id!r} is for {shown}.",
                        f"Add {value!s} to the layer's {name} if it works there, or take another layer.",
                        "layers",
                    )
