"""Stacks as the account has them: what is new is made, what differs changed, what is gone deleted, as CloudFormation does.

Each resource is remembered with the properties that it was made with. Everything goes through the control plane's own
operations, and all of a deployment is there afterwards, or nothing of it.

Source: AWS CloudFormation User Guide, "Update behaviors of stack resources" and "DeletionPolicy attribute".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.local.control.functions import Function
from lambdaform.local.control.layer import find_layer
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.control.records import StackResource
from lambdaform.local.errors import AwsError
from lambdaform.local.evaluate import Known
from lambdaform.local.physical import Account
from lambdaform.local.provisioning.other_resources import other_resources
from lambdaform.local.provisioning.overrides import Overrides
from lambdaform.local.provisioning.resource import Context, Desired, Made, ResourceType
from lambdaform.local.provisioning.schedules import schedules_of
from lambdaform.local.provisioning.stack_template import StackTemplate
from lambdaform.local.provisioning.types import resource_types
from lambdaform.local.services.stack_resources import ServiceResource
from lambdaform.local.sources.schedule import Schedule

if TYPE_CHECKING:
    from lambdaform.synth.assembly import Assembly

#: Event sources that nothing fires here, by their types.
_NOT_SIMULATED: Mapping[str, str] = {
    "AWS::Lambda::EventSourceMapping": "event source mappings (queues, streams)",
    "AWS::ApiGateway::RestApi": "API Gateway REST APIs",
    "AWS::ApiGatewayV2::Api": "API Gateway HTTP and WebSocket APIs",
    "AWS::Scheduler::Schedule": "EventBridge Scheduler schedules",
}


@frozen
class Notice:
    """What a person should know: of one function (its logical id), or of the stack (None).

    ``stack`` is the name of the function's stack.
    """

    function: str | None
    text: str
    stack: str = ""


@define
class Provisioned:
    """What a template's resources are here; ``others`` are those of other services.

    ``unused`` says which of the variables that the user gives are for a function that is not there.
    """

    functions: list[Function] = field(factory=list)
    schedules: list[Schedule] = field(factory=list)
    notices: list[Notice] = field(factory=list)
    others: list[ServiceResource] = field(factory=list)
    unused: list[str] = field(factory=list)


class Provisioner:
    """Makes what templates describe."""

    def __init__(self, plane: ControlPlane, account: Account, overrides: Overrides) -> None:
        self._plane = plane
        self._account = account
        self._overrides = overrides
        #: The stacks of the last deployment: those of them that are in none any more are deleted.
        self._deployed: set[str] = set()

    def provision(self, *assemblies: Assembly) -> tuple[list[str], Provisioned]:
        """Bring the account to what the assemblies, in CloudFormation's form, and those nested in them describe.

        Returns the names of their functions beside what there is to tell. Raises `DefinitionError`, and leaves all as
        it was, where a template is wrong or Lambda would refuse a part of it.
        """
        with self._plane.state.at_once(), self._plane.state.store.transaction():
            deployment = _Deployment(self._plane, self._overrides)
            for assembly in assemblies:
                account = evolve(self._account, stack_name=assembly.stack_name)
                deployment.add(account, assembly)
            names, told = deployment.run(self._deployed)
        self._deployed = {stack.name for stack in deployment.stacks}
        return names, told


class _Deployment:
    """Some stacks on their way together."""

    def __init__(self, plane: ControlPlane, overrides: Overrides) -> None:
        self._plane = plane
        self._overrides = overrides
        self._records = plane.state.stack_resources
        self._roots: list[StackTemplate] = []
        self._told = Provisioned()
        self._exports: dict[str, tuple[StackTemplate, str]] = {}
        context = Context(plane=plane, overrides=overrides, note=self._note)
        self._types = resource_types(context)

    @property
    def stacks(self) -> list[StackTemplate]:
        """All of them, nested ones after those that they are in."""
        return [each for stack in self._roots for each in stack.with_nested()]

    def add(self, account: Account, assembly: Assembly) -> None:
        """Take one more."""
        self._roots.append(StackTemplate(account, assembly, self))

    def imported(self, name: str) -> Known | None:
        """What one of the stacks exports under a name."""
        stack, output = self._exports.get(name, (None, ""))
        return stack.output(output) if stack is not None else None

    def run(self, earlier: set[str]) -> tuple[list[str], Provisioned]:
        """Make, change and delete; ``earlier`` are the names of the stacks that were deployed before these."""
        stacks = self.stacks
        self._know_given_layers()
        for stack, kind, logical_id in self._resources(stacks):
            self._expect(stack, kind, logical_id)
        for stack in stacks:
            for name, output in stack.exports():
                self._exports.setdefault(name, (stack, output))
        wanted: set[tuple[str, str]] = set()
        replaced: list[StackResource] = []
        for stack, kind, logical_id in self._resources(stacks):
            wanted.add((stack.name, logical_id))
            old = self._take(stack, kind, logical_id)
            if old is not None:
                replaced.append(old)
        self._take_late_values(stacks)
        names = {stack.name for stack in stacks} | earlier
        gone = [
            record
            for name in names
            for logical_id, record in tuple(self._records.of(name).items())
            if (name, logical_id) not in wanted
        ]
        self._delete([*replaced, *(each for each in gone if not each.is_retained)])
        for record in gone:
            del self._records[record.stack, record.logical_id]
        for stack in stacks:
            self._told.schedules += schedules_of(stack, self._plane.state)
            self._told.others += other_resources(stack)
        self._say_what_is_missing(stacks)
        ids = {each for root in self._roots for each in root.functions()}
        self._told.unused += self._overrides.without_function(ids.union(self._plane.state.functions))
        functions = [
            self._records[stack.name, logical_id].physical_id
            for stack in stacks
            for logical_id in stack.of_type("AWS::Lambda::Function")
        ]
        return functions, self._told

    def _resources(
        self, stacks: Sequence[StackTemplate]
    ) -> Iterator[tuple[StackTemplate, ResourceType, str]]:
        """All resources in the order in which they are made: type by type, for one type refers to those before it."""
        for kind in self._types:
            for stack in stacks:
                for logical_id in stack.of_type(kind.aws_type):
                    yield stack, kind, logical_id

    def _know_given_layers(self) -> None:
        """Take the layers whose content the user gives for versions that are there."""
        from lambdaform.synth.assets import Asset

        state = self._plane.state
        for arn, path in self._overrides.layers.items():
            code, before = state.codes.put_asset(Asset.from_path(path)), find_layer(state, arn)
            if before is None or before.code != code:
                self._plane.layers.know(arn, code)
                for (name, _), version in state.versions.items():
                    if arn in version.layers:
                        state.changed(name)

    def _take_late_values(self, stacks: Sequence[StackTemplate]) -> None:
        """Give functions what was made after them, such as a function URL: AWS would have made it first."""
        [kind] = [each for each in self._types if each.aws_type == "AWS::Lambda::Function"]
        for stack in stacks:
            for logical_id in stack.of_type(kind.aws_type):
                earlier = list(self._told.notices)
                self._told.notices = [
                    each for each in earlier if (each.stack, each.function) != (stack.name, logical_id)
                ]
                if kind.desired(stack, logical_id) == self._records[stack.name, logical_id].properties:
                    self._told.notices = earlier
                else:
                    self._take(stack, kind, logical_id)

    def _expect(self, stack: StackTemplate, kind: ResourceType, logical_id: str) -> None:
        """Let others refer to a resource before it is made."""
        record = self._records.of(stack.name).get(logical_id)
        with stack.telling_place(logical_id):
            made = kind.expected(stack, logical_id, record)
        if made is not None:
            stack.evaluator.know(logical_id, made.ref, made.attributes)

    def _take(self, stack: StackTemplate, kind: ResourceType, logical_id: str) -> StackResource | None:
        """Make or change a resource; returns what it replaces, if it replaces one."""
        before = self._records.of(stack.name).get(logical_id)
        if before is not None and before.aws_type != kind.aws_type:
            raise DefinitionError(
                f"{logical_id!r} was a resource of the type {before.aws_type}.",
                right="CloudFormation changes no resource's type: give the new one another logical id.",
                where=stack.place(logical_id),
            )
        try:
            with stack.telling_place(logical_id):
                desired = Desired(
                    stack=stack, logical_id=logical_id, properties=kind.desired(stack, logical_id)
                )
                made, old = self._brought_about(kind, desired, before)
        except AwsError as error:
            what = kind.aws_type.rpartition("::")[2]
            remedy, faulty = kind.remedy(error), kind.property_at_fault(error)
            # AWS ends some of its sentences without a full stop.
            message = f"{error.message.rstrip('.')}." if remedy else error.message
            raise DefinitionError(
                f"{what} {logical_id!r}: {message}",
                right=remedy,
                where=stack.place(logical_id, *([faulty] if faulty else [])),
                rule=kind.rule(error),
            ) from error
        stack.evaluator.know(logical_id, made.ref, made.attributes)
        self._records[stack.name, logical_id] = StackResource(
            stack=stack.name,
            logical_id=logical_id,
            aws_type=kind.aws_type,
            physical_id=made.physical_id,
            ref=made.ref,
            attributes=made.attributes,
            properties=desired.properties,
            is_retained=stack.is_retained(logical_id),
        )
        return old

    def _brought_about(
        self, kind: ResourceType, desired: Desired, before: StackResource | None
    ) -> tuple[Made, StackResource | None]:
        if before is None or not kind.exists(before.physical_id):
            return kind.create(desired), None
        if before.properties == desired.properties and kind.is_whole(before.physical_id):
            return Made(before.physical_id, before.ref, before.attributes), None
        if any(before.properties.get(name) != desired.properties.get(name) for name in kind.replaced_by):
            return kind.create(desired), before
        return kind.update(desired, before.properties, before.physical_id), None

    def _delete(self, records: Sequence[StackResource]) -> None:
        """Delete resources, those first that refer to others."""
        order = {kind.aws_type: number for number, kind in enumerate(self._types)}
        kinds = {kind.aws_type: kind for kind in self._types}
        for record in sorted(records, key=lambda each: -order[each.aws_type]):
            kind = kinds[record.aws_type]
            if kind.exists(record.physical_id):
                kind.delete(record.physical_id)

    def _note(self, stack: StackTemplate, logical_id: str, sentence: str) -> None:
        self._told.notices.append(Notice(logical_id, sentence, stack.name))

    def _say_what_is_missing(self, stacks: Sequence[StackTemplate]) -> None:
        """Name the event sources that nothing fires here, so that nobody waits for them."""
        missing = [
            words for kind, words in _NOT_SIMULATED.items() if any(each.of_type(kind) for each in stacks)
        ]
        if any(each.loops for each in stacks):
            missing.append("loops (Fn::ForEach) and what they make")
        if missing:
            what = f"Not simulated yet: {', '.join(missing)}. Invoke their functions directly."
            self._told.notices.append(Notice(None, what))
