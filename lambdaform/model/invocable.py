"""What functions, their versions and their aliases have in common: others may be let invoke them.

Source: AWS Lambda Developer Guide, access-control-resource-based.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource

if TYPE_CHECKING:
    from lambdaform.model.awslambda import Permission


@frozen(kw_only=True)
class Invocable(Resource):
    """A function, a version or an alias. Not a resource type by itself."""

    def allow_invoke_from(
        self,
        source: Resource | str | None = None,
        *,
        logical_id: str | None = None,
        source_arn: Resource | str | Ref[str] | None = None,
        source_account: str | Ref[str] | None = None,
        organization: str | Ref[str] | None = None,
    ) -> Permission:
        """The permission to add to the stack for a source: ``stack.add(fn.allow_invoke_from(topic))``.

        It may then invoke the function, or the version or alias that this is asked of.
        ``source`` is a Topic, Bucket, Rule, LogGroup, API or other resource, whose service may then invoke for it
        alone; an account's 12 digits; the ARN of a role or user; or a service with ``source_arn`` or
        ``source_account``. ``organization`` lets in the accounts of an AWS organization.
        """
        from lambdaform.model.invokers import permission_for

        return permission_for(
            self,
            source,
            logical_id=logical_id,
            source_arn=source_arn,
            source_account=source_account,
            organization=organization,
        )
