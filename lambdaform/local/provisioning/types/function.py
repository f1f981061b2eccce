"""AWS::Lambda::Function.

What a function needs and this machine cannot give (a container image, code in a bucket, a layer of another account)
makes that one function refuse, with the reason; the others run.

Source: AWS CloudFormation User Guide, AWS::Lambda::Function.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve

from lambdaform.errors import DefinitionError
from lambdaform.facts.reserved import reserved_names
from lambdaform.local.control.code_source import Code
from lambdaform.local.control.layer import find_layer
from lambdaform.local.control.records import StackResource, StoredCode
from lambdaform.local.errors import AwsError
from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.stack_template import StackTemplate, Unavailable
from lambdaform.local.provisioning.values import number, text
from lambdaform.synth.sam_transform import ASSET_BUCKET

#: Properties that the operations take as they are, by their members' names in Python.
_SETTINGS: Mapping[str, str] = {
    "Runtime": "runtime",
    "Handler": "handler",
    "Description": "description",
    "DeadLetterConfig": "dead_letter_config",
    "KmsKeyArn": "kms_key_arn",
    "TracingConfig": "tracing_config",
    "FileSystemConfigs": "file_system_configs",
    "ImageConfig": "image_config",
    "SnapStart": "snap_start",
    "LoggingConfig": "logging_config",
    "CapacityProviderConfig": "capacity_provider_config",
    "DurableConfig": "durable_config",
}


class Function(ResourceType):
    """A function. Its physical id is its name."""

    aws_type: ClassVar[str] = "AWS::Lambda::Function"
    replaced_by: ClassVar[tuple[str, ...]] = ("FunctionName", "PackageType", "TenancyConfig", "DurableConfig")

    def expected(self, stack: StackTemplate, logical_id: str, record: StackResource | None) -> Made | None:  # noqa: ARG002
        """The name that it is given, or that is made of the stack's and its own."""
        return self._made(stack.evaluator.name(logical_id))

    def desired(self, stack: StackTemplate, logical_id: str) -> Mapping[str, Any]:
        """Its properties; a variable that only a deployment knows is told, unless the user gives it."""
        names = [name for name in stack.given(logical_id) if name != "Environment"]
        properties = stack.properties(logical_id, *names) if names else {}
        name = stack.evaluator.name(logical_id)
        if logical_id in stack.evaluator.made_up:
            what = f"{logical_id}: its name depends on {', '.join(stack.evaluator.made_up[logical_id])}"
            self._context.note(stack, logical_id, f"{what}, known only after deployment. Here it is {name}.")
        return {
            **properties,
            "FunctionName": name,
            "Environment": {"Variables": self._variables(stack, logical_id, name)},
        }

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._state.function(physical_id)

    def is_whole(self, physical_id: str) -> bool:
        """Whether it has its code and its layers: what was missing may be here now."""
        return self._state.functions[physical_id].refusal is None

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        name = str(properties["FunctionName"])
        code, refusal = self._code(desired)
        settings, missing = self._settings(properties)
        self._plane.functions.make(
            function_name=name,
            code=code,
            package_type=_package_type(properties),
            role=str(properties.get("Role", self._no_role)),
            architectures=properties.get("Architectures"),
            tenancy_config=properties.get("TenancyConfig"),
            code_signing_config_arn=properties.get("CodeSigningConfigArn"),
            tags=_tags(properties),
            **settings,
        )
        self._belongs(desired, _refusal(desired, refusal or missing))
        self._set_beside(desired, {})
        self._note_wait(desired)
        return self._made(name)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        refusal = None
        if not self.is_whole(physical_id) or any(
            properties.get(name) != before.get(name) for name in ("Code", "Architectures")
        ):
            code, reason = self._code(desired)
            refusal = _refusal(desired, reason)
            self._plane.functions.give_code(
                physical_id, code, architectures=properties.get("Architectures") or ["x86_64"]
            )
        (now, missing), (then, _) = self._settings(properties), self._settings(before)
        now["role"], then["role"] = properties.get("Role", self._no_role), before.get("Role", self._no_role)
        if not self.is_whole(physical_id):
            # The layers that it has are not those of its properties.
            then.pop("layers", None)
        if now != then:
            defaults = self._defaults()
            changed = {name: value for name, value in now.items() if then.get(name) != value}
            gone = {name: defaults[name] for name in then if name not in now and name in defaults}
            self._plane.functions.configure(physical_id, {**gone, **changed})
        self._belongs(desired, refusal or _refusal(desired, missing))
        self._set_beside(desired, before)
        return self._made(physical_id)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        self._plane.perform("DeleteFunction", function_name=physical_id)

    def rule(self, error: AwsError) -> str | None:
        """What a function may reserve has a rule."""
        return "LF254" if "UnreservedConcurrentExecution" in error.message else None

    def property_at_fault(self, error: AwsError) -> str | None:
        """The concurrency that leaves others too little."""
        return "ReservedConcurrentExecutions" if "UnreservedConcurrentExecution" in error.message else None

    def remedy(self, error: AwsError) -> str:
        """How to get more concurrency, or another name."""
        if "UnreservedConcurrentExecution" in error.message:
            return (
                f"The account has {self._state.quotas.account_concurrency}. Ask for less, or give the account's own "
                "limit: --account-concurrency NUMBER."
            )
        if error.code == "ResourceConflictException":
            return (
                "Give this one another name, delete the other, or forget all that was made before: --fresh."
            )
        return ""

    @property
    def _no_role(self) -> str:
        """The role of functions whose template gives none, though CloudFormation wants one."""
        account = self._state.account
        return f"arn:{account.partition}:iam::{account.account_id}:role/none"

    def _made(self, name: str) -> Made:
        return Made(name, name, {"Arn": self._state.function_arn(name)})

    def _belongs(self, desired: Desired, refusal: str | None) -> None:
        """Let the function know whose it is, and why it cannot run here, where it cannot."""
        name = str(desired.properties["FunctionName"])
        self._state.functions[name] = evolve(
            self._state.functions[name],
            stack=desired.stack.name,
            logical_id=desired.logical_id,
            refusal=refusal,
        )

    def _set_beside(self, desired: Desired, before: Mapping[str, Any]) -> None:
        """What a template writes among a function's properties, and the API has operations of their own for."""
        properties = desired.properties
        name = str(properties["FunctionName"])
        reserved, had = (each.get("ReservedConcurrentExecutions") for each in (properties, before))
        if reserved is not None and reserved != had:
            self._plane.perform(
                "PutFunctionConcurrency", function_name=name, reserved_concurrent_executions=number(reserved)
            )
        elif reserved is None and had is not None:
            self._plane.perform("DeleteFunctionConcurrency", function_name=name)
        loop = properties.get("RecursiveLoop")
        if loop != before.get("RecursiveLoop"):
            self._plane.perform(
                "PutFunctionRecursionConfig", function_name=name, recursive_loop=str(loop or "Terminate")
            )
        management = properties.get("RuntimeManagementConfig")
        if management is not None and management != before.get("RuntimeManagementConfig"):
            self._plane.perform(
                "PutRuntimeManagementConfig",
                function_name=name,
                update_runtime_on=str(management["UpdateRuntimeOn"]),
                runtime_version_arn=management.get("RuntimeVersionArn"),
            )
        if before and _tags(properties) != _tags(before):
            self._state.functions[name] = evolve(self._state.functions[name], tags=_tags(properties))

    def _settings(self, properties: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
        """The members of CreateFunction and UpdateFunctionConfiguration that the properties give.

        Layers that are not on this machine are left out, and why the function cannot run without them is told.
        """
        settings = {
            member: properties[name] for name, member in _SETTINGS.items() if properties.get(name) is not None
        }
        settings["environment"] = properties["Environment"]
        for name, member in (("Timeout", "timeout"), ("MemorySize", "memory_size")):
            if properties.get(name) is not None:
                settings[member] = number(properties[name])
        if properties.get("EphemeralStorage"):
            settings["ephemeral_storage"] = {"Size": number(properties["EphemeralStorage"]["Size"])}
        if properties.get("VpcConfig"):
            settings["vpc_config"] = properties["VpcConfig"]
        layers = [str(arn) for arn in properties.get("Layers") or []]
        missing = [arn for arn in layers if find_layer(self._state, arn) is None]
        if len(missing) < len(layers):
            settings["layers"] = [arn for arn in layers if arn not in missing]
        if not missing:
            return settings, None
        return settings, (
            f"the layer {missing[0]} is not on this machine. Give its content: --layer {missing[0]}=FOLDER."
        )

    def _defaults(self) -> dict[str, Any]:
        """What a property that is no more in the template goes back to."""
        quotas = self._state.quotas
        return {
            "timeout": quotas.timeout_default,
            "memory_size": quotas.memory_size_default,
            "ephemeral_storage": {"Size": quotas.ephemeral_storage_default},
            "description": "",
            "layers": [],
            "file_system_configs": [],
            "vpc_config": {"SubnetIds": [], "SecurityGroupIds": []},
            "dead_letter_config": {"TargetArn": ""},
            "tracing_config": {"Mode": "PassThrough"},
            "snap_start": {"ApplyOn": "None"},
            "logging_config": {},
            "kms_key_arn": "",
        }

    def _code(self, desired: Desired) -> tuple[Code, str | None]:
        """The function's code, or none and why it is not here."""
        try:
            return self._code_here(desired), None
        except Unavailable as missing:
            return Code(), str(missing)

    def _code_here(self, desired: Desired) -> Code:
        properties = desired.properties
        code = self._written_code(desired)
        if _package_type(properties) == "Image":
            return Code(image_uri=str(desired.required("Code").get("ImageUri", "")))
        if isinstance(code, Mapping) and "ZipFile" in code:
            return Code(
                stored=self._inline(
                    str(desired.required("Code")["ZipFile"]), str(properties.get("Runtime", ""))
                )
            )
        key = code.get("S3Key") if isinstance(code, Mapping) else code
        asset = desired.stack.asset(key) if isinstance(key, str) else None
        if asset is not None:
            return Code(stored=self._state.codes.put_asset(asset))
        if isinstance(code, Mapping) and code.get("S3Bucket") == {"Ref": ASSET_BUCKET}:
            raise Unavailable(f"there is no code at {key}.")
        raise Unavailable(f"its code is not on this machine ({json.dumps(properties.get('Code', {}))}).")

    def _written_code(self, desired: Desired) -> object:
        return desired.stack.given(desired.logical_id).get("Code") or {}

    def _inline(self, code: str, runtime: str) -> StoredCode:
        from lambdaform.synth.assets import Asset

        ending = "js" if runtime.startswith("nodejs") else "py"
        return self._state.codes.put_asset(Asset.from_text({f"index.{ending}": code}))

    def _variables(self, stack: StackTemplate, logical_id: str, name: str) -> dict[str, str]:
        environment = stack.given(logical_id).get("Environment") or {}
        given = environment.get("Variables") if isinstance(environment, Mapping) else None
        overrides = self._context.overrides.variables_of(name, logical_id)
        evaluator = stack.evaluator
        values: dict[str, str] = {}
        for key, item in given.items() if isinstance(given, Mapping) else ():
            if key in reserved_names(self._state.quotas.profile):
                raise DefinitionError(
                    f"Function {logical_id!r}: {key} is a name that Lambda keeps to itself.",
                    right="Name the environment variable otherwise.",
                    rule="LF102",
                )
            before = len(evaluator.unknown)
            value = evaluator.value(item)
            unknown = dict.fromkeys(evaluator.unknown[before:])
            if unknown and key not in overrides:
                what = f"{logical_id}: the variable {key} depends on {', '.join(unknown)}"
                self._context.note(
                    stack,
                    logical_id,
                    f"{what}, known only after deployment. Give it with --parameter or --env-vars.",
                )
            if isinstance(value, str | int | float):
                values[key] = text(value)
        return values

    def _note_wait(self, desired: Desired) -> None:
        """Say what a VPC cost in former days."""
        quotas = self._state.quotas
        wait = quotas.network_interface_wait_s
        if wait is not None and desired.properties.get("VpcConfig"):
            name = desired.logical_id
            self._context.note(
                desired.stack,
                name,
                f"{name} is in a VPC: as of {quotas.as_of}, an event that needs a new network interface waits "
                f"{wait[0]} to {wait[1]} s for it. Here it does not.",
            )


def _refusal(desired: Desired, reason: str | None) -> str | None:
    """Why a function does not run here, as whoever invokes it is told."""
    return f"{desired.logical_id} cannot run here: {reason}" if reason is not None else None


def _package_type(properties: Mapping[str, Any]) -> str:
    code = properties.get("Code")
    is_image = isinstance(code, Mapping) and "ImageUri" in code
    return "Image" if is_image or properties.get("PackageType") == "Image" else "Zip"


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["Key"]): text(each["Value"]) for each in properties.get("Tags") or []}
