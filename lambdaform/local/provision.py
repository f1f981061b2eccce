"""Assembly → functions, versions, aliases and schedules of the local service.

It reads the template as CloudFormation has it after AWS's own transform, works out its values, and unpacks its
code and layers. What a function needs and this machine cannot give (a container image, code in a bucket, a layer
of another account) makes that one function refuse, with the reason; the others run.

Source: AWS CloudFormation User Guide, "AWS Lambda resource type reference" and AWS::Events::Rule.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from lambdaform.errors import DefinitionError, UsageError
from lambdaform.facts.quotas import Quotas
from lambdaform.facts.reserved import reserved_names
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import LATEST, Alias, Function
from lambdaform.local.evaluate import Evaluator, Known
from lambdaform.local.physical import Account
from lambdaform.local.sources.schedule import Schedule
from lambdaform.synth.sam_transform import ASSET_BUCKET

if TYPE_CHECKING:
    from lambdaform.synth.assembly import Assembly
    from lambdaform.synth.assets import Asset

_FIRST_VERSION = "1"


@frozen(kw_only=True)
class Overrides:
    """What the user gives for this machine only.

    ``variables`` are environment variables by function (logical id or name), and under ``Parameters`` for all,
    as in SAM's ``--env-vars``; ``layers`` are folders or archives by the ARN of a layer version.
    """

    variables: Mapping[str, Mapping[str, str]] = field(factory=dict, repr=False)
    layers: Mapping[str, Path] = field(factory=dict)


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
    """What a template's resources are here."""

    functions: list[Function] = field(factory=list)
    schedules: list[Schedule] = field(factory=list)
    notices: list[Notice] = field(factory=list)


def read_overrides(file: Path) -> dict[str, dict[str, str]]:
    """The environment variables in a file, as SAM's ``--env-vars`` takes them.

    Raises `UsageError` where it is not such a file.
    """
    right = 'It is JSON such as {"Checkout": {"TABLE_NAME": "orders"}, "Parameters": {"STAGE": "dev"}}.'
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The file {file} cannot be read: {reason}.", right=right) from error
    except ValueError as error:
        raise UsageError(f"The file {file} is not JSON: {error}.", right=right) from error
    if not isinstance(data, dict) or not all(isinstance(each, dict) for each in data.values()):
        raise UsageError(f"The file {file} has no variables by function.", right=right)
    for name, each in data.items():
        for key, value in each.items():
            if isinstance(value, list | dict):
                raise UsageError(
                    f"The file {file} gives {name} the variable {key} with no text.", right=right
                )
    return {
        name: {key: "" if value is None else _text(value) for key, value in each.items()}
        for name, each in data.items()
    }


class Provisioner:
    """Makes what a template describes. ``folder`` is where code is unpacked; the same code is unpacked once."""

    def __init__(self, account: Account, quotas: Quotas, folder: Path, overrides: Overrides) -> None:
        self._account = account
        self._quotas = quotas
        self._folder = folder
        self._overrides = overrides

    def provision(self, *assemblies: Assembly) -> Provisioned:
        """The functions and schedules of assemblies in CloudFormation's form, and of what is nested in them.

        Stacks get from each other what they export and import. Raises `DefinitionError` where a template refers to
        what it does not have.
        """
        deployment = _Deployment(self._quotas, self._folder, self._overrides)
        for assembly in assemblies:
            account = evolve(self._account, stack_name=assembly.stack_name)
            deployment.stacks.append(_Stack(deployment, account, assembly))
        return deployment.made()


class _Deployment:
    """Some stacks on their way together, and what they share."""

    def __init__(self, quotas: Quotas, folder: Path, overrides: Overrides) -> None:
        self.quotas = quotas
        self.folder = folder
        self.overrides = overrides
        self.stacks: list[_Stack] = []
        self.by_arn: dict[str, Function] = {}
        self.result = Provisioned()
        self._exports: dict[str, tuple[_Stack, str]] = {}

    def made(self) -> Provisioned:
        stacks = [each for stack in self.stacks for each in stack.with_nested()]
        for stack in stacks:
            stack.know_versions()
        for stack in stacks:
            for name, output in stack.exports():
                self._exports.setdefault(name, (stack, output))
        for stack in stacks:
            stack.make_functions()
        for stack in stacks:
            stack.make_sources()
        self._say_what_is_missing(stacks)
        return self.result

    def imported(self, name: str) -> Known | None:
        """What one of the stacks exports under a name."""
        stack, output = self._exports.get(name, (None, ""))
        return stack.output(output) if stack is not None else None

    @cached_property
    def layers(self) -> Mapping[str, tuple[_Stack, str]]:
        """The stacks' own layer versions by their ARNs: whose each is, and the key of its content."""
        return {
            arn: (each, key)
            for stack in self.stacks
            for each in stack.with_nested()
            for arn, key in each.own_layers()
        }

    def _say_what_is_missing(self, stacks: Sequence[_Stack]) -> None:
        """Name the event sources that nothing fires here, so that nobody waits for them."""
        kinds = {
            "AWS::Lambda::EventSourceMapping": "event source mappings (queues, streams)",
            "AWS::ApiGateway::RestApi": "API Gateway REST APIs",
            "AWS::ApiGatewayV2::Api": "API Gateway HTTP and WebSocket APIs",
            "AWS::Lambda::Url": "function URLs",
            "AWS::Scheduler::Schedule": "EventBridge Scheduler schedules",
            "AWS::SNS::Subscription": "SNS subscriptions",
        }
        missing = [words for kind, words in kinds.items() if any(each.has_type(kind) for each in stacks)]
        if any(each.loops for each in stacks):
            missing.append("loops (Fn::ForEach) and what they make")
        if missing:
            what = f"Not simulated yet: {', '.join(missing)}. Invoke their functions directly."
            self.result.notices.append(Notice(None, what))


class _Stack:
    """One assembly on its way. ``outer`` is the stack that it is nested in, and its logical id there."""

    def __init__(
        self,
        deployment: _Deployment,
        account: Account,
        assembly: Assembly,
        outer: tuple[_Stack, str] | None = None,
    ) -> None:
        self._deployment = deployment
        self._account = account
        self._quotas = deployment.quotas
        self._folder = deployment.folder
        self._overrides = deployment.overrides
        self._assets: Mapping[str, Asset] = assembly.assets
        self._unpackaged = assembly.unpackaged
        self._template = assembly.template
        every = assembly.template.get("Resources", {})
        self._resources: Mapping[str, Mapping[str, Any]] = {
            logical_id: each for logical_id, each in every.items() if isinstance(each, Mapping)
        }
        #: The loops, which AWS runs when it deploys.
        self.loops = [name for name in every if name not in self._resources]
        self._outer = outer
        given = {} if outer is not None else assembly.parameters
        self._evaluator = Evaluator(assembly.template, given, account, self)
        self._made = deployment.result
        self._by_arn = deployment.by_arn
        self._under_way: set[str] = set()
        self._nested = {
            logical_id: _Stack(
                deployment,
                evolve(account, stack_name=f"{account.stack_name}-{logical_id}"),
                each,
                (self, logical_id),
            )
            for logical_id, each in assembly.nested.items()
        }

    def with_nested(self) -> Iterator[_Stack]:
        """The stack and, where their conditions hold, those nested in it."""
        yield self
        for logical_id, nested in self._nested.items():
            if self._evaluator.exists(logical_id):
                yield from nested.with_nested()

    def parameter(self, name: str) -> Known | None:
        """What the stack is given for a parameter by the one that it is nested in."""
        if self._outer is None:
            return None
        outer, logical_id = self._outer
        given = (outer._resources[logical_id].get("Properties") or {}).get("Parameters") or {}
        if not isinstance(given, Mapping) or name not in given:
            return None
        return outer.known(given[name])

    def nested_output(self, logical_id: str, name: str) -> Known | None:
        """An output of a stack that is nested in this one; None where it is not known here."""
        nested = self._nested.get(logical_id)
        return nested.output(name) if nested is not None else None

    def imported(self, name: str) -> Known | None:
        """What another stack exports under a name."""
        return self._deployment.imported(name)

    def output(self, name: str) -> Known | None:
        """One of the stack's outputs. Raises `DefinitionError` where it depends on itself."""
        output = self._template.get("Outputs", {}).get(name)
        if not isinstance(output, Mapping):
            return None
        if name in self._under_way:
            raise DefinitionError(
                f"The output {name!r} of the stack {self._account.stack_name} depends on itself.",
                right="Break the circle between the stacks.",
                rule="LF202",
            )
        self._under_way.add(name)
        try:
            return self.known(output.get("Value"))
        finally:
            self._under_way.discard(name)

    def known(self, data: Any) -> Known:
        """A value as another stack gets it: as text, with what only a deployment could tell of it."""
        before = len(self._evaluator.unknown)
        value = self._evaluator.value(data)
        text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        return Known(text, tuple(self._evaluator.unknown[before:]))

    def exports(self) -> Iterator[tuple[str, str]]:
        """The names that the stack exports, each with the output that it stands for."""
        for name, output in self._template.get("Outputs", {}).items():
            export = output.get("Export") if isinstance(output, Mapping) else None
            condition = output.get("Condition") if isinstance(output, Mapping) else None
            if isinstance(export, Mapping) and (condition is None or self._evaluator.condition(condition)):
                yield str(self._evaluator.value(export.get("Name"))), name

    def know_versions(self) -> None:
        """References to versions and aliases are needed before these are made, by whatever names them."""
        for logical_id, _ in self._of_type("AWS::Lambda::Version"):
            self._know_version(logical_id)
        for logical_id, _ in self._of_type("AWS::Lambda::Alias"):
            self._know_alias(logical_id)

    def make_functions(self) -> None:
        """The stack's functions, with their versions and aliases."""
        for logical_id, _ in self._of_type("AWS::Lambda::Function"):
            self._function(logical_id)
        for logical_id, _ in self._of_type("AWS::Lambda::Version"):
            self._version(logical_id)
        for logical_id, _ in self._of_type("AWS::Lambda::Alias"):
            self._alias(logical_id)
        for logical_id, _ in self._of_type("AWS::Lambda::EventInvokeConfig"):
            self._event_invoke_config(logical_id)

    def make_sources(self) -> None:
        """What invokes functions, which may be another stack's."""
        for logical_id, _ in self._of_type("AWS::Events::Rule"):
            self._rule(logical_id)

    def has_type(self, aws_type: str) -> bool:
        """Whether the stack makes a resource of a type."""
        return bool(self._of_type(aws_type))

    def own_layers(self) -> Iterator[tuple[str, str]]:
        """The stack's own layer versions: the ARN of each, and the key of its content."""
        for logical_id, resource in self._of_type("AWS::Lambda::LayerVersion"):
            content = (resource.get("Properties") or {}).get("Content") or {}
            key = content.get("S3Key") if isinstance(content, Mapping) else content
            if isinstance(key, str) and (key in self._assets or key in self._unpackaged):
                yield str(self._evaluator.value({"Ref": logical_id})), key

    def content(self, key: str) -> Asset:
        """The asset with this key. Raises `_Refused` where it could not be packaged."""
        if key not in self._assets:
            raise _Refused(self._why_unpackaged(key))
        return self._assets[key]

    def _of_type(self, aws_type: str) -> list[tuple[str, Mapping[str, Any]]]:
        return [
            (logical_id, resource)
            for logical_id, resource in self._resources.items()
            if resource.get("Type") == aws_type and self._evaluator.exists(logical_id)
        ]

    def _properties(self, logical_id: str, *names: str) -> dict[str, Any]:
        """Some properties of a resource, worked out; the others may refer to what is not known yet."""
        given = self._resources[logical_id].get("Properties") or {}
        values = self._evaluator.value({name: given[name] for name in names if name in given})
        return dict(values) if isinstance(values, Mapping) else {}

    def _function(self, logical_id: str) -> None:
        properties = self._properties(
            logical_id,
            *("FunctionName", "Runtime", "Handler", "MemorySize", "Timeout", "EphemeralStorage"),
            *("PackageType", "Architectures", "TracingConfig", "DeadLetterConfig", "LoggingConfig"),
            *("ReservedConcurrentExecutions", "SnapStart", "TenancyConfig"),
        )
        name = self._evaluator.name(logical_id)
        if logical_id in self._evaluator.made_up:
            what = f"{logical_id}: its name depends on {', '.join(self._evaluator.made_up[logical_id])}"
            self._note(logical_id, f"{what}, known only after deployment. Here it is {name}.")
        arn = str(self._account.arn("AWS::Lambda::Function", name))
        function = Function(name=name, arn=arn, logical_id=logical_id, stack=self._account.stack_name)
        self._made.functions.append(function)
        self._by_arn[arn] = self._by_arn[name] = function
        reserved = properties.get("ReservedConcurrentExecutions")
        function.snap_start = (properties.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions"
        function.reserved_concurrency = None if reserved is None else _number(reserved)
        try:
            code, opt = self._code(logical_id, properties), self._layers(logical_id)
        except _Refused as refused:
            function.refusal = f"{logical_id} cannot run here: {refused}"
            code = opt = self._folder
        logging = properties.get("LoggingConfig") or {}
        quotas = self._quotas
        wait = quotas.network_interface_wait_s
        if wait is not None and "VpcConfig" in self._resources[logical_id].get("Properties", {}):
            self._note(
                logical_id,
                f"{logical_id} is in a VPC: as of {quotas.as_of}, an event that needs a new network interface waits "
                f"{wait[0]} to {wait[1]} s for it. Here it does not.",
            )
        function.versions[LATEST] = FunctionConfiguration(
            function_name=name,
            function_arn=arn,
            runtime=str(properties.get("Runtime", "")),
            handler=str(properties.get("Handler", "")),
            code=code,
            opt=opt,
            environment=self._variables(logical_id, name),
            memory_size=_number(properties.get("MemorySize", quotas.memory_size_default)),
            timeout=_number(properties.get("Timeout", quotas.timeout_default)),
            ephemeral_storage=_number(
                (properties.get("EphemeralStorage") or {}).get("Size", quotas.ephemeral_storage_default)
            ),
            architecture=str((properties.get("Architectures") or ["x86_64"])[0]),
            log_group=str(logging.get("LogGroup") or f"/aws/lambda/{name}"),
            log_format=str(logging.get("LogFormat") or "Text"),
            application_log_level=logging.get("ApplicationLogLevel"),
            system_log_level=str(logging.get("SystemLogLevel") or "INFO"),
            tracing_mode=str((properties.get("TracingConfig") or {}).get("Mode", "PassThrough")),
            tenant_isolation=(properties.get("TenancyConfig") or {}).get("TenantIsolationMode")
            == "PER_TENANT",
            dead_letter_target=(properties.get("DeadLetterConfig") or {}).get("TargetArn"),
        )

    def _code(self, logical_id: str, properties: Mapping[str, Any]) -> Path:
        if properties.get("PackageType") == "Image":
            raise _Refused("it is a container image, and lambdaform runs no containers.")
        code = self._resources[logical_id].get("Properties", {}).get("Code") or {}
        if isinstance(code, Mapping) and "ZipFile" in code:
            return self._inline(
                str(self._evaluator.value(code["ZipFile"])), str(properties.get("Runtime", ""))
            )
        if isinstance(code, Mapping) and "ImageUri" in code:
            raise _Refused("it is a container image, and lambdaform runs no containers.")
        key = code.get("S3Key") if isinstance(code, Mapping) else code
        if isinstance(key, str) and key in self._assets:
            return self._unpacked(self._assets[key])
        if isinstance(code, Mapping) and code.get("S3Bucket") == {"Ref": ASSET_BUCKET}:
            raise _Refused(self._why_unpackaged(str(key)))
        where = self._evaluator.value(code)
        raise _Refused(f"its code is not on this machine ({json.dumps(where)}).")

    def _why_unpackaged(self, path: str) -> str:
        error = self._unpackaged.get(path)
        if error is None:
            return f"there is no code at {path}."
        return f"{error.what[0].lower()}{error.what[1:]} {error.right or ''}".strip()

    def _inline(self, text: str, runtime: str) -> Path:
        from lambdaform.synth.assets import Asset

        ending = "js" if runtime.startswith("nodejs") else "py"
        return self._unpacked(Asset.from_text({f"index.{ending}": text}))

    def _unpacked(self, asset: Asset) -> Path:
        folder = self._folder / "code" / asset.sha256
        if not folder.exists():
            # Under a passing name first, so that a folder that is there is complete.
            passing = folder.with_name(f".{folder.name}")
            shutil.rmtree(passing, ignore_errors=True)
            asset.unpack(passing)
            passing.rename(folder)
        return folder

    def _layers(self, logical_id: str) -> Path:
        layers = self._resources[logical_id].get("Properties", {}).get("Layers") or []
        arns = self._evaluator.value(layers)
        folders = [self._layer(arn) for arn in (arns if isinstance(arns, list) else [arns])]
        if not folders:
            empty = self._folder / "layers" / "none"
            empty.mkdir(parents=True, exist_ok=True)
            return empty
        if len(folders) == 1:
            return folders[0]
        return _merged(folders, self._folder / "layers")

    def _layer(self, arn: Any) -> Path:
        from lambdaform.synth.assets import Asset

        given = self._overrides.layers.get(str(arn))
        if given is not None:
            return self._unpacked(Asset.from_path(given))
        own = self._deployment.layers.get(str(arn))
        if own is not None:
            stack, key = own
            return self._unpacked(stack.content(key))
        raise _Refused(f"the layer {arn} is not on this machine. Give its content: --layer {arn}=FOLDER.")

    def _variables(self, logical_id: str, name: str) -> dict[str, str]:
        environment = self._resources[logical_id].get("Properties", {}).get("Environment") or {}
        given = environment.get("Variables") if isinstance(environment, Mapping) else None
        overrides = {
            **self._overrides.variables.get("Parameters", {}),
            **self._overrides.variables.get(name, {}),
            **self._overrides.variables.get(logical_id, {}),
        }
        values: dict[str, str] = {}
        for key, item in given.items() if isinstance(given, Mapping) else ():
            if key in reserved_names(self._quotas.profile):
                raise DefinitionError(
                    f"Function {logical_id!r}: {key} is a name that Lambda keeps to itself.",
                    right="Name the environment variable otherwise.",
                    rule="LF102",
                )
            before = len(self._evaluator.unknown)
            value = self._evaluator.value(item)
            if key not in overrides:
                self._note_unknown(logical_id, key, before)
            if isinstance(value, str | int | float):
                values[key] = _text(value)
        return {**values, **overrides}

    def _note_unknown(self, logical_id: str, key: str, before: int) -> None:
        unknown = dict.fromkeys(self._evaluator.unknown[before:])
        if unknown:
            what = f"{logical_id}: the variable {key} depends on {', '.join(unknown)}, known only after deployment."
            self._note(logical_id, f"{what} Give it with --parameter or --env-vars.")

    def _note(self, function: str | None, text: str) -> None:
        self._made.notices.append(Notice(function, text, self._account.stack_name))

    def _owner(self, logical_id: str) -> Function | None:
        name = self._properties(logical_id, "FunctionName").get("FunctionName")
        return self._by_arn.get(str(name))

    def _know_version(self, logical_id: str) -> None:
        arn = f"{self._function_arn(logical_id)}:{_FIRST_VERSION}"
        self._evaluator.know(logical_id, arn, {"Version": _FIRST_VERSION, "FunctionArn": arn})

    def _know_alias(self, logical_id: str) -> None:
        name = self._properties(logical_id, "Name").get("Name")
        arn = f"{self._function_arn(logical_id)}:{name}"
        self._evaluator.know(logical_id, arn, {"AliasArn": arn})

    def _function_arn(self, logical_id: str) -> str:
        """The ARN of the function that a version or an alias belongs to."""
        name = str(self._properties(logical_id, "FunctionName").get("FunctionName", ""))
        return name if name.startswith("arn:") else str(self._account.arn("AWS::Lambda::Function", name))

    def _version(self, logical_id: str) -> None:
        function = self._owner(logical_id)
        if function is not None:
            latest = function.versions[LATEST]
            function.versions[_FIRST_VERSION] = evolve(
                latest, version=_FIRST_VERSION, snap_start=function.snap_start
            )
            self._provision(logical_id, function, _FIRST_VERSION)

    def _alias(self, logical_id: str) -> None:
        function = self._owner(logical_id)
        if function is None:
            return
        properties = self._properties(logical_id, "Name", "FunctionVersion", "RoutingConfig")
        weights = (properties.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
        alias = Alias(
            str(properties.get("Name")),
            str(properties.get("FunctionVersion")),
            {str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in weights},
        )
        function.aliases[alias.name] = alias
        self._provision(logical_id, function, alias.name)
        self._by_arn[f"{function.arn}:{alias.name}"] = function

    def _provision(self, logical_id: str, function: Function, qualifier: str) -> None:
        """The provisioned concurrency of a version or an alias."""
        config = self._properties(logical_id, "ProvisionedConcurrencyConfig").get(
            "ProvisionedConcurrencyConfig"
        )
        wanted = config.get("ProvisionedConcurrentExecutions") if isinstance(config, Mapping) else None
        if wanted is not None:
            function.provisioned[qualifier] = _number(wanted)

    def _event_invoke_config(self, logical_id: str) -> None:
        function = self._owner(logical_id)
        if function is None:
            return
        properties = self._properties(
            logical_id, "Qualifier", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"
        )
        qualifier = str(properties.get("Qualifier", LATEST))
        version = function.aliases[qualifier].version if qualifier in function.aliases else qualifier
        if version not in function.versions:
            return
        retries, age = properties.get("MaximumRetryAttempts"), properties.get("MaximumEventAgeInSeconds")
        function.versions[version] = evolve(
            function.versions[version],
            maximum_retry_attempts=None if retries is None else _number(retries),
            maximum_event_age=None if age is None else _number(age),
        )
        if properties.get("DestinationConfig"):
            what = f"{function.logical_id}: destinations are not simulated yet"
            self._note(function.logical_id, f"{what}; results of asynchronous events go nowhere.")

    def _rule(self, logical_id: str) -> None:
        properties = self._properties(logical_id, "ScheduleExpression", "State", "Targets")
        expression = properties.get("ScheduleExpression")
        if not isinstance(expression, str):
            return
        arn = str(self._account.arn("AWS::Events::Rule", self._evaluator.name(logical_id)))
        for target in properties.get("Targets") or []:
            target_arn = str(target.get("Arn"))
            if self._by_arn.get(target_arn) is None:
                continue
            self._made.schedules.append(
                Schedule(
                    rule_arn=arn,
                    expression=expression,
                    function_arn=target_arn,
                    enabled=properties.get("State", "ENABLED") != "DISABLED",
                    input=target.get("Input"),
                )
            )


class _Refused(Exception):  # noqa: N818 - not an error, but why one function does not run here
    """What a function needs and this machine has not."""


def _merged(folders: Sequence[Path], under: Path) -> Path:
    """One folder with the content of several; where two have the same file, the later one's."""
    digest = hashlib.sha256("\n".join(str(each) for each in folders).encode()).hexdigest()
    merged = under / digest
    if merged.exists():
        return merged
    passing = merged.with_name(f".{digest}")
    for folder in folders:
        shutil.copytree(folder, passing, symlinks=True, dirs_exist_ok=True, copy_function=_link_over)
    passing.rename(merged)
    return merged


def _link_over(source: str, target: str) -> None:
    """A file in a second place without a copy; both are read-only from now on."""
    Path(target).unlink(missing_ok=True)
    os.link(source, target)


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        right = "Where a parameter has no default, give it: --parameter NAME=VALUE."
        raise DefinitionError(
            f"{value!r} stands where a number is needed.", right=right, rule="LF100"
        ) from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
