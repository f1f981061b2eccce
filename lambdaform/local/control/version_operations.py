"""The operations on versions: snapshots of ``$LATEST`` that nothing changes any more.

Their numbers count up and are never used again. A version is published only where ``$LATEST`` has changed since the
last one was.

Source: Lambda API Reference, PublishVersion and ListVersionsByFunction; AWS Lambda Developer Guide,
configuration-versions and snapstart; recorded answers.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from lambdaform.local.control.configuration import code_sha256, configuration
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, VersionRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter

#: How long a version with SnapStart is Pending, in seconds. AWS takes minutes.
SNAPSHOT_S = 0.3


class VersionOperations:
    """PublishVersion and ListVersionsByFunction."""

    def __init__(self, state: State) -> None:
        self._state = state

    def publish_version(
        self,
        *,
        function_name: str,
        code_sha256: str | None = None,
        description: str | None = None,
        revision_id: str | None = None,
        publish_to: str | None = None,
    ) -> dict[str, Any]:
        """Publish ``$LATEST``, or tell the last version where that is still the same."""
        state = self._state
        function, _ = state.function(function_name)
        latest = state.versions[function.name, LATEST]
        check_revision(state, latest, revision_id)
        check_publish_to(publish_to)
        _check_code(latest, code_sha256)
        version = published(state, function.name, description=description)
        return configuration(state, version, version.version)

    def list_versions_by_function(
        self, *, function_name: str, marker: str | None = None, max_items: int | None = None
    ) -> dict[str, Any]:
        """``$LATEST`` and all versions, in their order."""
        state = self._state
        function, _ = state.function(function_name)
        page = paged(state.versions.of(function.name).values(), _number, marker, max_items)
        return {
            "Versions": [configuration(state, each, each.version, listed=True) for each in page.items],
            "NextMarker": page.next_marker,
        }


def published(
    state: State, name: str, *, description: str | None = None, active_at: float | None = None
) -> VersionRecord:
    """The version that a function's ``$LATEST`` is now: the last one, or a new one.

    A new one is Pending until ``active_at``, if that is given, and where it starts from a snapshot until there is one.
    ``$LATEST`` gets another revision id.
    """
    now = state.clock.now()
    function, latest = state.functions[name], state.versions[name, LATEST]
    last = state.versions.of(name).get(str(function.last_version))
    if last is not None and _content(last) == _content(latest):
        return last
    number = function.last_version + 1
    if active_at is None:
        active_at = state.due(SNAPSHOT_S) if latest.snap_start == "PublishedVersions" else now
    version = evolve(
        latest,
        version=str(number),
        description=latest.description if description is None else description,
        source_description=latest.description,
        revision_id=state.new_id(),
        settled_revision_id=None if active_at <= now else state.new_id(),
        previous=None,
        last_modified=now,
        active_at=active_at,
        updated_at=active_at,
    )
    check_storage(state, version)
    state.functions[name] = evolve(function, last_version=number)
    state.versions[name, version.version] = version
    state.versions[name, LATEST] = latest.revised(state.new_id()) if latest.is_settled(now) else latest
    state.changed(name)
    return version


def check_revision(state: State, latest: VersionRecord, revision_id: str | None) -> None:
    """See that ``$LATEST`` can change now, and is what the caller takes it for. Raises `AwsError`."""
    now, arn = state.clock.now(), state.function_arn(latest.function_name)
    if latest.state(now) == "Pending":
        raise AwsError(
            "ResourceConflictException",
            f"The operation cannot be performed at this time. The resource {arn} is currently in the following state: "
            "'Pending'. StateReasonCode: 'Creating'",
            409,
        )
    if latest.update_status(now) == "InProgress":
        message = (
            f"The operation cannot be performed at this time. An update is in progress for resource: {arn}"
        )
        raise AwsError("ResourceConflictException", message, 409)
    if revision_id is not None and revision_id != latest.revision(now):
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id",
            412,
        )


def check_no_update(state: State, latest: VersionRecord) -> None:
    """See that no update of ``$LATEST`` is in progress. Raises `AwsError`."""
    if latest.update_status(state.clock.now()) == "InProgress":
        arn = state.function_arn(latest.function_name)
        message = (
            f"The operation cannot be performed at this time. An update is in progress for resource: {arn}"
        )
        raise AwsError("ResourceConflictException", message, 409)


def check_publish_to(publish_to: str | None) -> None:
    """See that a version is published under a number. Raises `AwsError`."""
    if publish_to is not None:
        raise invalid_parameter(
            "PublishTo isn't supported for Lambda Default functions. ($LATEST.PUBLISHED belongs to functions on capacity "
            "providers, which lambdaform runs like all others.)"
        )


def check_storage(state: State, version: VersionRecord) -> None:
    """See that there is room for the code of a version that is new or takes the place of another. Raises `AwsError`."""
    before = state.versions.get((version.function_name, version.version))
    added = _size(version) - (_size(before) if before is not None else 0)
    if state.versions.weight + state.layers.weight + added > state.quotas.code_storage_gb << 30:
        raise AwsError("CodeStorageExceededException", "Code storage limit exceeded.", 400)


def _size(version: VersionRecord) -> int:
    return version.code.size if version.code is not None else 0


def _check_code(latest: VersionRecord, given: str | None) -> None:
    own = code_sha256(latest) or ""
    if given is not None and given != own:
        raise invalid_parameter(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({own}). Please try again with the "
            "CodeSHA256 in $LATEST."
        )


def _content(version: VersionRecord) -> VersionRecord:
    """What of a version makes it another: all but its number, its moments and its own description."""
    return evolve(
        version,
        version=LATEST,
        revision_id="",
        settled_revision_id=None,
        last_modified=0.0,
        active_at=0.0,
        updated_at=0.0,
        description="",
        previous=None,
        source_description=version.source_description if version.version != LATEST else version.description,
    )


def _number(version: VersionRecord) -> str:
    return version.version
