"""A stack written as data, in YAML or JSON → the same `Stack` that Python would have made.

The document is the Python form, name for name: sections as `Stack` has them, fields in snake_case, classes under
their own names. Two things stand for what Python has variables for: ``{$resource: Orders}`` (in YAML also
``!Resource Orders``) is the resource itself, in whatever order they are written; references and functions are
CloudFormation's intrinsics, long or short. `lambdaform.load.document_writer` is the way back.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from cattrs import Converter

from lambdaform.errors import DefinitionError, LambdaformError, UsageError, shown
from lambdaform.load.types import resource_type
from lambdaform.load.written import (
    CLASS,
    GRANT,
    RESOURCE,
    alternatives,
    annotation_of,
    arguments_of,
    class_named,
    classes_in,
    grant_makers,
    implied_class,
    is_abstract,
    is_mapping,
    is_sequence,
    item_type,
    takes_grant,
    value_type,
)
from lambdaform.load.yaml_reader import Form, Template, read_template
from lambdaform.model.globals import LOGICAL_ID, refused_globals, section_of
from lambdaform.model.iam import Statement
from lambdaform.model.references import Condition, Intrinsic, intrinsic
from lambdaform.model.resource import RawResource, Resource
from lambdaform.model.shape import (
    Problem,
    Shape,
    collecting_problems,
    report,
    slots_of,
    without_required_fields,
)
from lambdaform.model.stack import Output, Parameter, ParameterRule, Stack, StackHead
from lambdaform.origin import TemplateOrigin, written_at
from lambdaform.suggest import did_you_mean

S = TypeVar("S", bound=Shape)
Steps = tuple[str | int, ...]

#: What a document may have beside what is said of the stack as a whole, in the order in which it is written.
SECTIONS = (
    "transforms",
    "parameters",
    "conditions",
    "mappings",
    "rules",
    "globals",
    "resources",
    "loops",
    "outputs",
    "output_loops",
    "metadata",
    "tags_of",
    "children",
    "raw",
)
HEAD = tuple(slot.name for slot in slots_of(StackHead))
#: The key under which a JSON document tells an editor its schema; it says nothing of the stack.
SCHEMA = "$schema"
_LOOP = ("identifier", "collection", "body")
FOR_EACH = "Fn::ForEach::"
#: The functions that have a form of their own here, and what they take.
_TAKES = {
    "Ref": "It takes the name of a parameter or resource.",
    "Fn::GetAtt": "It takes a resource and an attribute: [Orders, Arn].",
    "Fn::Sub": "It takes a text, or a text and a mapping of names to values.",
    "Fn::If": "It takes a condition and two values: [InProduction, 2, 1].",
}
_A_DOCUMENT = Form(
    "a stack", "A stack as data is a mapping with a name and resources.", {"!Resource": RESOURCE}
)


class DocumentError(DefinitionError):
    """A mistake in a stack that is written as data; it also says the column, and the path that leads to it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what, right=problem.right, where=problem.location, rule=problem.rule)
        origin = problem.origin
        self.path = (
            origin.path_of(problem.names, problem.inside) if isinstance(origin, TemplateOrigin) else ()
        )

    def place(self) -> tuple[int, int]:
        """The line and column, to sort by."""
        return (self.where.line, self.where.column) if self.where else (0, 0)

    def __str__(self) -> str:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        place = f"{self.where}:{self.where.column}: " if self.where else ""
        return f"{place}{path[1:]}{': ' if path else ''}{self.what} {self.right}"


def load_document(file: Path, *, stack_name: str | None = None) -> Stack:
    """The stack in a file. ``stack_name`` is the name that it must have.

    Raises `UsageError` where the file cannot be read or has another stack, `DefinitionError` with everything
    that is wrong in it, each with its place and path.
    """
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is not a text file in UTF-8.", right="Name a stack in YAML or JSON."
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"The stack {file} cannot be read: {reason}.", right="Name one with --from."
        ) from error
    stack = read_document(text, str(file))
    if stack_name not in (None, stack.name):
        raise UsageError(
            f"{file} has no stack {stack_name!r}.", right=did_you_mean(str(stack_name), [stack.name])
        )
    return stack


def read_document(text: str, file: str) -> Stack:
    """The stack in a text; ``file`` is where it is from. Raises as `load_document` does."""
    template = read_template(text, file, _A_DOCUMENT)
    if "Resources" in template.data and "resources" not in template.data:
        raise DefinitionError(
            f"{file} is a template, not a stack.",
            right=f"A template is named with --template {file}.",
            rule="LF001",
        )
    refused: set[Steps] = set()
    with collecting_problems() as problems:
        stack = _Reader(template, template.data, (), refused).stack()
    problems[:0] = template.problems
    for each in (stack, *stack.descendants()):
        each.file = str(Path(file).resolve())
    if problems:
        errors = [DocumentError(problem) for problem in dict.fromkeys(problems)]
        # Where it is said already which class an object has not, its field need not say so again.
        told = [each for each in errors if each.rule != "LF100" or each.path not in refused]
        first, *others = sorted(told, key=DocumentError.place)
        first.take_in(others)
        raise first
    return stack


class _Reader:
    """Reads the stack that ``data`` is, which lies at the path ``base`` of the file: a child within its parent."""

    def __init__(self, template: Template, data: Mapping[str, Any], base: Steps, refused: set[Steps]) -> None:
        self.refused = refused
        self.template = template
        self.data = data
        self.base = base
        self.path = base
        self.resources: dict[str, Resource] = {}
        self.made: set[str] = set()
        self.converter = Converter()
        self.converter.register_structure_hook_factory(lambda _: True, lambda _: self._plain)
        self.converter.register_structure_hook_factory(_is_union, lambda _: self._union)
        self.converter.register_structure_hook_factory(is_mapping, lambda _: self._mapping)
        self.converter.register_structure_hook_factory(is_sequence, lambda _: self._sequence)
        self.converter.register_structure_hook_factory(_is_shape, lambda _: self._union)
        for scalar in (str, int, float, bool):
            # A document says what it means: nothing is taken for something else, as in Python.
            self.converter.register_structure_hook(scalar, self._plain)

    def stack(self) -> Stack:
        data = self.data
        for key in data:
            if key not in (*HEAD, *SECTIONS, SCHEMA):
                self.path = (*self.base, key)
                known = (*HEAD, *SECTIONS)
                self._note("LF106", f"A stack has no {key!r}.", did_you_mean(key, known))
        self.path = self.base
        head = {name: self._data_at(name, data[name]) for name in HEAD if name in data}
        head.setdefault("name", None)
        with written_at(self._origin()):
            stack = Stack(**head, origin=self._origin())
        stack.transforms = self._transforms(data.get("transforms"))
        for key, body in self._items("parameters"):
            stack.parameters[key] = self._build(Parameter, body, {"logical_id": key})
        for key, body in self._items("conditions"):
            stack.conditions[key] = Condition(key, self._structure(body, Any), origin=self._origin())
        for key, body in self._items("mappings"):
            stack.mappings[key] = body
        for key, body in self._items("rules"):
            stack.rules[key] = self._build(ParameterRule, body, {"logical_id": key})
        self._stand_ins()
        for key in self._in_order():
            self.path = (*self.base, "resources", key)
            self._resource(key, self.data["resources"][key])
        for key, body in self._items("globals"):
            self._globals(stack, key, body)
        for resource in self.resources.values():
            stack.add(resource)
        for key, body in self._items("loops"):
            stack.loops[key if key.startswith(FOR_EACH) else FOR_EACH + key] = self._loop(body)
        for key, body in self._items("outputs"):
            stack.outputs[key] = self._build(Output, body, {"logical_id": key})
        for section, into in (
            ("output_loops", stack.output_loops),
            ("metadata", stack.metadata),
            ("tags_of", stack.tags_of),
            ("raw", stack.raw),
        ):
            for key, body in self._items(section):
                into[key] = self._structure(body, Any)
        for key, body in self._items("children"):
            if isinstance(body, Mapping):
                stack.children[key] = _Reader(self.template, body, self.path, self.refused).stack()
            else:
                self._note("LF100", f"Child {key!r} is no mapping.", "It is a stack, written as this one is.")
        return stack

    def _origin(self, path: Steps | None = None) -> TemplateOrigin:
        return TemplateOrigin(self.template.file, self.path if path is None else path, self.template.marks)

    def _note(self, rule: str, what: str, right: str) -> None:
        report(Problem(rule, what, right, self._origin()))

    def _items(self, section: str) -> Iterator[tuple[str, Any]]:
        body = self.data.get(section)
        if body is None:
            return
        self.path = (*self.base, section)
        if not isinstance(body, Mapping):
            self._note("LF100", f"{section} is no mapping.", "It maps names to definitions.")
            return
        for key, value in body.items():
            self.path = (*self.base, section, key)
            yield key, value
        self.path = self.base

    def _transforms(self, given: Any) -> tuple[Any, ...]:
        self.path = (*self.base, "transforms")
        if given is None:
            return ()
        if not isinstance(given, list) or not all(isinstance(each, str | Mapping) for each in given):
            self._note(
                "LF100", "transforms is no list of macros.", "It lists names, or mappings with a Name."
            )
            return ()
        return tuple(self._structure(each, Any) for each in given)

    def _globals(self, stack: Stack, name: str, body: Any) -> None:
        cls = class_named(name)
        if cls is None or not issubclass(cls, Resource) or not cls.GLOBALS:
            if isinstance(body, Mapping) and body.get(CLASS) == RawResource.__name__:
                stack.globals[name] = self._build(RawResource, body, {"logical_id": LOGICAL_ID}, (CLASS,))
                return
            self._note(
                "LF106",
                f"SAM has no globals for {name}.",
                did_you_mean(name, _with_globals(), f"It has some for {', '.join(_with_globals())}."),
            )
            return
        with without_required_fields():
            shared = self._build(cls, body, {"logical_id": LOGICAL_ID})
        for problem in refused_globals(shared):
            report(problem)
        stack.globals[section_of(cls)] = shared

    def _stand_ins(self) -> None:
        """An object for each resource, still empty, so that others can refer to it whatever the order."""
        for key, body in self._items("resources"):
            cls = self._resource_class(key, body)
            if cls is not None:
                self.resources[key] = _empty(cls, key, self._origin())

    def _resource_class(self, key: str, body: Any) -> type[Resource] | None:
        name = body.get(CLASS) if isinstance(body, Mapping) else None
        cls = class_named(name)
        if cls is not None and issubclass(cls, Resource) and (cls.TYPE or cls is RawResource):
            return cls
        if not isinstance(body, Mapping):
            self._note("LF100", f"Resource {key!r} is no mapping.", "It maps names to values.")
        elif name is None:
            self._note("LF107", f"Resource {key!r} has no class.", _class_for(body))
        else:
            self._inside_note(
                CLASS,
                "LF107",
                f"Resource {key!r}: there is no resource class {name!r}.",
                did_you_mean(str(name), _resource_classes(), "class: RawResource takes any type of AWS's."),
            )
        return None

    def _in_order(self) -> list[str]:
        """The resources, each after those that it stands on where that is possible; a circle is no obstacle.

        Those on which it has a grant come first in any case: what they are has a say in the statements.
        """
        resources = self.data.get("resources") or {}
        order: Iterable[str] = self.resources
        for named_in in (_named_in, _granted_in):
            order = _ordered(
                {key: [*filter(self.resources.__contains__, named_in(resources[key]))] for key in order}
            )
        return list(order)

    def _resource(self, key: str, body: Mapping[str, Any]) -> None:
        resource = self.resources[key]
        self._build(type(resource), body, {"logical_id": key}, (CLASS,), into=resource)
        self.made.add(key)

    def _loop(self, body: Any) -> Any:
        if not isinstance(body, Mapping) or set(body) != set(_LOOP) or not isinstance(body["body"], Mapping):
            self._note(
                "LF100",
                f"Loop {self.path[-1]!r} is no loop.",
                "It has an identifier, a collection, and a body that maps logical ids to resources.",
            )
            return []
        here = self.path
        repeated: dict[str, Any] = {}
        for key, each in body["body"].items():
            self.path = (*here, "body", key)
            if not isinstance(each, Mapping) or CLASS not in each:
                repeated[key] = self._structure(each, Any)
                continue
            cls = self._resource_class(key, each)
            if cls is not None:
                repeated[key] = self._build(cls, each, {"logical_id": each.get("logical_id", key)}, (CLASS,))
        self.path = (*here, "collection")
        return [body["identifier"], self._structure(body["collection"], Any), repeated]

    def _build(
        self,
        cls: type[S],
        body: Any,
        given: Mapping[str, Any],
        beside: Sequence[str] = (),
        *,
        into: S | None = None,
    ) -> S:
        """An object of a class from its mapping; ``given`` are fields that the place says, ``beside`` no fields."""
        if not isinstance(body, Mapping):
            self._note("LF100", f"{cls.__name__} is no mapping.", "It maps names to values.")
            body = {}
        here = self.path
        slots = {slot.name: slot for slot in slots_of(cls)}
        values: dict[str, Any] = {name: None for name, slot in slots.items() if slot.default is attrs.NOTHING}
        for name, value in body.items():
            if name in given or name in beside:
                continue
            self.path = (*here, name)
            if name == "raw" and isinstance(value, Mapping):
                values[name] = {key: self._inside(key, each, Any) for key, each in value.items()}
            elif name in slots:
                values[name] = self._structure(value, annotation_of(cls, slots[name]))
            else:
                self._note("LF106", f"{cls.__name__} has no property {name!r}.", _nearest(name, cls, given))
        self.path = here
        origin = self._origin()
        try:
            with written_at(origin):
                if into is None:
                    return cls(**{**values, **given}, origin=origin)
                into.__init__(**{**values, **given}, origin=origin)  # type: ignore[misc]  # once: it was empty
                return into
        except LambdaformError as error:
            self._note(error.rule or "LF100", error.what, error.right or "")
            return into or _empty(cls, str(given.get("logical_id")), origin)

    def _structure(self, value: Any, annotation: Any) -> Any:
        return self.converter.structure(value, annotation)

    def _inside(self, step: str | int, value: Any, annotation: Any) -> Any:
        here = self.path
        self.path = (*here, step)
        try:
            return self._structure(value, annotation)
        finally:
            self.path = here

    def _inside_note(self, step: str | int, rule: str, what: str, right: str) -> None:
        here = self.path
        self.path = (*here, step)
        self._note(rule, what, right)
        self.path = here

    def _union(self, value: Any, annotation: Any) -> Any:
        """A value where one of several kinds is asked for: what its own form says that it is."""
        if isinstance(value, list):
            if any(is_sequence(each) for each in alternatives(annotation)):
                return self._sequence(value, annotation)
            return self._data(value)
        if not isinstance(value, Mapping) or function_of(value):
            return self._data(value)
        if GRANT in value and takes_grant(annotation):
            return self._grant(value)
        cls = self._class_of(value, annotation)
        if cls is not None:
            return self._build(cls, value, {}, (CLASS,))
        if any(is_mapping(each) for each in alternatives(annotation)):
            return self._mapping(value, annotation)
        return self._data(value)

    def _class_of(self, value: Mapping[str, Any], annotation: Any) -> type[Shape] | None:
        """The class of an object: the one that it names, else the one that its place and its keys leave."""
        allowed = classes_in(annotation)
        if not allowed:
            return None
        if CLASS not in value:
            cls = implied_class(annotation, value.keys())
            open_ = any(is_mapping(each) or each is Any for each in alternatives(annotation))
            if cls is None and not open_:
                names = concrete(allowed)
                self.refused.add(self.path)
                self._note(
                    "LF107", f"{self.path[-1]!r} has no class.", f"Name one with class: {', '.join(names)}."
                )
            return cls
        cls = class_named(value[CLASS])
        if cls is not None and not is_abstract(cls) and issubclass(cls, tuple(allowed)):
            return cls
        if not any(is_mapping(each) for each in alternatives(annotation)):
            names = concrete(allowed)
            self.refused.add(self.path)
            self._inside_note(
                CLASS,
                "LF107",
                f"{value[CLASS]!r} is no class that can stand here.",
                did_you_mean(str(value[CLASS]), names, f"It may be {', '.join(names)}."),
            )
        return None

    def _grant(self, value: Mapping[str, Any]) -> Sequence[Statement]:
        """The statements that a grant makes: ``{grant: send, queue: !Resource Orders}``."""
        # What a wrong one makes fits everywhere: the mistake is reported where it is.
        wrong = (Statement(effect="Allow", action="*", resource="*"),)
        name, makers = value[GRANT], grant_makers()
        maker = makers.get(name) if isinstance(name, str) else None
        if maker is None:
            right = did_you_mean(str(name), makers, f"There are {', '.join(makers)}.")
            self._inside_note(GRANT, "LF107", f"There is no grant {shown(name)}.", right)
            return wrong
        known = arguments_of(maker)
        first = next(iter(known))
        for key in value:
            if key not in (GRANT, *known):
                right = did_you_mean(str(key), known, f"It has {', '.join(known)}.")
                self._inside_note(key, "LF106", f"The grant {name!r} has no {key!r}.", right)
        given = {key: self._inside(key, value[key], known[key]) for key in known if key in value}
        if not self._may_be_granted(name, first, value, given.get(first)):
            return wrong
        try:
            with written_at(self._origin()):
                return maker(**given)
        except LambdaformError as error:
            self._note(error.rule or "LF100", error.what, error.right or "")
            return wrong

    def _may_be_granted(self, grant: str, argument: str, given: Mapping[str, Any], resource: Any) -> bool:
        """Whether what a grant is on is a resource that has been read; what it is has a say in the statements."""
        written = given.get(argument)
        itself = isinstance(written, Mapping) and function_of(written) == RESOURCE
        if not itself:
            lacks = f"The grant {grant!r} has no {argument}."
            self._note(
                "LF100",
                f"The grant {grant!r}: {argument} is {shown(written)}." if argument in given else lacks,
                f"It takes a resource itself: {argument}: !Resource NAME, or {{{RESOURCE}: NAME}}.",
            )
        elif isinstance(resource, Resource) and resource.logical_id not in self.made:
            self._inside_note(
                argument,
                "LF100",
                f"{resource.logical_id} refers to this, and this to it.",
                "Write the statement: its effect, action and resource.",
            )
        else:
            return isinstance(resource, Resource) and bool(resource.aws_type)
        return False

    def _mapping(self, value: Any, annotation: Any) -> Any:
        if not isinstance(value, Mapping) or function_of(value):
            return self._data(value)
        inner = value_type(annotation)
        return {key: self._inside(key, item, inner) for key, item in value.items()}

    def _sequence(self, value: Any, annotation: Any) -> Any:
        if not isinstance(value, list):
            return self._data(value)
        inner = item_type(annotation)
        return [self._inside(index, item, inner) for index, item in enumerate(value)]

    def _plain(self, value: Any, annotation: Any) -> Any:
        if annotation in (Any, object) and isinstance(value, Mapping) and function_of(value) == RESOURCE:
            name = value[RESOURCE]
            self._note(
                "LF100",
                "A resource itself cannot stand where anything may stand.",
                f"Write what of it is meant: !Ref {name}, or !GetAtt {name}.Arn.",
            )
            return intrinsic("Ref", name, self._origin())
        return self._data(value)

    def _data_at(self, name: str, value: Any) -> Any:
        return self._inside(name, value, Any)

    def _data(self, value: Any) -> Any:
        """Data as it is, with every intrinsic and every resource in it as what it stands for."""
        if isinstance(value, Mapping):
            name = function_of(value)
            if name == RESOURCE:
                return self._named(value[name])
            if name:
                return self._reference(name, value[name])
            return {key: self._inside(key, item, Any) for key, item in value.items()}
        if isinstance(value, list):
            return [self._inside(index, item, Any) for index, item in enumerate(value)]
        return value

    def _reference(self, name: str, argument: Any) -> Any:
        made = intrinsic(name, self._inside(name, argument, Any), self._origin())
        if name in _TAKES and isinstance(made, Intrinsic):
            self._inside_note(name, "LF100", f"{name} is {shown(argument)}.", _TAKES[name])
        return made

    def _named(self, name: str) -> Any:
        """The resource of this name."""
        if name in self.resources:
            return self.resources[name]
        resources = self.data.get("resources")
        if not isinstance(resources, Mapping) or name not in resources:
            self._note(
                "LF201", f"There is no resource {name!r}.", did_you_mean(name, resources or (), "Add it.")
            )
        # Whoever asked for it gets a value that fits everywhere: the mistake is reported where it is.
        return intrinsic("Ref", name, self._origin())


def concrete(classes: Iterable[type[Shape]]) -> list[str]:
    """The names of the classes of which there are objects, among these and those that derive from them."""
    import lambdaform

    classes = tuple(classes)
    found = (class_named(name) for name in lambdaform.__all__)
    return [each.__name__ for each in found if each and issubclass(each, classes) and not is_abstract(each)]


def _nearest(name: str, cls: type[Shape], given: Mapping[str, Any]) -> str:
    """The field that was meant by a name that is none; AWS's own name of it is as good as one that is nearly right."""
    fields = [slot.name for slot in slots_of(cls) if slot.name not in given]
    meant = next((slot.name for slot in slots_of(cls) if slot.aws_name == name and slot.name in fields), None)
    if meant is not None:
        return f"Here it is {meant!r}."
    return did_you_mean(name, [*fields, "raw"], f"It has {', '.join(fields)}.")


def _class_for(body: Mapping[str, Any]) -> str:
    """What to write for a resource without a class, as far as it says so in AWS's words."""
    aws_type = body.get("Type", body.get("type"))
    cls = resource_type(aws_type) if isinstance(aws_type, str) else None
    if cls is not None:
        return f"Write class: {cls.__name__}."
    return "Each names its class, such as class: Queue."


def _resource_classes() -> list[str]:
    return [each for each in concrete([Resource]) if getattr(class_named(each), "TYPE", "")]


def _with_globals() -> list[str]:
    return [each for each in _resource_classes() if getattr(class_named(each), "GLOBALS", ())]


def _empty(cls: type[S], logical_id: str, origin: TemplateOrigin) -> S:
    """An object of a class before it is made: it can be referred to, and has nothing yet."""
    made = cls.__new__(cls)
    for each in attrs.fields(cls):
        given = isinstance(each.default, str | int | tuple)
        object.__setattr__(made, each.name, each.default if given else None)
    object.__setattr__(made, "logical_id", logical_id)
    object.__setattr__(made, "origin", origin)
    return made


def function_of(value: Mapping[str, Any]) -> str | None:
    """The name of the intrinsic function, or of our own, that a mapping is the long form of."""
    if len(value) != 1:
        return None
    [(name, argument)] = value.items()
    if not isinstance(name, str):
        return None
    if name in (RESOURCE, "Condition"):
        return name if isinstance(argument, str) else None
    return name if name == "Ref" or name.startswith("Fn::") else None


def _named_in(value: Any) -> Iterator[str]:
    """The names of the resources that a value mentions as such."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            if function_of(each) == RESOURCE:
                yield each[RESOURCE]
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


def _granted_in(value: Any) -> Iterator[str]:
    """The names of the resources on which there are grants in a value."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            if GRANT in each:
                yield from _named_in(each)
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


def _ordered(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The names, each after those that it needs, and as they are otherwise."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    for start in needs:
        pending = [] if start in entered else [(start, iter(needs[start]))]
        entered.add(start)
        while pending:
            key, rest = pending[-1]
            following = next((each for each in rest if each not in entered), None)
            if following is None:
                order[key] = None
                pending.pop()
            else:
                entered.add(following)
                pending.append((following, iter(needs[following])))
    return list(order)


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated)


def _is_shape(annotation: Any) -> bool:
    cls = typing.get_origin(annotation) or annotation
    return isinstance(cls, type) and issubclass(cls, Shape)
