"""Templates that AWS's SAM transform takes for certain, so that a check need not ask it: asking takes most of a second.

What is named here are the properties and forms of value that the transform either passes on as they are or judges by
nothing but their kind. Whatever is not named may still be fine; only the transform itself can tell. `takes` is used
to save a question, never to answer one: where it says yes and the transform would refuse, this module is wrong, and
`tests/synth/test_sam_certain.py` looks for such a template.

Source: aws-sam-translator 1.115: ``sam_resources.py``, ``eventsources/`` and the plugins.
"""

from __future__ import annotations

import bisect
import json
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Test = Callable[[Any], bool]

_SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    ]
)
_ATTRIBUTES = frozenset(
    ["Type", "Properties", "Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"]
)
#: Intrinsics that the transform passes on wherever a value may stand.
_PASSED_ON = frozenset(
    ["Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"]
)
_FUNCTION = "AWS::Serverless::Function"
_NAME = re.compile(r"[A-Za-z0-9]+")
_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CODE = re.compile(r"(?:s3://[a-z0-9][a-z0-9.-]*/)?[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*/?")
_ROUTE = re.compile(r"(?:/(?:[A-Za-z0-9_-]+|\{[A-Za-z0-9_]+\}))+|/")
_METHODS = frozenset(["get", "post", "put", "delete", "patch", "head", "options"])
#: What the names of resources begin with that the transform adds to a function, after the function's own.
_ADDED = ("Alias", "Deployment", "Destination", "EventInvokeConfig", "Role", "URL", "Url", "Version")
#: What the names of resources begin with that it adds to a template.
_ADDED_TO_ALL = ("CodeDeployServiceRole", "Serverless")
_RESERVED_TAGS = frozenset(
    ["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"]
)


def takes(template: Mapping[str, Any]) -> bool:
    """Whether AWS's transform takes a template for certain; False where only the transform can tell."""
    resources = template.get("Resources")
    if not template.keys() <= _SECTIONS or template.get("Transform") != "AWS::Serverless-2016-10-31":
        return False
    if not isinstance(resources, dict) or not resources or not _is_plain(template):
        return False
    shared = template.get("Globals", {})
    # One that is no text cannot be put into a text.
    defaults = (each.get("Default", "") for each in template.get("Parameters", {}).values())
    return (
        (not shared or (shared.keys() == {"Function"} and _are_globals(shared["Function"])))
        and all(isinstance(each, str) for each in defaults)
        and all(_is_resource(each, shared.get("Function", {})) for each in resources.values())
        and _have_room(resources)
        and _are_distinct_routes(resources)
    )


def _is_plain(data: Any) -> bool:
    """Whether all keys are text, references to attributes have their two parts, and no macro stands within."""
    pending: list[Any] = [data]
    while pending:
        each = pending.pop()
        if type(each) is dict:
            for key, value in each.items():
                if type(key) is not str or (
                    key[:4] == "Fn::"
                    and (
                        key.startswith(("Fn::Transform", "Fn::ForEach"))
                        or (key == "Fn::GetAtt" and not _is_pair_of_texts(value))
                    )
                ):
                    return False
                if type(value) is dict or type(value) is list:
                    pending.append(value)
        elif type(each) is list:
            pending.extend(item for item in each if type(item) is dict or type(item) is list)
        elif not isinstance(each, str | int | float | None):
            return False
    return True


def _is_pair_of_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)


def _is_resource(entry: Any, shared: Mapping[str, Any]) -> bool:
    if not isinstance(entry, dict) or "Connectors" in entry:
        return False
    aws_type, properties = entry.get("Type"), entry.get("Properties", {})
    if not isinstance(aws_type, str) or not isinstance(properties, dict):
        return False
    if not isinstance(entry.get("Condition", ""), str):
        return False
    if not aws_type.startswith("AWS::Serverless::"):
        return True
    if not entry.keys() <= _ATTRIBUTES or not all(
        isinstance(entry.get(name, ""), str) for name in ("DeletionPolicy", "UpdateReplacePolicy")
    ):
        return False
    if aws_type == _FUNCTION:
        return _is_function(properties, shared, conditional="Condition" in entry)
    if aws_type == "AWS::Serverless::LayerVersion":
        return _are(properties, _LAYER, "ContentUri")
    return aws_type == "AWS::Serverless::SimpleTable" and _are(properties, _TABLE)


def _is_function(own: Mapping[str, Any], shared: Mapping[str, Any], *, conditional: bool) -> bool:
    if any(isinstance(own[name], dict | list) and name not in _MERGED for name in own.keys() & shared.keys()):
        return False
    properties = {**shared, **own}
    if not _are(properties, _PROPERTIES):
        return False
    code = [name for name in ("CodeUri", "InlineCode") if properties.get(name)]
    if len(code) != 1 or not properties.get("Runtime") or not properties.get("Handler"):
        return False
    preference = properties.get("DeploymentPreference", {"Enabled": False})
    if (preference.get("Enabled", True) or "ProvisionedConcurrencyConfig" in properties) and (
        conditional or "AutoPublishAlias" not in properties
    ):
        return False
    return not (conditional and any(_route(each) for each in properties.get("Events", {}).values()))


def _are(given: Any, tests: Mapping[str, Test], *required: str) -> bool:
    """Whether all the given properties are named, pass their tests, and those that are required are there."""
    return (
        isinstance(given, dict)
        and all(given.get(name) is not None for name in required)
        and all(name in tests and tests[name](value) for name, value in given.items())
    )


def _are_globals(given: Any) -> bool:
    return isinstance(given, dict) and given.keys() <= _GLOBALS and _are(given, _PROPERTIES)


def _anything(value: Any) -> bool:  # noqa: ARG001
    return True


def _reference(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _PASSED_ON


def _text(value: Any) -> bool:
    return isinstance(value, str) or _reference(value)


def _literal(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int) or _reference(value)


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _one_of(*choices: Any) -> Test:
    return lambda value: isinstance(value, str | bool) and value in choices


def _architectures(value: Any) -> bool:
    return isinstance(value, list) and all(each in ("x86_64", "arm64") for each in value)


def _code(value: Any) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _tags(value: Any) -> bool:
    return isinstance(value, dict) and not value.keys() & _RESERVED_TAGS and not _intrinsic(value)


def _intrinsic(value: Mapping[str, Any]) -> bool:
    return any(name in ("Ref", "Condition") or name.startswith("Fn::") for name in value)


def _environment(value: Any) -> bool:
    return _are(value, {"Variables": lambda variables: isinstance(variables, dict)})


def _alias(value: Any) -> bool:
    return isinstance(value, str) and _ALIAS.fullmatch(value) is not None


def _target(value: Any) -> bool:
    return bool(value) and _text(value)


def _dead_letters(value: Any) -> bool:
    return _are(value, {"Type": _one_of("SQS", "SNS"), "TargetArn": _target}, "Type", "TargetArn")


def _invocation(value: Any) -> bool:
    destination = {"Type": _one_of("SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"), "Destination": _target}

    def end(given: Any) -> bool:
        return _are(given, destination, *destination)

    return _are(
        value,
        {
            "MaximumEventAgeInSeconds": _number,
            "MaximumRetryAttempts": _number,
            "DestinationConfig": lambda ends: _are(ends, {"OnSuccess": end, "OnFailure": end}),
        },
    )


def _preference(value: Any) -> bool:
    hooks = {"PreTraffic": _text, "PostTraffic": _text}
    tests = {
        "Type": _literal,
        "Enabled": _flag,
        "Alarms": _texts,
        "Hooks": lambda given: _are(given, hooks),
        "Role": _text,
    }
    return _are(value, tests) and ("Type" in value or value.get("Enabled", True) is False)


def _policies(value: Any) -> bool:
    given = value if isinstance(value, list) else [value]
    return all(_text(each) or _is_document(each) or _is_policy_template(each) for each in given)


def _is_document(value: Any) -> bool:
    return isinstance(value, dict) and "Statement" in value and not _intrinsic(value)


def _is_policy_template(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(name, parameters)] = value.items()
    wanted = _policy_templates().get(name)
    return wanted is not None and isinstance(parameters, dict) and parameters.keys() == wanted


@cache
def _policy_templates() -> Mapping[str, frozenset[str]]:
    """SAM's policy templates and their parameters, as the installed translator has them; it is not imported."""
    folders = (Path(each) / "samtranslator" / "policy_templates_data" for each in sys.path)
    for file in (folder / "policy_templates.json" for folder in folders):
        if file.is_file():
            templates = json.loads(file.read_text("utf-8"))["Templates"]
            return {name: frozenset(each["Parameters"]) for name, each in templates.items()}
    return {}


def _filters(value: Any) -> bool:
    return _are(value, {"Filters": _list})


def _failures(value: Any) -> bool:
    tests = {"Type": _one_of("SQS", "SNS", "S3"), "Destination": _target}
    return _are(value, {"OnFailure": lambda given: _are(given, tests, "Destination")}, "OnFailure")


def _rule_dead_letters(value: Any) -> bool:
    return _are(value, {"Arn": _target}, "Arn")


_POLLING: Mapping[str, Test] = {
    "BatchSize": _number,
    "Enabled": _flag,
    "FilterCriteria": _filters,
    "FunctionResponseTypes": _list,
    "MaximumBatchingWindowInSeconds": _number,
    "ScalingConfig": _mapping,
}
_STREAM: Mapping[str, Test] = {
    **_POLLING,
    "BisectBatchOnFunctionError": _flag,
    "DestinationConfig": _failures,
    "MaximumRecordAgeInSeconds": _number,
    "MaximumRetryAttempts": _number,
    "ParallelizationFactor": _number,
    "StartingPosition": _anything,
    "Stream": _text,
    "TumblingWindowInSeconds": _number,
}
_RULE: Mapping[str, Test] = {
    "DeadLetterConfig": _rule_dead_letters,
    "EventBusName": _text,
    "Input": _text,
    "InputPath": _text,
    "Pattern": _mapping,
    "RetryPolicy": _mapping,
    "RuleName": _text,
    "State": _literal,
}
_SCHEDULE: Mapping[str, Test] = {
    "DeadLetterConfig": _rule_dead_letters,
    "Description": _text,
    "Input": _text,
    "Name": _text,
    "RetryPolicy": _mapping,
    "Schedule": _text,
}
_ROUTED: Mapping[str, Test] = {
    "Path": lambda path: isinstance(path, str) and _ROUTE.fullmatch(path) is not None,
    "Method": lambda method: isinstance(method, str) and method.lower() in _METHODS,
}
#: The events, their properties, and those that they must have.
_EVENTS: Mapping[str, tuple[Mapping[str, Test], tuple[str, ...]]] = {
    "Api": (_ROUTED, ("Path", "Method")),
    "CloudWatchEvent": (_RULE, ("Pattern",)),
    "CloudWatchLogs": ({"LogGroupName": _text, "FilterPattern": _text}, ("LogGroupName", "FilterPattern")),
    "DynamoDB": (_STREAM, ("Stream", "StartingPosition")),
    "EventBridgeRule": (_RULE, ("Pattern",)),
    "HttpApi": (_ROUTED, ("Path", "Method")),
    "Kinesis": (_STREAM, ("Stream", "StartingPosition")),
    "SNS": ({"Topic": _text, "FilterPolicy": _mapping, "FilterPolicyScope": _literal}, ("Topic",)),
    "SQS": ({**_POLLING, "Queue": _text}, ("Queue",)),
    "Schedule": (_SCHEDULE, ("Schedule",)),
}


def _events(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_event(name, event) for name, event in value.items())


def _is_event(name: str, event: Any) -> bool:
    if not _NAME.fullmatch(name) or not isinstance(event, dict) or event.keys() != {"Type", "Properties"}:
        return False
    known = _EVENTS.get(event["Type"]) if isinstance(event["Type"], str) else None
    if known is None:
        return False
    properties = event["Properties"]
    # A schedule or rule may say in one of two ways whether it is on.
    if known[0] in (_SCHEDULE, _RULE) and isinstance(properties, dict) and "State" not in properties:
        properties = {key: each for key, each in properties.items() if key != "Enabled" or not _flag(each)}
    return _are(properties, known[0], *known[1])


_PROPERTIES: Mapping[str, Test] = {
    "Architectures": _architectures,
    "AssumeRolePolicyDocument": _is_document,
    "AutoPublishAlias": _alias,
    "CodeSigningConfigArn": _text,
    "CodeUri": _code,
    "DeadLetterQueue": _dead_letters,
    "DeploymentPreference": _preference,
    "Description": _text,
    "Environment": _environment,
    "EphemeralStorage": _mapping,
    "EventInvokeConfig": _invocation,
    "Events": _events,
    "FileSystemConfigs": _list,
    "FunctionName": _text,
    "FunctionUrlConfig": lambda value: _are(
        value, {"AuthType": _one_of("AWS_IAM", "NONE"), "InvokeMode": _literal}, "AuthType"
    ),
    "Handler": _text,
    "InlineCode": _literal,
    "KmsKeyArn": _text,
    "Layers": _texts,
    "LoggingConfig": _mapping,
    "MemorySize": _number,
    "PackageType": _one_of("Zip"),
    "PermissionsBoundary": _text,
    "Policies": _policies,
    "ProvisionedConcurrencyConfig": _mapping,
    "RecursiveLoop": _literal,
    "ReservedConcurrentExecutions": _number,
    "Role": _text,
    "RolePath": _text,
    "Runtime": _text,
    "RuntimeManagementConfig": _mapping,
    "SnapStart": lambda value: _are(value, {"ApplyOn": _literal}),
    "Tags": _tags,
    "Timeout": _number,
    "Tracing": _literal,
    "VersionDescription": _text,
    "VpcConfig": _mapping,
}
#: Of them, what may stand in the globals, and what may stand there and in the function as well.
_GLOBALS = frozenset(
    [
        "Architectures",
        "AutoPublishAlias",
        "CodeUri",
        "DeploymentPreference",
        "Environment",
        "EphemeralStorage",
        "EventInvokeConfig",
        "Handler",
        "KmsKeyArn",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "PermissionsBoundary",
        "ProvisionedConcurrencyConfig",
        "ReservedConcurrentExecutions",
        "RolePath",
        "Runtime",
        "SnapStart",
        "Tags",
        "Timeout",
        "Tracing",
        "VpcConfig",
    ]
)
_MERGED = frozenset(["Environment", "Layers", "Tags", "VpcConfig"])
_LAYER: Mapping[str, Test] = {
    "CompatibleArchitectures": _architectures,
    "CompatibleRuntimes": _texts,
    "ContentUri": _code,
    "Description": _literal,
    "LayerName": _literal,
    "LicenseInfo": _literal,
    "RetentionPolicy": _one_of("Delete", "Retain"),
}
_KEY: Mapping[str, Test] = {"Name": _literal, "Type": _one_of("Binary", "Number", "String")}
_TABLE: Mapping[str, Test] = {
    "PointInTimeRecoverySpecification": _mapping,
    "PrimaryKey": lambda key: _are(key, _KEY, *_KEY),
    "ProvisionedThroughput": lambda given: isinstance(given, dict) and all(map(_number, given.values())),
    "SSESpecification": _mapping,
    "TableName": _text,
    "Tags": _tags,
}


def _route(event: Any) -> tuple[str, str, str] | None:
    """The kind of API, path and method of an event that calls a function by one."""
    if not isinstance(event, dict) or event.get("Type") not in ("Api", "HttpApi"):
        return None
    properties = event.get("Properties", {})
    return event["Type"], str(properties.get("Path")), str(properties.get("Method")).lower()


def _are_distinct_routes(resources: Mapping[str, Any]) -> bool:
    routes = [
        route
        for entry in resources.values()
        if entry["Type"] == _FUNCTION
        for event in entry.get("Properties", {}).get("Events", {}).values()
        if (route := _route(event)) is not None
    ]
    return len(routes) == len(set(routes))


def _have_room(resources: Mapping[str, Any]) -> bool:
    """Whether no resource has a name that the transform may give to one of its own."""
    names = sorted(resources)
    if any(name.startswith(_ADDED_TO_ALL) for name in names):
        return False
    for owner, entry in resources.items():
        if not entry["Type"].startswith("AWS::Serverless::"):
            continue
        events = tuple(entry.get("Properties", {}).get("Events", ()))
        for name in names[bisect.bisect_right(names, owner) :]:
            if not name.startswith(owner):
                break
            rest = name[len(owner) :]
            if rest.startswith((*_ADDED, *events)) or re.fullmatch(r"[0-9a-f]{10}", rest):
                return False
    return True
