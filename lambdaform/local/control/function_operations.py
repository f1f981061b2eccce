"""The operations on functions: made, told, changed, listed and deleted.

What takes time (reading and unpacking code) is done first; then all of a call is one transaction. A version's
transitions are moments that its record has, compared with the clock's: no call has to wait for one.

Source: Lambda API Reference, CreateFunction, GetFunction, GetFunctionConfiguration, UpdateFunctionCode,
UpdateFunctionConfiguration, DeleteFunction and ListFunctions; AWS Lambda Developer Guide, functions-states;
recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from lambdaform.local.control.code_signing import check_signed
from lambdaform.local.control.code_source import Code, code_from
from lambdaform.local.control.configuration import configuration
from lambdaform.local.control.execution_role import check_role
from lambdaform.local.control.layer import check_layers
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, FunctionRecord, VersionRecord
from lambdaform.local.control.state import State
from lambdaform.local.control.tags import check_tags
from lambdaform.local.control.version_operations import (
    check_publish_to,
    check_revision,
    check_storage,
    published,
)
from lambdaform.local.control.version_settings import check_new_runtime, default_logging, with_settings
from lambdaform.local.control.vpc import with_vpc
from lambdaform.local.errors import AwsError, invalid_parameter, not_found

#: How long a function is Pending, and an update InProgress, in seconds. AWS takes one or several.
TRANSITION_S = 0.3
_NO_CONTAINERS = "lambdaform runs no containers: functions of container images can be defined, not invoked."
_NUMBER = re.compile(r"[0-9]+")
_ALIAS = re.compile(r"[a-zA-Z0-9-_]+")


class FunctionOperations:
    """The operations on functions over one account's state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def create_function(
        self,
        *,
        function_name: str,
        role: str,
        code: Mapping[str, Any],
        package_type: str | None = None,
        architectures: Sequence[str] | None = None,
        publish: bool | None = None,
        publish_to: str | None = None,
        tags: Mapping[str, str] | None = None,
        code_signing_config_arn: str | None = None,
        tenancy_config: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Make a function; with ``publish`` its first version, too."""
        state = self._state
        # Before the name is looked at, as recorded.
        check_layers(state, settings.get("layers") or ())
        name = self._new_name(function_name)
        check_publish_to(publish_to)
        if settings.get("runtime") is not None:
            check_new_runtime(settings["runtime"], state.quotas)
        check_tags(tags or {}, state.quotas)
        kind = package_type or "Zip"
        if kind == "Image" and not code.get("ImageUri"):
            raise invalid_parameter(
                "Please provide ImageUri when the intended function PackageType is Image."
            )
        if kind == "Zip" and code.get("ImageUri"):
            raise invalid_parameter(
                "Please don't provide ImageUri when the intended function PackageType is Zip."
            )
        await check_role(state, role)
        settings = dict(await with_vpc(settings, state))
        latest = self._new(name, kind, role, architectures, tenancy_config, settings)
        check_signed(state, code_signing_config_arn)
        latest = _with_code(latest, await code_from(code, state))
        with state.store.transaction():
            # Somebody else may have made it while the code was read.
            self._new_name(function_name)
            return self._add(
                latest, tags=tags, code_signing_config_arn=code_signing_config_arn, publish=bool(publish)
            )

    def make(
        self,
        *,
        function_name: str,
        role: str,
        code: Code,
        package_type: str,
        architectures: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        code_signing_config_arn: str | None = None,
        tenancy_config: Mapping[str, Any] | None = None,
        runtime: str | None = None,
        **settings: Any,
    ) -> None:
        """Make a function of code that is here already, or of none; for stacks, which may have runtimes of old."""
        name = self._new_name(function_name)
        with self._state.store.transaction():
            latest = self._new(
                name, package_type, role, architectures, tenancy_config, settings, runtime=runtime
            )
            self._add(_with_code(latest, code), tags=tags, code_signing_config_arn=code_signing_config_arn)

    def give_code(self, function_name: str, code: Code, architectures: Sequence[str]) -> None:
        """Give ``$LATEST`` code that is here already, or none."""
        with self._state.store.transaction():
            before = self._to_be_updated(function_name, None)
            after = evolve(_with_code(before, code), architectures=tuple(architectures))
            check_storage(self._state, after)
            check_layers(self._state, after.layers, after.code, kept=before.layers)
            self._put(after)

    def get_function(self, *, function_name: str, qualifier: str | None = None) -> dict[str, Any]:
        """A version's configuration, where its code is, and the function's tags and concurrency."""
        state = self._state
        function, wanted = state.function(function_name, qualifier)
        version = state.version(function_name, qualifier)
        reserved = function.reserved_concurrency
        return {
            "Configuration": configuration(state, version, wanted),
            "Code": self._code_location(version),
            "Tags": dict(function.tags) or None,
            "Concurrency": {"ReservedConcurrentExecutions": reserved} if reserved is not None else None,
        }

    def get_function_configuration(
        self, *, function_name: str, qualifier: str | None = None
    ) -> dict[str, Any]:
        """A version's configuration."""
        _, wanted = self._state.function(function_name, qualifier)
        return configuration(self._state, self._state.version(function_name, qualifier), wanted)

    async def update_function_code(
        self,
        *,
        function_name: str,
        zip_file: bytes | None = None,
        s3_bucket: str | None = None,
        s3_key: str | None = None,
        s3_object_version: str | None = None,
        s3_object_storage_mode: str | None = None,
        image_uri: str | None = None,
        source_kms_key_arn: str | None = None,
        architectures: Sequence[str] | None = None,
        publish: bool | None = None,
        publish_to: str | None = None,
        dry_run: bool | None = None,
        revision_id: str | None = None,
    ) -> dict[str, Any]:
        """Give ``$LATEST`` other code; with ``publish`` publish it, with ``dry_run`` only say what it would be."""
        state = self._state
        before = self._to_be_updated(function_name, revision_id)
        check_publish_to(publish_to)
        if before.package_type == "Image" and not image_uri:
            raise invalid_parameter(
                "Please provide ImageUri when updating a function with packageType Image."
            )
        if before.package_type == "Zip" and image_uri:
            raise invalid_parameter(
                "Please don't provide ImageUri when updating a function with packageType Zip."
            )
        given = {
            "ZipFile": zip_file,
            "S3Bucket": s3_bucket,
            "S3Key": s3_key,
            "S3ObjectVersion": s3_object_version,
            "S3ObjectStorageMode": s3_object_storage_mode,
            "ImageUri": image_uri,
            "SourceKMSKeyArn": source_kms_key_arn,
        }
        code = await code_from(given, state)
        with state.store.transaction():
            # Another update may have come first while the code was read.
            before = self._to_be_updated(function_name, revision_id)
            after = _with_code(before, code)
            if architectures:
                after = evolve(after, architectures=tuple(architectures))
            check_storage(state, after)
            check_layers(state, after.layers, after.code, kept=before.layers)
            check_signed(state, state.functions[before.function_name].code_signing_config_arn)
            if dry_run:
                return configuration(state, after)
            latest = self._put(after)
            if not publish:
                return configuration(state, latest)
            version = published(state, latest.function_name, active_at=latest.updated_at)
            return configuration(state, version, version.version)

    async def update_function_configuration(
        self, *, function_name: str, revision_id: str | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Change settings of ``$LATEST``; what is not given stays."""
        before = self._to_be_updated(function_name, revision_id)
        if settings.get("role") != before.role:
            await check_role(self._state, settings.get("role"))
        return self.configure(function_name, await with_vpc(settings, self._state), revision_id)

    def configure(
        self, function_name: str, settings: Mapping[str, Any], revision_id: str | None = None
    ) -> dict[str, Any]:
        """Change settings of ``$LATEST``, whose network nobody looks at; for stacks, which make it."""
        with self._state.store.transaction():
            before = self._to_be_updated(function_name, revision_id)
            after = with_settings(before, settings, self._state.quotas)
            if settings.get("layers") is not None:
                check_layers(self._state, after.layers, after.code)
            return configuration(self._state, self._put(after))

    def delete_function(self, *, function_name: str, qualifier: str | None = None) -> dict[str, Any]:
        """Delete a function with all that it has, or one of its versions; one that is not there is no error."""
        state = self._state
        named = state.name(function_name, qualifier)
        wanted = named.qualifier
        if wanted == LATEST:
            raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
        if wanted is not None and not _NUMBER.fullmatch(wanted) and _ALIAS.fullmatch(wanted):
            raise invalid_parameter("Deletion of aliases is not currently supported.")
        if named.name not in state.functions:
            raise not_found(state.function_arn(named.name))
        if wanted is None:
            state.drop_function(named.name)
        elif (named.name, wanted) in state.versions:
            self._check_unreferenced(named.name, wanted)
            state.drop_qualifier(named.name, wanted)
        return {"StatusCode": 204}

    def list_functions(
        self,
        *,
        function_version: str | None = None,
        master_region: str | None = None,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The functions as their ``$LATEST`` is, or all versions of all. None is a replica of another region's."""
        state = self._state
        with_versions = function_version == "ALL"
        keys: list[tuple[str, str]] = []
        if master_region is None and with_versions:
            keys = [(name, version) for name in state.functions for version in state.versions.of(name)]
        elif master_region is None:
            keys = [(name, LATEST) for name in state.functions]
        page = paged(keys, ":".join, marker, max_items)
        return {
            "Functions": [
                configuration(state, state.versions[key], key[1] if with_versions else None, listed=True)
                for key in page.items
            ],
            "NextMarker": page.next_marker,
        }

    def _new(
        self,
        name: str,
        package_type: str,
        role: str,
        architectures: Sequence[str] | None,
        tenancy_config: Mapping[str, Any] | None,
        settings: Mapping[str, Any],
        *,
        runtime: str | None = None,
    ) -> VersionRecord:
        """``$LATEST`` of a new function, without its code; ``runtime`` is one that is not checked."""
        limits = self._state.quotas
        latest = VersionRecord(
            function_name=name,
            revision_id="",
            last_modified=0.0,
            active_at=0.0,
            updated_at=0.0,
            failure=_NO_CONTAINERS if package_type == "Image" else None,
            package_type=package_type,
            runtime=runtime,
            role=role,
            timeout=limits.timeout_default,
            memory_size=limits.memory_size_default,
            ephemeral_storage=limits.ephemeral_storage_default,
            architectures=tuple(architectures or ("x86_64",)),
            logging_config=default_logging(name),
            tenancy_config=tenancy_config,
        )
        return with_settings(latest, settings, limits)

    def _add(
        self,
        latest: VersionRecord,
        *,
        tags: Mapping[str, str] | None,
        code_signing_config_arn: str | None,
        publish: bool = False,
    ) -> dict[str, Any]:
        """Put a new function in its place."""
        state, name = self._state, latest.function_name
        check_storage(state, latest)
        check_layers(state, latest.layers, latest.code)
        state.functions[name] = FunctionRecord(
            name=name,
            created_at=state.clock.now(),
            tags=dict(tags or {}),
            code_signing_config_arn=code_signing_config_arn,
        )
        latest = self._put(evolve(latest, active_at=state.due(TRANSITION_S)))
        if not publish:
            return configuration(state, latest)
        version = published(state, name, active_at=latest.active_at)
        return {**configuration(state, version), "FunctionArn": state.function_arn(name)}

    def _new_name(self, text: str) -> str:
        """The name of a function that is to be made."""
        state = self._state
        named = state.name(text)
        longest = state.quotas.function_name_max
        if len(named.name) > longest:
            raise invalid_parameter(
                f"1 validation error detected: Value '{named.name}' at 'functionName' failed to satisfy constraint: "
                f"Member must have length less than or equal to {longest}"
            )
        if named.qualifier is not None:
            raise invalid_parameter("The name of a new function must not have a qualifier.")
        if named.name in state.functions:
            raise AwsError("ResourceConflictException", f"Function already exist: {named.name}", 409)
        return named.name

    def _to_be_updated(self, function_name: str, revision_id: str | None) -> VersionRecord:
        """``$LATEST`` of a function that may be updated now."""
        state = self._state
        function, qualifier = state.function(function_name)
        if qualifier not in (None, LATEST):
            state.unqualified(function_name)
        latest = state.versions[function.name, LATEST]
        check_revision(state, latest, revision_id)
        return latest

    def _put(self, after: VersionRecord) -> VersionRecord:
        """Put another ``$LATEST`` in its place; that is in progress for a moment."""
        state = self._state
        before = state.versions.get((after.function_name, LATEST))
        latest = evolve(
            after,
            revision_id=state.new_id(),
            settled_revision_id=state.new_id(),
            last_modified=state.clock.now(),
            updated_at=state.due(TRANSITION_S),
            previous=evolve(before, previous=None) if before is not None else None,
        )
        state.versions[latest.function_name, LATEST] = latest
        state.changed(latest.function_name)
        return latest

    def _check_unreferenced(self, name: str, version: str) -> None:
        aliases = [
            alias.name
            for alias in self._state.aliases.of(name).values()
            if version == alias.version or version in alias.weights
        ]
        if aliases:
            raise AwsError(
                "ResourceConflictException",
                f"Unable to delete version because the following aliases reference it: [{', '.join(aliases)}]",
                409,
            )

    def _code_location(self, version: VersionRecord) -> dict[str, Any]:
        if version.image_uri is not None:
            location = {"RepositoryType": "ECR", "ImageUri": version.image_uri}
            if "@sha256:" in version.image_uri:
                location["ResolvedImageUri"] = version.image_uri
            return location
        location = {"RepositoryType": "S3", **version.code_source}
        if version.code is not None:
            location["Location"] = self._state.code_url(version.code)
        return location


def _with_code(version: VersionRecord, code: Code) -> VersionRecord:
    return evolve(version, code=code.stored, code_source=code.source, image_uri=code.image_uri)
