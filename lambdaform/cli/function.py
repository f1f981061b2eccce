"""Which function a command is about: named by its logical id, its place such as ``Storage/Writer``, its name or its ARN.

The name is the one under which it is served here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from lambdaform.errors import UsageError
from lambdaform.local.physical import Account
from lambdaform.suggest import did_you_mean

if TYPE_CHECKING:
    from lambdaform.model.function import FunctionSettings
    from lambdaform.model.stack import Stack


_TYPE = "AWS::Lambda::Function"


@frozen
class Chosen:
    """A function: the stack that is deployed, the nested ones on the way to the function, itself."""

    stack: Stack
    way: tuple[str, ...]
    function: FunctionSettings

    @property
    def home(self) -> Stack:
        """The stack that the function itself is in."""
        home = self.stack
        for logical_id in self.way:
            home = home.children[logical_id]
        return home

    @property
    def path(self) -> str:
        """Its whole name, such as ``shop/Storage/Writer``."""
        return "/".join((self.stack.name, *self.way, self.function.logical_id))

    @property
    def short(self) -> str:
        """Its name within the stack, such as ``Storage/Writer``."""
        return self.path.partition("/")[2]

    @property
    def deployed_in(self) -> str:
        """The name of the stack that the function itself is in, as the service calls it."""
        return "-".join((self.stack.name, *self.way))

    def is_called(self, name: str) -> bool:
        """Whether the name is its own, its logical id, or the end of its whole name."""
        return name == self.function.function_name or f"/{self.path}".endswith(f"/{name}")

    def names_in(self, account: Account, parameters: Mapping[str, str]) -> tuple[str, str]:
        """The name that it is served under in an account, where its stack is given parameters, and its ARN there."""
        home = evolve(account, stack_name=self.deployed_in)
        logical_id, given = self.function.logical_id, self.function.function_name
        if given is None or isinstance(given, str):
            name = home.name(logical_id, _TYPE, {"FunctionName": given})
        else:
            from lambdaform.local.evaluate import Evaluator
            from lambdaform.synth.template import plain, template_of

            template = template_of(self.home)
            resource = {"Type": _TYPE, "Properties": {"FunctionName": plain(given)}}
            resources = {**template["Resources"], logical_id: resource}
            name = Evaluator({**template, "Resources": resources}, parameters, home).name(logical_id)
        return name, str(home.arn(_TYPE, name))


def _candidates(stack: Stack, root: Stack, way: tuple[str, ...] = ()) -> Iterator[Chosen]:
    from lambdaform.model.function import FunctionSettings

    for each in stack.resources.values():
        if isinstance(each, FunctionSettings):
            yield Chosen(root, way, each)
    for logical_id, child in stack.children.items():
        yield from _candidates(child, root, (*way, logical_id))


def choose_function(
    stacks: Sequence[Stack],
    name: str | None,
    account: Account | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Chosen:
    """The function to run, which is served in the account with these parameters of its stack.

    Raises `UsageError` where that is not clear.
    """
    known = [each for stack in stacks for each in _candidates(stack, stack)]
    several = len(stacks) > 1
    labels = [each.path if several else each.short for each in known]
    whose = "The app" if several else f"Stack {stacks[0].name!r}"
    if not known:
        raise UsageError(f"{whose} has no functions.", right="Add one: stack.add(Function(...)).")
    if name is None:
        if len(known) > 1:
            raise UsageError(f"{whose} has several functions: {', '.join(labels)}.", right="Name one.")
        return known[0]
    called = [each for each in known if each.is_called(name)]
    served: list[tuple[str, str]] = []
    if not called:
        served = [each.names_in(account or Account(""), parameters or {}) for each in known]
        called = [each for each, names in zip(known, served, strict=True) if name in names]
    if len(called) == 1:
        return called[0]
    if called:
        paths = ", ".join(each.path for each in called)
        raise UsageError(f"{whose} has several functions {name!r}.", right=f"Name one of {paths}.")
    other = next((stack.resources[name] for stack in stacks if name in stack.resources), None)
    if other is not None:
        raise UsageError(
            f"{name!r} is no function, but an {other.aws_type}.",
            right=f"The functions are {', '.join(labels)}.",
        )
    right = did_you_mean(name, [*labels, *(each for each, _ in served)], f"It has {', '.join(labels)}.")
    raise UsageError(f"{whose} has no function {name!r}.", right=right)
