"""Who asks for something: a service, a user or role, an account, or somebody unknown.

Source: AWS IAM User Guide, reference_policies_elements_principal; AWS Lambda Developer Guide,
permissions-function-services and permissions-function-cross-account.
"""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Caller:
    """One caller; nobody known where neither ``service`` nor ``arn`` is given.

    ``service`` is its principal (``events.amazonaws.com``); it acts for ``source_arn``, a resource of
    ``source_account``. ``arn`` is a user's, a role's or an account's (``arn:aws:iam::123456789012:root``).
    """

    service: str | None = None
    arn: str | None = None
    source_arn: str | None = None
    source_account: str | None = None
    organization: str | None = None
    event_source_token: str | None = None
    source_ip: str | None = None

    @property
    def account(self) -> str | None:
        """The account that a user, a role or an account is of."""
        return self.arn.split(":")[4] if self.arn is not None else None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.service or self.arn or "anonymous"

    @property
    def principal(self) -> str:
        """What ``aws lambda add-permission --principal`` takes for it."""
        if self.arn is not None and self.arn.endswith(":root"):
            return self.arn.split(":")[4]
        return self.service or self.role or self.arn or "'*'"

    @property
    def role(self) -> str | None:
        """The role that a session is of: policies name that, not the session."""
        parts = (self.arn or "").split(":", 5)
        if len(parts) != 6 or not parts[5].startswith("assumed-role/"):
            return None
        return f"{':'.join(parts[:2])}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"
