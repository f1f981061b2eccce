"""Whether packages are small enough for Lambda: each function's with its layers, dependencies included.

Source: AWS Lambda Developer Guide, gettingstarted-limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.largest import megabytes, table
from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import quotas
from lambdaform.model.stack import Stack
from lambdaform.synth.assembly import Assembly
from lambdaform.synth.places import place_of

_CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Lambda::Function": "Code"}
_CONTENT = {"AWS::Serverless::LayerVersion": "ContentUri", "AWS::Lambda::LayerVersion": "Content"}


def require_room(stack: Stack, assembly: Assembly) -> None:
    """See that Lambda will unpack each function's package; the assembly is in SAM's form.

    Raises `DefinitionError` with the largest folders and files where it will not.
    """
    for logical_id, child in stack.children.items():
        require_room(child, assembly.nested[logical_id])
    limit = quotas(stack.profile).unzipped_bytes
    sizes = {key: asset.size_unzipped for key, asset in assembly.assets.items()}
    errors = []
    for logical_id, keys in _packages(assembly):
        whole = sum(sizes[key] for key in keys)
        if whole <= limit:
            continue
        layers = " with its layers" if len(keys) > 1 else ""
        files = (file for key in keys for file in assembly.assets[key].sizes())
        function = stack.resources[logical_id]
        errors.append(
            DefinitionError(
                f"The package of {logical_id!r}{layers} has {megabytes(whole)} unzipped.",
                right=f"Lambda takes at most {megabytes(limit)}: leave out what the function does not need, or use a "
                f"container image.{table(files)}",
                where=place_of(function, "code_uri"),
                rule="LF604",
            )
        )
    if errors:
        first, *others = errors
        for each in others:
            first.add_note(str(each))
        raise first


def _packages(assembly: Assembly) -> Iterator[tuple[str, list[str]]]:
    """Each function with the keys of its own code and its layers, as far as the assembly has them."""
    template = assembly.template
    shared = template.get("Globals", {}).get("Function", {})
    for logical_id, each in template.get("Resources", {}).items():
        if not isinstance(each, Mapping) or each.get("Type") not in _CODE:
            continue
        own = each.get("Properties", {})
        given = shared if each["Type"] == "AWS::Serverless::Function" else {}
        name = _CODE[each["Type"]]
        code = own.get(name, given.get(name))
        layers = [*_list(given.get("Layers")), *_list(own.get("Layers"))]
        keys = [code, *(_content(template, layer) for layer in layers)]
        yield logical_id, [key for key in keys if isinstance(key, str) and key in assembly.assets]


def _list(layers: Any) -> list[Any]:
    return layers if isinstance(layers, list) else []


def _content(template: Mapping[str, Any], layer: Any) -> Any:
    """The key of the content of a layer of the template's own."""
    logical_id = layer.get("Ref") if isinstance(layer, Mapping) else None
    resource = template["Resources"].get(logical_id, {})
    return resource.get("Properties", {}).get(_CONTENT.get(resource.get("Type"), ""))
