"""The assembly: what would be deployed, as one value. The local service and deployment read nothing else.

It has the template, SAM as written or CloudFormation as AWS's transform expands it, in which every local code
path has become an asset key, and the assets by those keys. A nested stack is an assembly of its own; its template is
known by its content, and lies beside that of the stack which nests it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.load.nested import TEMPLATE_FIELDS, missing_templates
from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.crossing import family
from lambdaform.model.resource import Resource
from lambdaform.model.sections import Output
from lambdaform.model.stack import Stack
from lambdaform.origin import Location
from lambdaform.synth.includes import take_in
from lambdaform.synth.places import check_inside, place_of, require_list
from lambdaform.synth.template import code_properties, plain, template_of

if TYPE_CHECKING:
    from lambdaform.synth.assets import Asset
    from lambdaform.synth.packaging import Packaging

Format = Literal["sam", "cfn"]


@frozen
class Assembly:
    """A template and its assets. ``parameters`` are the values given for this synthesis.

    ``profile`` names the dated quota tables by which the local service is to play;
    ``unpackaged`` says of a path that stayed as it was written why its code could not be packaged.
    """

    stack_name: str
    template: Mapping[str, Any]
    format: Format
    assets: Mapping[str, Asset] = field(factory=dict, repr=False)
    parameters: Mapping[str, str] = field(factory=dict)
    profile: str = "current"
    unpackaged: Mapping[str, DefinitionError] = field(factory=dict, repr=False)
    #: The nested stacks, by the logical id of the resource that makes each.
    nested: Mapping[str, Assembly] = field(factory=dict, repr=False)
    #: The resources as the user has written them, by logical id: they know where that is.
    written: Mapping[str, Resource] = field(factory=dict, repr=False, eq=False)
    #: The outputs, likewise.
    written_outputs: Mapping[str, Output] = field(factory=dict, repr=False, eq=False)

    @property
    def key(self) -> str:
        """Where the template of a nested stack lies in an assembly and, after upload, in its bucket."""
        import hashlib

        content = json.dumps(self.template, separators=(",", ":"), default=str)
        return f"{hashlib.sha256(content.encode()).hexdigest()}.template"

    def descendants(self) -> Iterator[Assembly]:
        """The nested stacks, and theirs."""
        for each in self.nested.values():
            yield each
            yield from each.descendants()

    @property
    def every_asset(self) -> Mapping[str, Asset]:
        """The assets of the stack and of those nested in it."""
        return {key: asset for each in (self, *self.descendants()) for key, asset in each.assets.items()}

    def write(self, folder: Path, *, json_output: bool = False) -> Path:
        """Write template, assets and parameters into ``folder``; returns the template's path.

        A new folder appears whole or not at all. In the folder of an earlier synthesis the template is replaced
        last, in one step, once all that it names is there; then the assets that it no longer names go. Raises
        `UsageError` where the folder cannot be written, or holds something that is no assembly.
        """
        import shutil
        import tempfile

        name = "template.json" if json_output else "template.yaml"
        text = self.text(json_output=json_output)
        try:
            check_target(folder)
            # Whatever a link leads to is written, and the link stays.
            target = folder.resolve()
            new = not target.exists()
            if new:
                target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent if new else target))
        except OSError as error:
            raise unwritable(folder, error) from error
        try:
            (staging / "assets").mkdir()
            for key, asset in self.every_asset.items():
                asset.write_zip(staging / key)
            for each in self.descendants():
                (staging / each.key).write_text(each.text(json_output=json_output), encoding="utf-8")
            if self.parameters:
                given = [
                    {"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()
                ]
                (staging / _PARAMETERS).write_text(json.dumps(given, indent=2) + "\n", encoding="utf-8")
            (staging / name).write_text(text, encoding="utf-8")
            _readable(staging)
            if new:
                staging.replace(target)
            else:
                _move_in(staging, target, name)
        except OSError as error:
            raise unwritable(folder, error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return folder / name

    def text(self, *, json_output: bool = False) -> str:
        """The template as YAML, or as JSON."""
        from lambdaform.synth.yaml_writer import to_json, to_yaml

        return to_json(self.template) if json_output else to_yaml(self.template)


def as_written(stack: Stack, parameters: Mapping[str, str] | None = None) -> Assembly:
    """The stack's SAM template with its code paths as they were written, and so without assets.

    The paths are relative to the app's file, as `sam` and `aws cloudformation package` take them.
    """
    return Assembly(stack.name, template_of(stack), "sam", {}, dict(parameters or {}), profile=stack.profile)


def require_code(stack: Stack) -> None:
    """See that the code which a stack from Python names is there; a template's may still have to be built.

    Raises `DefinitionError`, at the line that names it, where it is not.
    """
    for each in family(stack):
        base = Path(each.file).parent if each.file else Path.cwd()
        for resource, field_name, path in () if each.loaded else code_properties(each):
            if not (base / path).exists():
                from lambdaform.synth.assets import NoCodeError

                raise NoCodeError(base / path, place_of(resource, field_name))
            value = getattr(resource, field_name)
            if isinstance(value, CodeFolder) and isinstance(value.dependencies, str):
                require_list(base / value.dependencies, place_of(value, "dependencies"))
        for error in () if each.loaded else missing_templates(each):
            raise error


def assemble(
    stack: Stack,
    parameters: Mapping[str, str] | None = None,
    *,
    packaging: Packaging | None = None,
    missing: Callable[[DefinitionError], object] | None = None,
) -> Assembly:
    """The stack's SAM template with its code packaged, for Lambda unless ``packaging`` says otherwise.

    Raises `DefinitionError` where code is missing or cannot be packaged; with ``missing``, that gets the error,
    and the path stays as it was written.
    """
    from lambdaform.synth.assets import NoCodeError
    from lambdaform.synth.packaging import Packager, Packaging

    template = template_of(stack)
    base = Path(stack.file).parent if stack.file else Path.cwd()
    packager = Packager(stack, parameters or {}, packaging or Packaging())
    assets: dict[str, Asset] = {}
    unpackaged: dict[str, DefinitionError] = {}
    only = packager.packaging.only
    for resource, field_name, path in sorted(
        code_properties(stack), key=lambda each: each[0].logical_id != only
    ):
        # The one for which packages are installed comes first, so that the others find them.
        users = sorted(_users(resource, field_name, stack), key=lambda each: each.logical_id != only)
        made: dict[str, str] = {}
        for user in users:
            try:
                asset = packager.asset(resource, field_name, path, user)
            except DefinitionError as error:
                if missing is None:
                    raise
                if path not in unpackaged:
                    missing(error)
                first = unpackaged.setdefault(path, error)
                if isinstance(first, NoCodeError):
                    first.users.append(user.logical_id)
            else:
                assets[asset.key] = asset
                made[user.logical_id] = asset.key
        name = resource.names_of(field_name)[1]
        if len(made) == len(users) and len({*made.values()}) == 1:
            _properties_of(resource, stack, template)[name] = next(iter(made.values()))
        elif made:
            # Globals name one code, of which each runtime has packages of its own.
            del _properties_of(resource, stack, template)[name]
            for user in users:
                properties = template["Resources"][user.logical_id].setdefault("Properties", {})
                properties[name] = made.get(user.logical_id, path)
    packager.say_images()
    for resource in stack.resources.values():
        try:
            _take_in_definition(resource, base, template["Resources"][resource.logical_id])
        except DefinitionError as error:
            if missing is None:
                raise
            missing(error)
    try:
        template = with_includes(template, stack)
    except DefinitionError as error:
        if missing is None:
            raise
        missing(error)
    for no_template in missing_templates(stack):
        if missing is None:
            raise no_template
        missing(no_template)
    nested = {}
    for logical_id, child in stack.children.items():
        resource = stack.resources[logical_id]
        properties = template["Resources"][logical_id]["Properties"]
        given = literals(properties.get("Parameters"))
        inner = nested[logical_id] = assemble(child, given, packaging=packaging, missing=missing)
        properties[resource.names_of(TEMPLATE_FIELDS[resource.aws_type])[1]] = inner.key
    return Assembly(
        stack.name,
        template,
        "sam",
        assets,
        dict(parameters or {}),
        stack.profile,
        unpackaged,
        nested,
        stack.resources,
        stack.outputs,
    )


def literals(parameters: Any) -> dict[str, str]:
    """The values for a nested stack's parameters that are known before deployment."""
    given = plain(parameters)
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(value, str | int | float)
    }


def _users(owner: Resource, field_name: str, stack: Stack) -> list[Resource]:
    """The resources whose code a property names: its own, or those that take it from SAM's globals."""
    if not any(owner is shared for shared in stack.globals.values()):
        return [owner]
    aws_name = owner.names_of(field_name)[1]
    users: list[Resource] = [
        each
        for each in stack.resources.values()
        if each.aws_type == owner.aws_type
        and all(getattr(each, name, None) is None for name in (field_name, "inline_code", "image_uri"))
        and aws_name not in each.raw
    ]
    return users or [owner]


def _properties_of(resource: Resource, stack: Stack, template: dict[str, Any]) -> dict[str, Any]:
    """Where the template has the properties of a resource, or of what Globals gives to all of a kind."""
    properties: dict[str, Any] = template["Resources"].get(resource.logical_id, {}).get("Properties", {})
    for kind, shared in stack.globals.items():
        if shared is resource:
            properties = template["Globals"][kind]
    return properties


_DEFINED_BY = {
    "AWS::Serverless::StateMachine": "Definition",
    "AWS::Serverless::Api": "DefinitionBody",
    "AWS::Serverless::HttpApi": "DefinitionBody",
}


def _take_in_definition(resource: Resource, base: Path, entry: dict[str, Any]) -> None:
    """Put a state machine's or API's definition from its own file into the template, which then is complete."""
    properties = entry.get("Properties", {})
    path = properties.get("DefinitionUri")
    if resource.aws_type not in _DEFINED_BY or not isinstance(path, str) or path.startswith("s3://"):
        return
    where = resource.origin.locate(resource.names_of("definition_uri")) if resource.origin else None
    definition = _read_definition(path, base, where)
    name = _DEFINED_BY[resource.aws_type]
    entry["Properties"] = {
        (name if key == "DefinitionUri" else key): (definition if key == "DefinitionUri" else value)
        for key, value in properties.items()
    }


def with_includes(template: dict[str, Any], stack: Stack) -> dict[str, Any]:
    """The template with the content of the files that it includes.

    Raises `DefinitionError` where a file cannot be read, or lies outside the project.
    """
    base = Path(stack.file).parent if stack.file else Path.cwd()
    complete: dict[str, Any] = take_in(template, lambda path: _read_definition(path, base, None))
    return complete


def _read_definition(path: str, base: Path, where: Location | None) -> Any:
    """The data in a YAML or JSON file beside the template."""
    from lambdaform.load.yaml_reader import read_template

    check_inside(path, base, where)
    try:
        text = (base / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(
            f"There is no definition that can be read at {base / path}.",
            right="Paths are relative to the file that defines the stack.",
            where=where,
        ) from error
    return plain(read_template(text, str(base / path)).data)


def expand(assembly: Assembly) -> Assembly:
    """The assembly with its template as AWS's own transform expands it to CloudFormation."""
    if assembly.format == "cfn":
        return assembly
    from lambdaform.synth.sam_transform import transform, with_nested

    nested = {logical_id: expand(each) for logical_id, each in assembly.nested.items()}
    template = transform(assembly.template, assembly.parameters)
    template = with_nested(
        template, {logical_id: (each.key, each.template) for logical_id, each in nested.items()}
    )
    return evolve(assembly, template=template, format="cfn", nested=nested)


_TEMPLATES = ("template.yaml", "template.json")
_PARAMETERS = "parameters.json"
STAGING = ".lambdaform-"
_ASSET = re.compile(r"[0-9a-f]{64}\.zip")
_NESTED = re.compile(r"[0-9a-f]{64}\.template")


def check_target(folder: Path) -> None:
    """Refuse a target that holds anything of somebody else's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(
            f"The output {folder} is a file.", right="Name a folder, new or of an earlier synth."
        )
    assets = folder / "assets"
    strangers = [
        each.name
        for each in folder.iterdir()
        if each.name not in (*_TEMPLATES, _PARAMETERS, "assets")
        and not each.name.startswith(STAGING)
        and not _NESTED.fullmatch(each.name)
    ]
    if assets.is_symlink() or (assets.exists() and not assets.is_dir()):
        strangers.append("assets")
    elif assets.exists():
        strangers.extend(
            f"assets/{each.name}" for each in assets.iterdir() if not _ASSET.fullmatch(each.name)
        )
    else:
        # An assembly always has the folder of its assets: a template without one was written by somebody else.
        strangers.extend(name for name in (*_TEMPLATES, _PARAMETERS) if (folder / name).exists())
    if strangers:
        raise UsageError(
            f"The output folder {folder} holds {min(strangers)!r}, which is no part of an assembly.",
            right="Name an empty or new folder, so that nothing of yours is replaced.",
        )


def _move_in(staging: Path, target: Path, template: str) -> None:
    """The staged assembly in place of the earlier one."""
    import shutil

    (target / "assets").mkdir(exist_ok=True)
    named = {each.name for each in (staging / "assets").iterdir()}
    for name in sorted(named):
        (staging / "assets" / name).replace(target / "assets" / name)
    nested = {each.name for each in staging.glob("*.template")}
    for name in sorted(nested):
        (staging / name).replace(target / name)
    if (staging / _PARAMETERS).exists():
        (staging / _PARAMETERS).replace(target / _PARAMETERS)
    else:
        (target / _PARAMETERS).unlink(missing_ok=True)
    (staging / template).replace(target / template)
    _readable(target)
    for old in (*(target / name for name in _TEMPLATES if name != template), *(target / "assets").iterdir()):
        if old.parent == target or old.name not in named:
            old.unlink(missing_ok=True)
    for each in target.glob("*.template"):
        if each.name not in nested and _NESTED.fullmatch(each.name):
            each.unlink(missing_ok=True)
    for left in target.glob(f"{STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _readable(folder: Path) -> None:
    folder.chmod(0o755)
    for each in folder.rglob("*"):
        each.chmod(0o755 if each.is_dir() else 0o644)


def unwritable(folder: Path, error: OSError) -> UsageError:
    """What to say where a folder cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return UsageError(
        f"The output folder {folder} cannot be written: {reason}.", right="Name another with --output."
    )
