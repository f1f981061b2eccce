"""SAM → CloudFormation by AWS's own transform (aws-sam-translator), offline.

Importing the translator takes most of a second, so nothing imports this module until it is needed.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.errors import DefinitionError
from lambdaform.facts.managed_policies import managed_policies
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape
from lambdaform.model.stack import Stack
from lambdaform.synth.assembly import with_includes
from lambdaform.synth.expansions import expansion
from lambdaform.synth.places import owner_of
from lambdaform.synth.sam_certain import takes
from lambdaform.synth.template import SAM_TRANSFORM, code_properties, template_of

#: The template parameter that names the bucket to which an expanded template's assets were uploaded.
ASSET_BUCKET = "AssetBucket"
_PLACEHOLDER_BUCKET = "lambdaform-asset-bucket"
_CODE_PROPERTIES = {
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::MicrovmImage": "CodeUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Serverless::WebFunction": "CodeUri",
}
_PLAIN_PROPERTIES = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}


class TransformError(DefinitionError):
    """AWS's transform does not take the template; ``causes`` are its own sentences."""

    def __init__(self, causes: list[str]) -> None:
        super().__init__("AWS's SAM transform refuses the template: " + " ".join(causes), rule="LF002")
        self.causes = causes


def refusals(stack: Stack, parameters: Mapping[str, str] | None = None) -> list[Problem]:
    """What AWS's transform has against a stack alone, each cause at the resource or event that it names.

    Where it takes the template for certain it is not asked, for that takes longer than all other checks.
    """
    template = prepared(stack)
    if not uses_sam(template) or takes(template):
        return []
    try:
        transform(template, parameters)
    except TransformError as refusal:
        return [_problem(cause, stack) for cause in refusal.causes]
    return []


def prepared(stack: Stack) -> dict[str, Any]:
    """The stack's template as the transform wants it: with included files, and the paths of code that lies beside it."""
    template = template_of(stack)
    # A file that is not there is told when the template is packaged, as its code is.
    with contextlib.suppress(DefinitionError):
        template = with_includes(template, stack)
    for resource, field_name, path in code_properties(stack):
        if path == "." and resource.logical_id in template["Resources"]:
            properties = template["Resources"][resource.logical_id].setdefault("Properties", {})
            properties.setdefault(resource.names_of(field_name)[1], path)
    return template


_RESOURCE = re.compile(r"Resource with id \[([^]]+)\] is invalid\. *")
_EVENT = re.compile(r"Event with id \[([^]]+)\] is invalid\. *")


def _problem(cause: str, stack: Stack) -> Problem:
    """A cause as a problem: what remains of its text once its place is told apart from it."""
    place: Shape | None = None
    title = "the template"
    if found := _RESOURCE.search(cause):
        cause = _RESOURCE.sub("", cause)
        title = found[1]
        owner, event_name = _named(stack, title)
        place = owner
        if event := _EVENT.search(cause):
            cause = _EVENT.sub("", cause)
            event_name = event[1]
        if event_name and owner is not None:
            title = owner.logical_id
            events = getattr(owner, "events", None)
            events = events if isinstance(events, Mapping) else {}
            event_name = event_name if event_name in events else event_name.removeprefix(title)
            place, title = events.get(event_name, owner), f"{title}, event {event_name}"
    return Problem("LF002", f"SAM refuses {title}: {cause}", "", place.origin if place else stack.origin)


def _named(stack: Stack, name: str) -> tuple[Resource | None, str | None]:
    """The resource that SAM names, and the event of it; SAM puts the names of both, or of a part, together."""
    owner = owner_of(name, stack.resources)
    rest = name[len(owner.logical_id) :] if owner is not None else ""
    events = getattr(owner, "events", None)
    return owner, rest if isinstance(events, Mapping) and rest in events else None


def transform(
    template: Mapping[str, Any], parameters: Mapping[str, str] | None = None, region: str = "us-east-1"
) -> dict[str, Any]:
    """The template as AWS's transform expands it; assets are looked for in the bucket of `ASSET_BUCKET`.

    ``parameters`` are values for the template's parameters, which the transform needs where a property that
    it must understand refers to one. A template without SAM's transform line comes back as it is, but for
    its assets. Raises `DefinitionError` with everything that the translator has to say.
    """
    given: dict[str, Any] = copy.deepcopy(dict(template))
    _name_assets(given)
    given = _ask_for_images(given)
    if uses_sam(given):
        given = _translate_around_loops(given, dict(parameters or {}), region)
    return _ask_for_bucket(given)


def uses_sam(template: Mapping[str, Any]) -> bool:
    """Whether the template has SAM's transform line or, for want of it, SAM resources."""
    transforms = template.get("Transform", [])
    named = transforms if isinstance(transforms, list) else [transforms]
    resources = template.get("Resources", {})
    return SAM_TRANSFORM in named or any(
        isinstance(each, Mapping) and str(each.get("Type", "")).startswith("AWS::Serverless::")
        for each in (resources.values() if isinstance(resources, Mapping) else ())
    )


def _translate_around_loops(
    template: dict[str, Any], parameters: dict[str, Any], region: str
) -> dict[str, Any]:
    """The template translated but for its loops, which only AWS runs, before SAM's transform.

    Where SAM has something to do in a loop, its transform stays named for AWS.
    """
    resources = template.get("Resources")
    if not isinstance(resources, Mapping):
        return expansion(template, parameters, region, _translate)
    loops = {name: each for name, each in resources.items() if name.startswith("Fn::ForEach::")}
    if not loops:
        return expansion(template, parameters, region, _translate)
    rest = {name: each for name, each in resources.items() if name not in loops}
    expanded = {**template, "Resources": rest}
    if rest:
        expanded = expansion(expanded, parameters, region, _translate)
        if any(_has_sam_type(each) for each in loops.values()):
            named = expanded.get("Transform", [])
            expanded["Transform"] = [*(named if isinstance(named, list) else [named]), SAM_TRANSFORM]
    return {**expanded, "Resources": {**expanded["Resources"], **loops}}


def _has_sam_type(value: Any) -> bool:
    if isinstance(value, Mapping):
        return str(value.get("Type", "")).startswith("AWS::Serverless::") or any(
            map(_has_sam_type, value.values())
        )
    return isinstance(value, list) and any(map(_has_sam_type, value))


def _translate(template: dict[str, Any], parameters: dict[str, Any], region: str) -> dict[str, Any]:
    import logging

    from boto3.session import Session
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    values = {"AWS::Region": region, "AWS::Partition": "aws", **_defaults(template), **parameters}
    session = Session(region_name=region, aws_access_key_id="offline", aws_secret_access_key="offline")  # noqa: S106
    # Without this the translator asks AWS for the templates of applications, with this machine's credentials.
    applications = ServerlessAppPlugin(sar_client=_Repository(), parameters=values)
    translator = Translator(managed_policies(), Parser(), [applications], session)
    try:
        expanded = translator.translate(template, parameter_values=values)
    except InvalidDocumentException as error:
        raise TransformError([_sentence(cause.message) for cause in error.causes]) from error
    except Exception as error:
        # On a form that it does not expect, the translator fails with any error of Python's.
        raise TransformError([f"It fails with {type(error).__name__}: {_sentence(str(error))}"]) from error
    result: dict[str, Any] = expanded
    result.pop("Transform", None)
    others = template.get("Transform")
    if isinstance(others, list) and (rest := [each for each in others if each != SAM_TRANSFORM]):
        result["Transform"] = rest
    return result


class _Repository:
    """Stands for the Serverless Application Repository, which only AWS can ask, when it deploys.

    The template of an application is then at an address that leads nowhere, and says so.
    """

    def create_cloud_formation_template(self, **request: str) -> dict[str, str]:
        """The answer of the operation, at once complete."""
        application, version = request["ApplicationId"], request["SemanticVersion"]
        url = f"https://serverlessrepo.invalid/{application.rpartition('/')[2]}/{version}"
        return {"TemplateUrl": url, "TemplateId": "offline", "Status": "ACTIVE", **request}

    def get_cloud_formation_template(self, **request: str) -> dict[str, str]:
        """The answer of the operation, at once complete."""
        return {"Status": "ACTIVE", **request}


def _sentence(message: str) -> str:
    text = re.sub(r"\s+", " ", message).strip()
    return text if text.endswith(".") else f"{text}."


def _defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    parameters = template.get("Parameters", {})
    return {
        name: each["Default"]
        for name, each in (parameters.items() if isinstance(parameters, Mapping) else ())
        if isinstance(each, Mapping) and "Default" in each
    }


def _properties(
    template: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[dict[str, Any], str]]:
    resources = template.get("Resources", {})
    for each in resources.values() if isinstance(resources, Mapping) else ():
        if (
            isinstance(each, Mapping)
            and each.get("Type") in names
            and isinstance(each.get("Properties"), dict)
        ):
            yield each["Properties"], names[each["Type"]]


def _name_assets(template: Mapping[str, Any]) -> None:
    """Give every local path the form of an object in a bucket, which is all that the transform takes."""
    for properties, name in (*_properties(template, _CODE_PROPERTIES), *_global_code(template)):
        value = properties.get(name)
        if isinstance(value, str) and not value.startswith(("s3://", "https://")):
            properties[name] = f"s3://{_PLACEHOLDER_BUCKET}/{value}"
    for properties, name in _properties(template, _PLAIN_PROPERTIES):
        value = properties.get(name)
        if isinstance(value, str):
            properties[name] = {"S3Bucket": _PLACEHOLDER_BUCKET, "S3Key": value}


def _ask_for_images(template: dict[str, Any]) -> dict[str, Any]:
    """Give a function whose image is still to be built from its Dockerfile a parameter for the image's URI."""
    for logical_id, each in _mapping(template.get("Resources")).items():
        if not isinstance(each, dict) or each.get("Type") != "AWS::Serverless::Function":
            continue
        metadata, settings = _mapping(each.get("Metadata")), _mapping(each.get("Properties"))
        built = "Dockerfile" in metadata or "DockerContext" in metadata
        if settings.get("PackageType") != "Image" or "ImageUri" in settings or not built:
            continue
        parameter = f"{logical_id}ImageUri"
        each["Properties"] = {**settings, "ImageUri": {"Ref": parameter}}
        what = {"Type": "String", "Description": f"The URI of the image that was built for {logical_id}"}
        template = _with_parameter(template, parameter, what)
    return template


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _global_code(template: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    sections = template.get("Globals")
    for kind, shared in sections.items() if isinstance(sections, Mapping) else ():
        name = _CODE_PROPERTIES.get(f"AWS::Serverless::{kind}")
        if name is not None and isinstance(shared, dict):
            yield shared, name


def _in_bucket(value: Any) -> Any:
    """A part of the template whose assets are in the bucket that the parameter names."""
    if isinstance(value, Mapping):
        return {key: _in_bucket(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_bucket(item) for item in value]
    if value == _PLACEHOLDER_BUCKET:
        return {"Ref": ASSET_BUCKET}
    if isinstance(value, str) and value.startswith(f"s3://{_PLACEHOLDER_BUCKET}/"):
        return {"Fn::Sub": value.replace(_PLACEHOLDER_BUCKET, f"${{{ASSET_BUCKET}}}", 1)}
    return value


def _ask_for_bucket(template: dict[str, Any]) -> dict[str, Any]:
    resources = _in_bucket(template.get("Resources"))
    if resources == template.get("Resources"):
        return template
    return _with_bucket({**template, "Resources": resources})


def _with_bucket(template: dict[str, Any]) -> dict[str, Any]:
    """The template with the parameter for the bucket, if it has none yet."""
    parameter = {
        "Type": "String",
        "Description": "The bucket to which this assembly was uploaded",
    }
    if ASSET_BUCKET in template.get("Parameters", {}):
        return template
    return _with_parameter(template, ASSET_BUCKET, parameter)


def with_nested(
    template: Mapping[str, Any], nested: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    """An expanded template whose nested stacks are made of templates in the bucket of its assets.

    ``nested`` has, by logical id, the key and the content of each template; those that ask for the bucket, too, are
    given it.
    """
    resources = dict(template.get("Resources", {}))
    for logical_id, (key, content) in nested.items():
        entry = resources[logical_id]
        url = f"https://${{{ASSET_BUCKET}}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{key}"
        properties = {**entry.get("Properties", {}), "TemplateURL": {"Fn::Sub": url}}
        if ASSET_BUCKET in content.get("Parameters", {}):
            given = _mapping(properties.get("Parameters"))
            properties["Parameters"] = {**given, ASSET_BUCKET: {"Ref": ASSET_BUCKET}}
        resources[logical_id] = {**entry, "Properties": properties}
    if not nested:
        return dict(template)
    return _with_bucket({**template, "Resources": resources})


def _with_parameter(template: Mapping[str, Any], name: str, parameter: dict[str, Any]) -> dict[str, Any]:
    """The template with one more parameter; where it had none, they stand before the resources."""
    sections: dict[str, Any] = {}
    for title, section in template.items():
        if title == "Resources" and "Parameters" not in template:
            sections["Parameters"] = {name: parameter}
        sections[title] = {**section, name: parameter} if title == "Parameters" else section
    return sections
