"""Who may reach a REST API, or one of its paths, as SAM's short form of a resource policy.

Source: SAM Developer Guide, ResourcePolicyStatement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape

_Texts = Sequence[str | Ref[str]] | str


@frozen(kw_only=True)
class ApiResourcePolicy(Shape):
    """Accounts, address ranges, VPCs and VPC endpoints that are let in or kept out.

    ``intrinsic_…`` takes references to VPCs and endpoints, ``source_vpc_…`` their ids.
    """

    custom_statements: Sequence[Mapping[str, Any] | str | Ref[Any]] | Mapping[str, Any] | Ref[Any] | None = (
        None
    )
    aws_account_whitelist: _Texts | Ref[Any] | None = None
    aws_account_blacklist: _Texts | Ref[Any] | None = None
    ip_range_whitelist: _Texts | Ref[Any] | None = None
    ip_range_blacklist: _Texts | Ref[Any] | None = None
    intrinsic_vpc_whitelist: _Texts | Ref[Any] | None = None
    intrinsic_vpc_blacklist: _Texts | Ref[Any] | None = None
    intrinsic_vpce_whitelist: _Texts | Ref[Any] | None = None
    intrinsic_vpce_blacklist: _Texts | Ref[Any] | None = None
    source_vpc_whitelist: _Texts | Ref[Any] | None = None
    source_vpc_blacklist: _Texts | Ref[Any] | None = None
