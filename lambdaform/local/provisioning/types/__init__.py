"""The resource types that stacks make of the control plane, one module each."""

from __future__ import annotations

from lambdaform.local.provisioning.resource import Context, ResourceType
from lambdaform.local.provisioning.types.alias import Alias
from lambdaform.local.provisioning.types.code_signing_config import CodeSigningConfig
from lambdaform.local.provisioning.types.event_invoke_config import EventInvokeConfig
from lambdaform.local.provisioning.types.event_source_mapping import EventSourceMapping
from lambdaform.local.provisioning.types.function import Function
from lambdaform.local.provisioning.types.layer_version import LayerVersion, LayerVersionPermission
from lambdaform.local.provisioning.types.permission import Permission
from lambdaform.local.provisioning.types.resource_policy import ResourcePolicy
from lambdaform.local.provisioning.types.url import Url
from lambdaform.local.provisioning.types.version import Version

#: In the order in which they are made: one refers to those before it.
_TYPES: tuple[type[ResourceType], ...] = (
    LayerVersion,
    LayerVersionPermission,
    CodeSigningConfig,
    Function,
    Version,
    Alias,
    # Before single statements, which it would take away.
    ResourcePolicy,
    Permission,
    EventInvokeConfig,
    Url,
    EventSourceMapping,
)


def resource_types(context: Context) -> list[ResourceType]:
    """All of them, in the order in which their resources are made."""
    return [kind(context) for kind in _TYPES]
