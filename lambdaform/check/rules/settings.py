"""LF24x, LF25x and LF270: a function's settings that do not go together: layers, images, code, SnapStart, logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.concurrency import provisioned
from lambdaform.check.view import (
    behind,
    environments,
    from_elsewhere,
    function_behind,
    functions,
    functions_with,
    has_raw,
    items,
    none_of,
    of_aws_type,
    of_type,
    problem_at,
    setting,
    whole_number,
    written,
)
from lambdaform.facts.quotas import quotas
from lambdaform.facts.runtimes import Runtime
from lambdaform.model.awslambda import Code, LambdaFunction
from lambdaform.model.function import FunctionSettings
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack

_API = "Lambda API, CreateFunction"
_LAYER_VERSION = re.compile(r"(?P<layer>arn:[^:]*:lambda:[^:]*:[^:]*:layer:[^:]+)(?::(?P<version>[^:]+))?")
_LAYER_TYPES = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")


@rule(
    "LF243",
    "layer-twice",
    Level.ERROR,
    demand="A function has each layer once, in one version.",
    source=_API,
)
def layer_twice(stack: Stack) -> Iterator[Problem]:
    """Layers that a function names twice, or in two versions; Lambda refuses both."""
    for function in functions_with(stack, "layers"):
        seen: set[Any] = set()
        for place, index, layer in _layers(stack, function):
            found = _LAYER_VERSION.fullmatch(layer) if isinstance(layer, str) else None
            resource = behind(stack, layer)
            key = resource.logical_id if resource is not None else found["layer"] if found else None
            if key is not None and key not in seen:
                seen.add(key)
            elif key is not None:
                yield place.problem(
                    "LF243",
                    f"{function.logical_id!r} has the layer {key} twice.",
                    "Lambda takes each layer once, in one version: leave one of them out.",
                    "layers",
                    index,
                )


def _layers(stack: Stack, function: FunctionSettings) -> Iterator[tuple[Resource, int, Any]]:
    """Each layer of a function, the Globals' first: what names it, at which place there, and the layer."""
    for place, layers in written(stack, function, "layers"):
        for index, layer in enumerate(items(layers)):
            yield place, index, layer


@rule(
    "LF244",
    "not-a-layer",
    Level.ERROR,
    demand="What a function names as a layer is a version of a layer.",
    source="AWS Lambda Developer Guide, adding-layers",
)
def not_a_layer(stack: Stack) -> Iterator[Problem]:
    """Layers that are another resource, or an ARN without a version."""
    told: set[tuple[int, int]] = set()
    for function in functions_with(stack, "layers"):
        for place, index, layer in _layers(stack, function):
            if (id(place), index) in told:
                continue  # the Globals' layers are those of each function
            told.add((id(place), index))
            resource = behind(stack, layer)
            if none_of(resource, *_LAYER_TYPES):
                what = f"{resource.logical_id!r}, which is an {resource.aws_type}"
            elif isinstance(layer, str) and not layer.startswith("{{"):
                found = _LAYER_VERSION.fullmatch(layer)
                if found and found["version"] and found["version"].isdigit():
                    continue
                what = f"{layer!r}, which is no ARN of a layer's version"
            else:
                continue
            yield place.problem(
                "LF244",
                f"{function.logical_id!r} names as a layer {what}.",
                "A layer is named by the ARN of a version: arn:aws:lambda:REGION:ACCOUNT:layer:NAME:NUMBER.",
                "layers",
                index,
            )


@rule(
    "LF245",
    "image-setting",
    Level.ERROR,
    demand="A container image has no runtime, handler or layers, and a zip archive no image settings.",
    source=_API,
)
def image_setting(stack: Stack) -> Iterator[Problem]:
    """Settings of the other kind of package."""
    for function in functions(stack):
        if function.package_type == "Image":
            for name, aws_name in (("handler", "Handler"), ("runtime", "Runtime"), ("layers", "Layers")):
                # What Globals give to all functions is not meant for an image, and SAM leaves it out.
                if getattr(function, name) is not None:
                    yield function.problem(
                        "LF245",
                        f"{function.logical_id!r} is a container image and has {aws_name}.",
                        "What an image starts is in the image itself, or in ImageConfig.",
                        name,
                    )
        elif function.package_type in (None, "Zip"):
            if function.image_config is not None and not _may_be_image(stack, function):
                yield function.problem(
                    "LF245",
                    f"{function.logical_id!r} is a zip archive and has ImageConfig.",
                    "ImageConfig is for container images: set package_type to Image, or name a handler.",
                    "image_config",
                )
            code = prop(function, "Code")
            if isinstance(code, Code) and code.image_uri is not None:
                yield function.problem(
                    "LF245",
                    f"{function.logical_id!r} has a container image as its code, and its PackageType is Zip.",
                    "Set PackageType to Image.",
                    "code",
                    "ImageUri",
                )


def _may_be_image(stack: Stack, function: FunctionSettings) -> bool:
    docker = function.metadata and "Dockerfile" in function.metadata
    return bool(docker or has_raw(stack, function, "PackageType") or prop(function, "ImageUri"))


_IMAGE = re.compile(r"[^/]+\.dkr[.-]ecr[^/]*/.+|\{\{.*|[^/:]*$")


@rule(
    "LF246",
    "code-source",
    Level.ERROR,
    demand="A function's code comes from one place, which is named whole.",
    source="AWS CloudFormation User Guide, AWS::Lambda::Function Code",
)
def code_source(stack: Stack) -> Iterator[Problem]:
    """Code with two sources, with none, or with a bucket and no key."""
    for function in of_type(stack, LambdaFunction):
        code = function.code
        if not isinstance(code, Code) or from_elsewhere(code):
            continue
        given = {
            "ZipFile": code.zip_file,
            "S3Bucket": code.s3_bucket,
            "S3Key": code.s3_key,
            "ImageUri": code.image_uri,
        }
        there = [name for name, value in given.items() if value is not None or name in code.raw]
        if function.package_type == "Image" and "ImageUri" not in there:
            what, right = "is a container image, and its Code has no ImageUri", "Name the image: ImageUri."
        elif not there:
            what, right = "has a Code without code", "Give ZipFile, or S3Bucket and S3Key, or ImageUri."
        elif ("S3Bucket" in there) != ("S3Key" in there):
            has, lacks = ("S3Bucket", "S3Key") if "S3Bucket" in there else ("S3Key", "S3Bucket")
            what, right = f"has code with {has} and no {lacks}", "An object in S3 needs both."
        elif isinstance(code.image_uri, str) and not _IMAGE.match(code.image_uri):
            what = f"has the image {code.image_uri!r}"
            right = "Lambda takes images from ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG."
        elif len({name[:2] for name in there}) > 1:
            what = f"has code from two sources: {' and '.join(there)}"
            right = "Give one: ZipFile, or S3Bucket and S3Key, or ImageUri."
        else:
            continue
        yield function.problem("LF246", f"{function.logical_id!r} {what}.", right, "code")


@rule(
    "LF247",
    "files-outside-vpc",
    Level.ERROR,
    demand="A function with a file system is in a VPC.",
    source="AWS Lambda Developer Guide, configuration-filesystem",
)
def files_outside_vpc(stack: Stack) -> Iterator[Problem]:
    """Functions that mount a file system and have no way to it."""
    for function in functions_with(stack, "file_system_configs"):
        systems = setting(stack, function, "file_system_configs")
        if not items(systems) or has_raw(stack, function, "VpcConfig"):
            continue
        if setting(stack, function, "vpc_config") is None:
            yield function.problem(
                "LF247",
                f"{function.logical_id!r} mounts a file system and is in no VPC.",
                "Add VpcConfig with subnets and security groups from which the file system can be reached.",
                "file_system_configs",
            )


#: The runtimes that cannot start from a snapshot, of those that a function may still have; by how they start.
_NO_SNAPSHOT = (
    "nodejs",
    "ruby",
    "go",
    "provided",
    "dotnetcore",
    "java8",
    "python2",
    "python3.6",
    "python3.7",
)
_NO_SNAPSHOT_EXACT = ("python3.8", "python3.9", "python3.10", "python3.11", "dotnet6", "dotnet7")


@rule(
    "LF248",
    "snapstart-conflict",
    Level.ERROR,
    demand="A function with SnapStart has a runtime that can, and nothing that a snapshot cannot hold.",
    source="AWS Lambda Developer Guide, snapstart, Supported features and limitations",
)
def snapstart_conflict(stack: Stack) -> Iterator[Problem]:
    """SnapStart with what it does not go with."""
    limits = quotas(stack.profile)
    kept_ready = {id(function) for function, _ in provisioned(stack)}
    for function in functions_with(stack, "snap_start"):
        snap = setting(stack, function, "snap_start")
        if prop(snap, "ApplyOn") != "PublishedVersions":
            continue
        runtime = setting(stack, function, "runtime")
        size = whole_number(prop(setting(stack, function, "ephemeral_storage"), "Size"))
        if isinstance(runtime, Runtime) and (
            runtime.startswith(_NO_SNAPSHOT) or runtime.value in _NO_SNAPSHOT_EXACT
        ):
            what, name = f"its runtime {runtime.value}", "snap_start"
            right = "SnapStart works for Java 11, Python 3.12 and .NET 8, and newer ones of these."
        elif items(setting(stack, function, "file_system_configs")):
            what, name = "a file system", "file_system_configs"
            right = "SnapStart does not support file systems: leave out one of the two."
        elif size is not None and size > limits.ephemeral_storage_default:
            what, name = f"{size} MB of ephemeral storage", "ephemeral_storage"
            right = f"SnapStart supports at most {limits.ephemeral_storage_default} MB."
        elif id(function) in kept_ready:
            what, name = "provisioned concurrency", "snap_start"
            right = "A version has SnapStart or provisioned concurrency, not both."
        else:
            continue
        yield function.problem("LF248", f"{function.logical_id!r} has SnapStart and {what}.", right, name)


@rule(
    "LF249",
    "log-level-format",
    Level.ERROR,
    demand="A function with log levels logs in JSON.",
    source="AWS Lambda Developer Guide, monitoring-cloudwatchlogs-log-level",
)
def log_level_format(stack: Stack) -> Iterator[Problem]:
    """Log levels of functions that log plain text, which Lambda refuses."""
    for function in functions_with(stack, "logging_config"):
        logging = setting(stack, function, "logging_config")
        if not isinstance(logging, Shape) or prop(logging, "LogFormat") not in (None, "Text"):
            continue
        for name in ("ApplicationLogLevel", "SystemLogLevel"):
            if prop(logging, name) is not None:
                yield problem_at(
                    logging,
                    "LF249",
                    f"{function.logical_id!r} has {name}, and its log format is Text.",
                    "Lambda filters by level only what it logs in JSON: set LogFormat to JSON.",
                    name,
                )
                break


@rule(
    "LF251",
    "runtime-version",
    Level.ERROR,
    demand="A runtime version is named where it is managed by hand, and only there.",
    source="AWS Lambda Developer Guide, runtime-management-configure-settings",
)
def runtime_version(stack: Stack) -> Iterator[Problem]:
    """``Manual`` without the version's ARN, and an ARN without ``Manual``."""
    for function in functions_with(stack, "runtime_management_config"):
        config = setting(stack, function, "runtime_management_config")
        mode, arn = prop(config, "UpdateRuntimeOn"), prop(config, "RuntimeVersionArn")
        if (
            not isinstance(config, Shape)
            or not isinstance(mode, str)
            or (mode == "Manual") == (arn is not None)
        ):
            continue
        yield config.problem(
            "LF251",
            f"{function.logical_id!r} updates its runtime {mode} "
            + ("and names a RuntimeVersionArn." if arn is not None else "and names no RuntimeVersionArn."),
            "Manual needs the ARN of a runtime version; Auto and FunctionUpdate have none.",
            "update_runtime_on",
        )


@rule(
    "LF252",
    "tag-name",
    Level.ERROR,
    demand="A tag's key does not start with aws:, which is AWS's own.",
    source="AWS General Reference, aws_tagging, Tag naming limits and requirements",
)
def tag_name(stack: Stack) -> Iterator[Problem]:
    """Tags that only AWS may set."""
    for resource in stack.resources.values():
        tags = getattr(resource, "tags", None)
        for key in tags if isinstance(tags, Mapping) else ():
            if isinstance(key, str) and key.lower().startswith("aws:"):
                yield resource.problem(
                    "LF252",
                    f"{resource.logical_id} has the tag {key!r}.",
                    "Keys that start with aws: are AWS's own: choose another.",
                    "tags",
                    key,
                )


@rule(
    "LF258",
    "tenant-conflict",
    Level.ERROR,
    demand="A function that isolates its tenants has no function URL, SnapStart or provisioned concurrency.",
    source="AWS Lambda Developer Guide, tenant-isolation",
)
def tenant_conflict(stack: Stack) -> Iterator[Problem]:
    """Tenant isolation with what it does not go with."""
    kept_ready = {id(function) for function, _ in provisioned(stack)}
    addressed = {
        id(function_behind(stack, prop(url, "TargetFunctionArn")))
        for url in of_aws_type(stack, "AWS::Lambda::Url")
    }
    for function in functions_with(stack, "tenancy_config"):
        tenancy = setting(stack, function, "tenancy_config")
        if prop(tenancy, "TenantIsolationMode") != "PER_TENANT":
            continue
        if prop(setting(stack, function, "snap_start"), "ApplyOn") == "PublishedVersions":
            what = "SnapStart"
        elif id(function) in kept_ready:
            what = "provisioned concurrency"
        elif id(function) in addressed or setting(stack, function, "function_url_config") is not None:
            what = "a function URL"
        else:
            continue
        yield function.problem(
            "LF258",
            f"{function.logical_id!r} isolates its tenants and has {what}.",
            "Lambda does not support the two together.",
            "tenancy_config",
        )


@rule(
    "LF259",
    "environment-form",
    Level.ERROR,
    demand="Environment variables stand under Variables.",
    source="AWS CloudFormation User Guide, AWS::Lambda::Function Environment",
)
def environment_form(stack: Stack) -> Iterator[Problem]:
    """Variables that stand right under Environment."""
    for function, environment in environments(stack):
        for name in environment.raw:
            if name != "Variables" and not name.startswith("Fn::"):
                yield problem_at(
                    environment,
                    "LF259",
                    f"{function.logical_id!r} has {name!r} right under Environment.",
                    "Environment has one property, Variables, and the variables stand under that.",
                    name,
                )
                break


#: The last runtimes that have no version for arm64.
NOT_ON_ARM = frozenset(
    ("dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "go1.x", "java8", "nodejs", "nodejs4.3", "nodejs4.3-edge",
     "nodejs6.10", "nodejs8.10", "nodejs10.x", "provided", "python2.7", "python3.6", "python3.7", "ruby2.5")
)  # fmt: skip


@rule(
    "LF270",
    "arm-runtime",
    Level.ERROR,
    demand="A function on arm64 has a runtime that is there.",
    source="AWS Lambda Developer Guide, foundation-arch",
)
def arm_runtime(stack: Stack) -> Iterator[Problem]:
    """Functions on arm64 with a runtime that Lambda has for x86_64 only."""
    if stack.profile != "current":
        return  # the profile has no arm64 at all (LF701)
    for function in functions_with(stack, "architectures"):
        runtime = setting(stack, function, "runtime")
        if (
            isinstance(runtime, Runtime)
            and runtime in NOT_ON_ARM
            and "arm64" in items(setting(stack, function, "architectures"))
        ):
            place = function if function.architectures is not None else stack.globals["Function"]
            yield place.problem(
                "LF270",
                f"{function.logical_id!r} is for arm64, which the runtime {runtime.value} does not have.",
                "Take x86_64, or a newer runtime.",
                "architectures",
            )


@rule(
    "LF240",
    "not-a-function",
    Level.ERROR,
    demand="What is named as a function is one, or one of its versions or aliases.",
    source="Lambda API, CreateEventSourceMapping",
)
def not_a_function(stack: Stack) -> Iterator[Problem]:
    """Mappings, permissions, aliases and versions of another resource."""
    for aws_type, name in _OF_A_FUNCTION.items():
        for resource in of_aws_type(stack, aws_type):
            target = behind(stack, prop(resource, name))
            if not none_of(target, *_FUNCTIONS):
                continue
            yield problem_at(
                resource,
                "LF240",
                f"{resource.logical_id} names as its function {target.logical_id!r}, an {target.aws_type}.",
                "It must be a function.",
                name,
            )


_OF_A_FUNCTION = {
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::EventInvokeConfig": "FunctionName",
    "AWS::Lambda::EventSourceMapping": "FunctionName",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
    "AWS::Lambda::Version": "FunctionName",
}
_FUNCTIONS = (
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Version",
    "AWS::Serverless::Function",
)
