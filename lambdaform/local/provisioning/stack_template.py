"""One stack's template with its values worked out: what CloudFormation knows of it while it deploys.

Stacks see each other as on AWS: a nested one gets its parameters from the one that it is in, which gets its outputs;
stacks beside each other get what they export.

Source: AWS CloudFormation User Guide, "Nested stacks", "Fn::ImportValue" and "Outputs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from attrs import evolve

from lambdaform.errors import DefinitionError
from lambdaform.local.evaluate import Evaluator, Known
from lambdaform.local.physical import Account
from lambdaform.local.provisioning.values import text
from lambdaform.synth.places import owner_of, place_in

if TYPE_CHECKING:
    from lambdaform.origin import Location
    from lambdaform.synth.assembly import Assembly
    from lambdaform.synth.assets import Asset


class Unavailable(Exception):  # noqa: N818 - not an error, but why one function does not run here
    """What a function needs and this machine has not."""


class Exports(Protocol):
    """What the stacks that are deployed together export."""

    def imported(self, name: str) -> Known | None:
        """What one of them exports under a name; None where none does."""


class StackTemplate:
    """One assembly on its way. ``outer`` is the stack that it is nested in, and its logical id there."""

    def __init__(
        self,
        account: Account,
        assembly: Assembly,
        exports: Exports,
        outer: tuple[StackTemplate, str] | None = None,
    ) -> None:
        self.account = account
        self._assets: Mapping[str, Asset] = assembly.assets
        self._unpackaged = assembly.unpackaged
        self._template = assembly.template
        self._written = assembly.written
        self._written_outputs = assembly.written_outputs
        every = assembly.template.get("Resources", {})
        self._resources: Mapping[str, Mapping[str, Any]] = {
            logical_id: each for logical_id, each in every.items() if isinstance(each, Mapping)
        }
        #: The loops, which AWS runs when it deploys.
        self.loops = [name for name in every if name not in self._resources]
        self._exports = exports
        self._outer = outer
        given = {} if outer is not None else assembly.parameters
        self.evaluator = Evaluator(assembly.template, given, account, self)
        self._under_way: set[str] = set()
        self._nested = {
            logical_id: StackTemplate(
                evolve(account, stack_name=f"{account.stack_name}-{logical_id}"),
                each,
                exports,
                (self, logical_id),
            )
            for logical_id, each in assembly.nested.items()
        }

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.account.stack_name

    def with_nested(self) -> Iterator[StackTemplate]:
        """The stack and, where their conditions hold, those nested in it."""
        yield self
        for logical_id, nested in self._nested.items():
            if self._is_made(logical_id):
                yield from nested.with_nested()

    def of_type(self, aws_type: str) -> list[str]:
        """The logical ids of the resources of a type that are made."""
        return [
            logical_id
            for logical_id, resource in self._resources.items()
            if resource.get("Type") == aws_type and self._is_made(logical_id)
        ]

    def _is_made(self, logical_id: str) -> bool:
        with self.telling_place(logical_id):
            return self.evaluator.exists(logical_id)

    def functions(self) -> Iterator[str]:
        """The logical ids of all its functions and those of the stacks nested in it, whether they are made or not."""
        for logical_id, resource in self._resources.items():
            if resource.get("Type") == "AWS::Lambda::Function":
                yield logical_id
        for nested in self._nested.values():
            yield from nested.functions()

    def is_retained(self, logical_id: str) -> bool:
        """Whether a resource stays when it is no more in the template."""
        return self._resources[logical_id].get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")

    def given(self, logical_id: str) -> Mapping[str, Any]:
        """The properties of a resource as they are written."""
        properties = self._resources[logical_id].get("Properties") or {}
        return properties if isinstance(properties, Mapping) else {}

    def properties(self, logical_id: str, *names: str) -> dict[str, Any]:
        """Properties of a resource, worked out: those named, or all of them."""
        given = self.given(logical_id)
        chosen = {name: given[name] for name in names if name in given} if names else dict(given)
        # As a list, so that a single property is no intrinsic.
        with self.telling_place(logical_id):
            return {name: value for name in chosen for value in self.evaluator.value([chosen[name]])}

    @contextmanager
    def telling_place(self, logical_id: str) -> Iterator[None]:
        """Let an error within the block point to what of a resource cannot be worked out, or to the resource."""
        try:
            yield
        except DefinitionError as error:
            error.where = error.where or self.place(logical_id, *self._way_to_fault(self.given(logical_id)))
            raise

    @contextmanager
    def _telling_output(self, name: str, *way: str) -> Iterator[None]:
        """Let an error within the block point to what is on the way into an output."""
        try:
            yield
        except DefinitionError as error:
            output = self._written_outputs.get(name)
            error.where = error.where or (place_in(output, *way) if output is not None else None)
            raise

    def place(self, logical_id: str, *way: str | int) -> Location | None:
        """Where the user has written a resource, or what lies on the way into its properties.

        What SAM has made of a resource is written where that is.
        """
        owner = owner_of(logical_id, self._written)
        return place_in(owner, *way) if owner is not None else None

    def _way_to_fault(self, data: Any) -> tuple[str | int, ...]:
        """The keys and indexes that lead to the innermost value that cannot be worked out."""
        parts = (
            data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
        )
        for step, part in parts:
            try:
                self.evaluator.value(part)
            except DefinitionError:
                return (step, *self._way_to_fault(part))
        return ()

    def asset(self, key: str) -> Asset | None:
        """The asset with this key; None where the key is no asset's. Raises `Unavailable` where it was not packaged."""
        if key in self._assets:
            return self._assets[key]
        error = self._unpackaged.get(key)
        if error is None:
            return None
        raise Unavailable(f"{error.what[0].lower()}{error.what[1:]} {error.right or ''}".strip())

    def parameter(self, name: str) -> Known | None:
        """What the stack is given for a parameter by the one that it is nested in."""
        if self._outer is None:
            return None
        outer, logical_id = self._outer
        given = outer.given(logical_id).get("Parameters") or {}
        if not isinstance(given, Mapping) or name not in given:
            return None
        with outer.telling_place(logical_id):
            return outer.known(given[name])

    def nested_output(self, logical_id: str, name: str) -> Known | None:
        """An output of a stack that is nested in this one; None where it is not known here."""
        nested = self._nested.get(logical_id)
        return nested.output(name) if nested is not None else None

    def imported(self, name: str) -> Known | None:
        """What another stack exports under a name."""
        return self._exports.imported(name)

    def output(self, name: str) -> Known | None:
        """One of the stack's outputs. Raises `DefinitionError` where it depends on itself."""
        output = self._template.get("Outputs", {}).get(name)
        if not isinstance(output, Mapping):
            return None
        with self._telling_output(name, "Value"):
            if name in self._under_way:
                raise DefinitionError(
                    f"The output {name!r} of the stack {self.name} depends on itself.",
                    right="Break the circle between the stacks.",
                    rule="LF202",
                )
            self._under_way.add(name)
            try:
                return self.known(output.get("Value"))
            finally:
                self._under_way.discard(name)

    def known(self, data: Any) -> Known:
        """A value as another stack gets it: as text, with what only a deployment could tell of it."""
        before = len(self.evaluator.unknown)
        value = self.evaluator.value(data)
        told = ",".join(map(text, value)) if isinstance(value, list) else text(value)
        return Known(told, tuple(self.evaluator.unknown[before:]))

    def exports(self) -> Iterator[tuple[str, str]]:
        """The names that the stack exports, each with the output that it stands for."""
        for name, output in self._template.get("Outputs", {}).items():
            export = output.get("Export") if isinstance(output, Mapping) else None
            condition = output.get("Condition") if isinstance(output, Mapping) else None
            if not isinstance(export, Mapping):
                continue
            with self._telling_output(name, "Condition"):
                is_made = condition is None or self.evaluator.condition(condition)
            if is_made:
                with self._telling_output(name, "Export", "Name"):
                    exported = str(self.evaluator.value(export.get("Name")))
                yield exported, name
