"""Several stacks of an app written together: an assembly each, and a manifest that says in which order to deploy them.

Source: AWS CloudFormation API Reference, CreateStack, Capabilities (what the manifest says of each).
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from lambdaform.errors import UsageError
from lambdaform.synth.assembly import STAGING, Assembly, check_target, unwritable
from lambdaform.synth.template_references import functions

MANIFEST = "manifest.json"
_VERSION = 1
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
#: The property that names a resource; where an IAM resource has it, its name must be acknowledged, too.
_NAMED = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


@frozen
class App:
    """The assemblies of an app's stacks in the order of their deployment; ``needs`` says whose exports each imports."""

    assemblies: Sequence[Assembly]
    needs: Mapping[str, Sequence[str]]

    def manifest(self, *, json_output: bool = False) -> dict[str, Any]:
        """What there is to deploy, in order."""
        template = "template.json" if json_output else "template.yaml"
        return {
            "version": _VERSION,
            "stacks": [
                {
                    "name": each.stack_name,
                    "template": f"{each.stack_name}/{template}",
                    "format": each.format,
                    "needs": list(self.needs.get(each.stack_name, ())),
                    "exports": sorted(_exports(each)),
                    "imports": sorted(_imports(each)),
                    "capabilities": capabilities(each),
                }
                for each in self.assemblies
            ],
        }

    def write(self, folder: Path, *, json_output: bool = False) -> Path:
        """Write each assembly into a folder named after its stack, then the manifest; returns the manifest's path.

        A new folder appears whole or not at all; in one of an earlier synthesis the manifest is replaced last, and
        the stacks that it no longer names go. Raises `UsageError` where the folder cannot be written, or holds
        something else.
        """
        text = json.dumps(self.manifest(json_output=json_output), indent=2) + "\n"
        names = [each.stack_name for each in self.assemblies]
        try:
            earlier = _check_folder(folder, names)
            target = folder.resolve()
            new = not target.exists()
            if new:
                target.parent.mkdir(parents=True, exist_ok=True)
                written = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
            else:
                written = target
        except OSError as error:
            raise unwritable(folder, error) from error
        try:
            for each in self.assemblies:
                each.write(written / each.stack_name, json_output=json_output)
            passing = written / f"{STAGING}{MANIFEST}"
            passing.write_text(text, encoding="utf-8")
            passing.replace(written / MANIFEST)
            if new:
                written.chmod(0o755)
                written.replace(target)
            for name in earlier:
                if name not in names:
                    shutil.rmtree(target / name, ignore_errors=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        finally:
            if new:
                shutil.rmtree(written, ignore_errors=True)
        return folder / MANIFEST


def capabilities(assembly: Assembly) -> list[str]:
    """What whoever deploys the stack must acknowledge: that it makes permissions, and that macros change it."""
    needed: set[str] = set()
    for each in (assembly, *assembly.descendants()):
        if each.template.get("Transform") or any(True for _ in functions(each.template, "Fn::Transform")):
            needed.add("CAPABILITY_AUTO_EXPAND")
        for resource in each.template.get("Resources", {}).values():
            aws_type = resource.get("Type", "") if isinstance(resource, Mapping) else ""
            named = _NAMED.get(aws_type, "")
            if named in (resource.get("Properties") or {} if isinstance(resource, Mapping) else {}):
                needed.add("CAPABILITY_NAMED_IAM")
            if aws_type.startswith(("AWS::IAM::", "AWS::Serverless::")):
                needed.add("CAPABILITY_IAM")
    if "CAPABILITY_NAMED_IAM" in needed:
        needed.discard("CAPABILITY_IAM")
    return sorted(needed)


def _exports(assembly: Assembly) -> set[str]:
    return {
        name
        for each in (assembly, *assembly.descendants())
        for output in each.template.get("Outputs", {}).values()
        if isinstance(output, Mapping) and isinstance(name := (output.get("Export") or {}).get("Name"), str)
    }


def _imports(assembly: Assembly) -> set[str]:
    return {
        name
        for each in (assembly, *assembly.descendants())
        for name in functions(each.template, "Fn::ImportValue")
        if isinstance(name, str)
    }


def _check_folder(folder: Path, names: Sequence[str]) -> list[str]:
    """Refuse a folder that holds anything of somebody else's; gives the stacks of an earlier synthesis."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise UsageError(
            f"The output {folder} is a file.", right="Name a folder, new or of an earlier synth."
        )
    earlier = _stacks_in(folder / MANIFEST)
    for each in sorted(folder.iterdir()):
        if each.name == MANIFEST and earlier is not None:
            continue
        known = each.name in (earlier or ()) or each.name.startswith(STAGING)
        if not known:
            raise UsageError(
                f"The output folder {folder} holds {each.name!r}, which is no part of an app's assemblies.",
                right="Name an empty or new folder, so that nothing of yours is replaced.",
            )
    for name in {*names, *(earlier or ())}:
        check_target(folder / name)
    return earlier or []


def _stacks_in(manifest: Path) -> list[str] | None:
    """The stacks that a manifest names; None where there is none that we wrote."""
    try:
        data = json.loads(manifest.read_text("utf-8"))
        names = [each["name"] for each in data["stacks"]]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return names if all(isinstance(each, str) and _STACK_NAME.fullmatch(each) for each in names) else None
