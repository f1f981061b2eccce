"""The templates of nested stacks that a template names by local paths, as `aws cloudformation package` takes them.

A template that is in S3, or still to be built, is left to AWS.

Source: AWS CloudFormation User Guide, AWS::CloudFormation::Stack; SAM Developer Guide, AWS::Serverless::Application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lambdaform.errors import DefinitionError
from lambdaform.load.project import check_inside
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack
from lambdaform.origin import Location

#: The field in which a resource of a type names its template.
TEMPLATE_FIELDS = {"AWS::CloudFormation::Stack": "template_url", "AWS::Serverless::Application": "location"}
_ELSEWHERE = ("s3://", "https://", "http://")


def template_path(resource: Resource) -> str | None:
    """The local path of the template that a nested stack is made of; None for any other."""
    field_name = TEMPLATE_FIELDS.get(resource.aws_type)
    path = getattr(resource, field_name, None) if field_name else None
    return path if isinstance(path, str) and path and not path.startswith(_ELSEWHERE) else None


def nest_templates(stack: Stack, load: Callable[[Path], Stack], within: tuple[Path, ...]) -> None:
    """Let ``load`` read the templates that the stack nests, and note them as its children.

    ``within`` are the files that nest this one. Raises `DefinitionError` where a file nests itself or lies outside
    the project, and whatever ``load`` raises.
    """
    for resource in stack.resources.values():
        path = template_path(resource)
        if path is None or resource.logical_id in stack.children:
            continue
        base = Path(stack.file).parent if stack.file else Path.cwd()
        where = template_place(resource)
        check_inside(path, base, where, "template")
        file = (base / path).resolve()
        if file in within:
            raise DefinitionError(f"The template {path} nests itself.", right="End the circle.", where=where)
        if file.is_file():
            stack.children[resource.logical_id] = load(file)


def missing_templates(stack: Stack) -> Iterator[DefinitionError]:
    """What to say of each local template that the stack nests and that is not there."""
    for resource in stack.resources.values():
        path = template_path(resource)
        if path is not None and resource.logical_id not in stack.children:
            base = Path(stack.file).parent if stack.file else Path.cwd()
            yield DefinitionError(
                f"There is no template at {base / path}.",
                right="Paths are relative to the file that defines the stack.",
                where=template_place(resource),
            )


def template_place(resource: Resource) -> Location | None:
    """Where a resource names its template."""
    field_name = TEMPLATE_FIELDS[resource.aws_type]
    return resource.origin.locate(resource.names_of(field_name)) if resource.origin else None
