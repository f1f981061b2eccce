"""The assembly: what would be deployed, as one value. The local service and deployment read nothing else.

It has the template, SAM as written or CloudFormation as AWS's transform expands it, in which every local code
path has become an asset key, and the assets by those keys.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from lambdaform.errors import UsageError
from lambdaform.model.stack import Stack
from lambdaform.synth.template import code_properties, template_of

if TYPE_CHECKING:
    from lambdaform.synth.assets import Asset

Format = Literal["sam", "cfn"]


@frozen
class Assembly:
    """A template and its assets. ``parameters`` are the values given for this synthesis."""

    stack_name: str
    template: Mapping[str, Any]
    format: Format
    assets: Mapping[str, Asset] = field(factory=dict, repr=False)
    parameters: Mapping[str, str] = field(factory=dict)

    def write(self, folder: Path, *, json_output: bool = False) -> Path:
        """Write template, assets and parameters into ``folder``, whole or not at all; returns the template's path.

        The assets of an earlier synthesis that nothing names any more go. Raises `UsageError` where the folder
        cannot be written, or holds something that is no assembly.
        """
        name = "template.json" if json_output else "template.yaml"
        try:
            _check_target(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            (staging / "assets").mkdir()
            for key, asset in self.assets.items():
                asset.write_zip(staging / key)
            (staging / name).write_text(self.text(json_output=json_output), encoding="utf-8")
            if self.parameters:
                given = [
                    {"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()
                ]
                (staging / "parameters.json").write_text(json.dumps(given, indent=2) + "\n", encoding="utf-8")
            _readable(staging)
            _replace(folder, staging)
        except OSError as error:
            raise _unwritable(folder, error) from error
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
    return Assembly(stack.name, template_of(stack), "sam", {}, dict(parameters or {}))


def assemble(stack: Stack, parameters: Mapping[str, str] | None = None) -> Assembly:
    """The stack's SAM template with its code packaged: every local path is an asset key.

    Raises `DefinitionError` where code is missing or cannot be packaged.
    """
    from lambdaform.synth.assets import Asset

    template = template_of(stack)
    base = Path(stack.file).parent if stack.file else Path.cwd()
    packaged: dict[str, Asset] = {}
    assets: dict[str, Asset] = {}
    for resource, field_name, path in code_properties(stack):
        if path not in packaged:
            where = resource.origin.locate(resource.names_of(field_name)) if resource.origin else None
            packaged[path] = Asset.from_path(base / path, where=where)
        asset = packaged[path]
        assets[asset.key] = asset
        properties = template["Resources"][resource.logical_id]["Properties"]
        properties[resource.names_of(field_name)[1]] = asset.key
    return Assembly(stack.name, template, "sam", assets, dict(parameters or {}))


def expand(assembly: Assembly) -> Assembly:
    """The assembly with its template as AWS's own transform expands it to CloudFormation."""
    if assembly.format == "cfn":
        return assembly
    from lambdaform.synth.sam_transform import transform

    return evolve(assembly, template=transform(assembly.template, assembly.parameters), format="cfn")


def _check_target(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(
            f"The output {folder} is a file.", right="Name a folder, new or of an earlier synth."
        )
    strangers = [
        each.name
        for each in folder.iterdir()
        if each.name not in ("template.yaml", "template.json", "parameters.json", "assets")
    ]
    if strangers:
        raise UsageError(
            f"The output folder {folder} holds {strangers[0]!r}, which is no part of an assembly.",
            right="Name an empty or new folder, so that nothing of yours is replaced.",
        )


def _replace(folder: Path, staging: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.replace(old / "old")
        staging.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        staging.replace(folder)


def _readable(folder: Path) -> None:
    folder.chmod(0o755)
    for each in folder.rglob("*"):
        each.chmod(0o755 if each.is_dir() else 0o644)


def _unwritable(folder: Path, error: OSError) -> UsageError:
    reason = (error.strerror or str(error)).lower()
    return UsageError(
        f"The output folder {folder} cannot be written: {reason}.", right="Name another with --output."
    )
