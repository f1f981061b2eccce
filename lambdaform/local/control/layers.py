"""The operations on layers: publish, tell, list and delete their versions, and who may use them.

Source: Lambda API Reference, PublishLayerVersion, GetLayerVersion, GetLayerVersionByArn, ListLayers,
ListLayerVersions, DeleteLayerVersion, AddLayerVersionPermission, RemoveLayerVersionPermission, GetLayerVersionPolicy;
recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from lambdaform.local.clock import utc_text
from lambdaform.local.control.code_source import code_from
from lambdaform.local.control.layer import (
    GET,
    LayerName,
    LayerVersionRecord,
    check_shared,
    parse_layer,
)
from lambdaform.local.control.pages import paged
from lambdaform.local.control.policy import PolicyRecord, empty_policy, rendered_principal, written
from lambdaform.local.control.records import StoredCode
from lambdaform.local.control.resource_policies import stale_revision
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter


class Layers:
    """PublishLayerVersion and those that get, list, share and delete what it made."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def publish_layer_version(
        self,
        *,
        layer_name: str,
        content: Mapping[str, Any],
        description: str | None = None,
        compatible_runtimes: Sequence[str] | None = None,
        compatible_architectures: Sequence[str] | None = None,
        license_info: str | None = None,
    ) -> dict[str, Any]:
        """Publish an archive as the next version of a layer."""
        named = self._own(layer_name)
        code = await code_from(content, self._state)
        if code.stored is None:
            raise invalid_parameter("Please provide a source for layer content.")
        with self._state.store.transaction():
            layer = self.add(
                named.arn,
                code.stored,
                code_source=code.source,
                description=description or "",
                compatible_runtimes=compatible_runtimes,
                compatible_architectures=compatible_architectures,
                license_info=license_info,
            )
        return self._shown(layer)

    def add(self, layer_arn: str, code: StoredCode, **members: Any) -> LayerVersionRecord:
        """Add the next version of a layer, with content that is in the code store. Raises `AwsError` without room."""
        state = self._state
        if state.versions.weight + state.layers.weight + code.size > state.quotas.code_storage_gb << 30:
            raise AwsError("CodeStorageExceededException", "Code storage limit exceeded.", 400)
        layer = LayerVersionRecord(
            layer_arn=layer_arn,
            version=1 + max(map(int, state.layers.of(layer_arn)), default=0),
            created_at=state.clock.now(),
            code=code,
            **members,
        )
        state.layers[layer_arn, str(layer.version)] = layer
        return layer

    def know(self, arn: str, code: StoredCode) -> None:
        """Take another account's layer version as one that everybody may use, with content that somebody gave."""
        named = parse_layer(arn, self._state)
        statement = {"Sid": "given", "Effect": "Allow", "Principal": "*", "Action": GET, "Resource": arn}
        self._state.layers[named.arn, str(named.version)] = LayerVersionRecord(
            layer_arn=named.arn,
            version=int(named.version or 0),
            created_at=self._state.clock.now(),
            code=code,
            policy=empty_policy().with_statement(statement, self._state.new_id()),
        )

    def get_layer_version(self, *, layer_name: str, version_number: int) -> dict[str, Any]:
        """One version of a layer, by its name or ARN."""
        _check_number(version_number)
        return self._told(parse_layer(layer_name, self._state), version_number)

    def get_layer_version_by_arn(self, *, arn: str) -> dict[str, Any]:
        """One version of a layer, by its own ARN."""
        named = parse_layer(arn, self._state)
        return self._told(named, int(named.version or 0))

    def list_layers(
        self,
        *,
        compatible_runtime: str | None = None,
        compatible_architecture: str | None = None,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The account's layers, each with the latest version that is compatible."""
        latest: dict[str, LayerVersionRecord] = {}
        prefix = self._own("").arn
        for layer in self._state.layers.values():
            if layer.layer_arn.startswith(prefix) and _suits(
                layer, compatible_runtime, compatible_architecture
            ):
                latest[layer.layer_arn] = layer
        page = paged(latest.values(), _layer_arn, marker, max_items)
        return {
            "Layers": [
                {
                    "LayerName": each.layer_arn.rpartition(":")[2],
                    "LayerArn": each.layer_arn,
                    "LatestMatchingVersion": _listed(each),
                }
                for each in page.items
            ],
            "NextMarker": page.next_marker,
        }

    def list_layer_versions(
        self,
        *,
        layer_name: str,
        compatible_runtime: str | None = None,
        compatible_architecture: str | None = None,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The versions of a layer that are compatible, the newest first."""
        versions = self._state.layers.of(parse_layer(layer_name, self._state).arn).values()
        found = [each for each in versions if _suits(each, compatible_runtime, compatible_architecture)]
        page = paged(reversed(found), _version, marker, max_items)
        return {
            "LayerVersions": [_listed(each) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def delete_layer_version(self, *, layer_name: str, version_number: int) -> None:
        """Delete a version, if it is there. Functions that have it keep it."""
        _check_number(version_number)
        named = self._own(layer_name)
        layer = self._state.layers.of(named.arn).get(str(version_number))
        if layer is not None:
            # What remains says that the number has been used, and what functions have.
            gone = evolve(layer, is_deleted=True, policy=None)
            self._state.layers[named.arn, str(version_number)] = gone

    def add_layer_version_permission(
        self,
        *,
        layer_name: str,
        version_number: int,
        statement_id: str,
        action: str,
        principal: str,
        organization_id: str | None = None,
        revision_id: str | None = None,
    ) -> dict[str, Any]:
        """Let other accounts use a version."""
        layer = self._version_of(layer_name, version_number)
        statement: dict[str, Any] = {
            "Sid": statement_id,
            "Effect": "Allow",
            "Principal": rendered_principal(principal, self._state.account.partition),
            "Action": action,
            "Resource": layer.arn,
        }
        if organization_id is not None:
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        _check_revision(layer.policy, revision_id)
        policy = (layer.policy or empty_policy()).with_statement(statement, self._state.new_id())
        self._put(layer, policy)
        return {"Statement": written(statement), "RevisionId": policy.revision_id}

    def remove_layer_version_permission(
        self,
        *,
        layer_name: str,
        version_number: int,
        statement_id: str,
        revision_id: str | None = None,
    ) -> None:
        """Take a statement out of a version's policy."""
        layer = self._version_of(layer_name, version_number)
        policy = _policy_of(layer).without_statement(statement_id, self._state.new_id())
        _check_revision(layer.policy, revision_id)
        self._put(layer, policy if policy.statements else None)

    def get_layer_version_policy(self, *, layer_name: str, version_number: int) -> dict[str, Any]:
        """A version's policy, with its revision id."""
        policy = _policy_of(self._version_of(layer_name, version_number))
        return {"Policy": policy.text, "RevisionId": policy.revision_id}

    def _own(self, layer_name: str) -> LayerName:
        """One of the account's own layers, which it may change. Raises `AccessDeniedError` for another's."""
        named = parse_layer(layer_name, self._state)
        if named.account != self._state.account.account_id:
            raise AwsError("AccessDeniedException", f"The layer {named.arn} is another account's.", 403)
        return named

    def _told(self, named: LayerName, version: int) -> dict[str, Any]:
        layer = self._state.layers.of(named.arn).get(str(version))
        if named.account != self._state.account.account_id:
            check_shared(self._state, f"{named.arn}:{version}", layer)
        if layer is None or layer.is_deleted:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        return self._shown(layer)

    def _version_of(self, layer_name: str, version_number: int) -> LayerVersionRecord:
        _check_number(version_number)
        named = self._own(layer_name)
        layer = self._state.layers.of(named.arn).get(str(version_number))
        if layer is None or layer.is_deleted:
            raise AwsError(
                "ResourceNotFoundException",
                f"Layer version {named.arn}:{version_number} does not exist.",
                404,
            )
        return layer

    def _put(self, layer: LayerVersionRecord, policy: PolicyRecord | None) -> None:
        self._state.layers[layer.layer_arn, str(layer.version)] = evolve(layer, policy=policy)

    def _shown(self, layer: LayerVersionRecord) -> dict[str, Any]:
        content = {
            "Location": self._state.code_url(layer.code),
            "CodeSha256": layer.code.sha256,
            "CodeSize": layer.code.size,
        }
        return {"Content": content | dict(layer.code_source), "LayerArn": layer.layer_arn, **_listed(layer)}


def _listed(layer: LayerVersionRecord) -> dict[str, Any]:
    members = {
        "LayerVersionArn": layer.arn,
        "Version": layer.version,
        "Description": layer.description,
        "CreatedDate": f"{utc_text(layer.created_at)[:-1]}+0000",
        "CompatibleArchitectures": _as_list(layer.compatible_architectures),
        "CompatibleRuntimes": _as_list(layer.compatible_runtimes),
        "LicenseInfo": layer.license_info,
    }
    return {name: value for name, value in members.items() if value is not None}


def _as_list(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values is not None else None


def _suits(layer: LayerVersionRecord, runtime: str | None, architecture: str | None) -> bool:
    """Whether a version is there and named as compatible with what is asked for."""
    return (
        not layer.is_deleted
        and (runtime is None or runtime in (layer.compatible_runtimes or ()))
        and (architecture is None or architecture in (layer.compatible_architectures or ()))
    )


def _policy_of(layer: LayerVersionRecord) -> PolicyRecord:
    if layer.policy is None:
        raise AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)
    return layer.policy


def _check_revision(policy: PolicyRecord | None, given: str | None) -> None:
    if given is not None and (policy is None or policy.revision_id != given):
        raise stale_revision("GetLayerPolicy")


def _check_number(version: int) -> None:
    if version < 1:
        raise invalid_parameter("Layer Version Cannot be less than 1")


def _layer_arn(layer: LayerVersionRecord) -> str:
    return layer.layer_arn


def _version(layer: LayerVersionRecord) -> str:
    return str(layer.version)
