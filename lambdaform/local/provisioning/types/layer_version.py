"""AWS::Lambda::LayerVersion and AWS::Lambda::LayerVersionPermission.

Source: AWS CloudFormation User Guide, AWS::Lambda::LayerVersion, AWS::Lambda::LayerVersionPermission.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from lambdaform.local.control.records import StackResource
from lambdaform.local.provisioning.resource import Desired, Made, ResourceType
from lambdaform.local.provisioning.stack_template import StackTemplate, Unavailable
from lambdaform.local.provisioning.types.statements import found_statement, statement_id


class LayerVersion(ResourceType):
    """A layer version: another one with each change. Its physical id is its ARN.

    One whose content is not on this machine is made without: the functions that use it say so.
    """

    aws_type: ClassVar[str] = "AWS::Lambda::LayerVersion"
    replaced_by: ClassVar[tuple[str, ...]] = (
        *("LayerName", "Content", "Description", "LicenseInfo"),
        *("CompatibleRuntimes", "CompatibleArchitectures"),
    )

    def expected(self, stack: StackTemplate, logical_id: str, record: StackResource | None) -> Made | None:
        """The ARN that it has, or would have as the next version of its layer."""
        if record is not None:
            return super().expected(stack, logical_id, record)
        arn = self._layer_arn(stack, logical_id)
        return _made(f"{arn}:{1 + max(map(int, self._state.layers.of(arn)), default=0)}")

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        return self._plane.perform("GetLayerVersionByArn", arn=physical_id)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        stack, logical_id, properties = desired.stack, desired.logical_id, desired.properties
        key = _key(stack.given(logical_id).get("Content"))
        try:
            asset = stack.asset(key) if key is not None else None
            if asset is None:
                raise Unavailable(
                    f"its content is not on this machine ({json.dumps(properties.get('Content'))})."
                )
        except Unavailable as missing:
            self._context.note(stack, logical_id, f"The layer {logical_id} is not here: {missing}")
            expected = self.expected(stack, logical_id, None)
            assert expected is not None
            return expected
        layer = self._plane.layers.add(
            self._layer_arn(stack, logical_id),
            self._state.codes.put_asset(asset),
            description=str(properties.get("Description", "")),
            license_info=properties.get("LicenseInfo"),
            compatible_runtimes=properties.get("CompatibleRuntimes"),
            compatible_architectures=properties.get("CompatibleArchitectures"),
        )
        return _made(layer.arn)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - nothing can change
        return _made(physical_id)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        layer, _, version = physical_id.rpartition(":")
        self._plane.perform("DeleteLayerVersion", layer_name=layer, version_number=int(version))

    def _layer_arn(self, stack: StackTemplate, logical_id: str) -> str:
        return self._state.arn(f"layer:{stack.evaluator.name(logical_id)}")


def _made(arn: str) -> Made:
    return Made(arn, arn, {"Arn": arn, "LayerVersionArn": arn})


def _key(content: Any) -> str | None:
    """Where the content lies in the assembly."""
    key = content.get("S3Key") if isinstance(content, Mapping) else content
    return key if isinstance(key, str) else None


class LayerVersionPermission(ResourceType):
    """Another account's leave to use a layer version. Its physical id is the version's ARN and the statement's id."""

    aws_type: ClassVar[str] = "AWS::Lambda::LayerVersionPermission"
    replaced_by: ClassVar[tuple[str, ...]] = ("LayerVersionArn", "Principal", "Action", "OrganizationId")

    def look(self, physical_id: str) -> object:  # noqa: D102 - as in the base
        layer, version, statement = _parts(physical_id)
        policy = self._plane.perform("GetLayerVersionPolicy", layer_name=layer, version_number=version)
        return found_statement(policy, statement)

    def create(self, desired: Desired) -> Made:  # noqa: D102 - as in the base
        properties = desired.properties
        arn, statement = str(desired.required("LayerVersionArn")), statement_id(desired)
        layer, _, version = arn.rpartition(":")
        self._plane.perform(
            "AddLayerVersionPermission",
            layer_name=layer,
            version_number=int(version),
            statement_id=statement,
            action=str(properties.get("Action", "lambda:GetLayerVersion")),
            principal=str(desired.required("Principal")),
            organization_id=properties.get("OrganizationId"),
        )
        physical_id = f"{arn}#{statement}"
        return Made(physical_id, physical_id)

    def update(self, desired: Desired, before: Mapping[str, Any], physical_id: str) -> Made:  # noqa: ARG002, D102 - nothing can change
        return Made(physical_id, physical_id)

    def delete(self, physical_id: str) -> None:  # noqa: D102 - as in the base
        layer, version, statement = _parts(physical_id)
        self._plane.perform(
            "RemoveLayerVersionPermission", layer_name=layer, version_number=version, statement_id=statement
        )


def _parts(physical_id: str) -> tuple[str, int, str]:
    arn, _, statement = physical_id.rpartition("#")
    layer, _, version = arn.rpartition(":")
    return layer, int(version), statement
