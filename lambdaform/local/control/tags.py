"""Tags of functions, event source mappings and code signing configurations, and the operations on them.

Source: Lambda API Reference, TagResource, UntagResource, ListTags; AWS Lambda Developer Guide,
configuration-tags (the rules of keys), functions-states (not during an update); recorded answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve, frozen

from lambdaform.facts.quotas import Quotas
from lambdaform.local.control.records import LATEST, CodeSigningRecord
from lambdaform.local.control.state import State
from lambdaform.local.control.version_operations import check_no_update
from lambdaform.local.errors import AwsError, invalid_parameter, not_found


def check_tags(tags: Mapping[str, str], limits: Quotas) -> None:
    """See that a resource may have these tags. Raises `AwsError`."""
    if len(tags) > limits.tags_max:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_parameter("Tag keys starting with 'aws:' are reserved for internal use.")


@frozen
class _Tagged:
    """A resource's tags, and how to put others in their place."""

    tags: Mapping[str, str]
    put: Callable[[Mapping[str, str]], None]


class Tags:
    """TagResource, UntagResource and ListTags."""

    def __init__(self, state: State) -> None:
        self._state = state

    def tag_resource(self, *, resource: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change those that are there."""
        tagged = self._tagged(resource)
        if not tags:
            raise invalid_parameter("An error occurred and the request cannot be processed.")
        together = {**tagged.tags, **tags}
        check_tags(together, self._state.quotas)
        tagged.put(together)

    def untag_resource(self, *, resource: str, tag_keys: Sequence[str]) -> None:
        """Take tags away; one that is not there is no error."""
        tagged = self._tagged(resource)
        tagged.put({key: value for key, value in tagged.tags.items() if key not in tag_keys})

    def list_tags(self, *, resource: str) -> dict[str, Any]:
        """The tags of a resource."""
        return {"Tags": dict(self._tagged(resource).tags)}

    def _tagged(self, resource: str) -> _Tagged:
        kind, _, name = resource.split(":", 5)[5].partition(":")
        if kind == "function":
            return self._function(resource, name)
        if kind == "event-source-mapping":
            return self._event_source_mapping(resource, name)
        if kind == "code-signing-config" and (config := self._state.code_signing_configs.get(resource)):
            return _Tagged(config.tags, partial(self._tag_code_signing, config))
        # None of the others can be here.
        what = {
            "capacity-provider": "Capacity provider",
            "code-signing-config": "Code signing config",
            "network-connector": "Network connector",
            "layer": "Layer",
        }
        raise AwsError(
            "ResourceNotFoundException", f"{what.get(kind, 'Resource')} not found: {resource}", 404
        )

    def _tag_code_signing(self, config: CodeSigningRecord, tags: Mapping[str, str]) -> None:
        self._state.code_signing_configs[config.arn] = evolve(config, tags=tags)

    def _function(self, resource: str, name: str) -> _Tagged:
        state = self._state
        if ":" in name:
            raise invalid_parameter(
                "Tags on function aliases and versions are not supported. Please specify a function ARN."
            )
        function = state.functions.get(name)
        if function is None or resource != state.function_arn(name):
            raise not_found(resource)

        def put(tags: Mapping[str, str]) -> None:
            latest = state.versions[name, LATEST]
            check_no_update(state, latest)
            if tags != function.tags:
                state.functions[name] = evolve(function, tags=tags)
                state.versions[name, LATEST] = latest.revised(state.new_id())

        return _Tagged(function.tags, put)

    def _event_source_mapping(self, resource: str, uuid: str) -> _Tagged:
        state = self._state
        mapping = state.event_source_mappings.get(uuid)
        if mapping is None or resource != state.arn(f"event-source-mapping:{uuid}"):
            raise AwsError("ResourceNotFoundException", f"Event source mapping not found: {resource}", 404)

        def put(tags: Mapping[str, str]) -> None:
            state.event_source_mappings[uuid] = evolve(mapping, tags=tags)

        return _Tagged(mapping.tags, put)
