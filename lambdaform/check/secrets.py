"""Whether a text is plainly a secret: the value of a variable, by what it looks like or by what it is called.

Source: AWS Lambda Developer Guide, configuration-envvars: do not store sensitive data in environment variables; the
forms of keys are those that their issuers document for scanners.
"""

from __future__ import annotations

import re

#: What looks like a secret, by what it is.
_FORMS = {
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a Stripe key": re.compile(r"\b[sr]k_(live|test)_[0-9A-Za-z]{16,}"),
    "a GitHub token": re.compile(r"\b(gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{40,})"),
    "a Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
    "a Google API key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a JSON web token": re.compile(r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]+"),
    "an address with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@$<{]+:[^\s/:@$<{]+@"),
}
_NAMES = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|"
    r"CREDENTIALS?|DB_?PASS)$|(PASSWORD|APIKEY|SECRETKEY)$",
    re.IGNORECASE,
)
#: Values that name where a secret is, or that it is switched on, and are none themselves.
_ELSEWHERE = re.compile(
    r"|true|false|yes|no|none|null|\d{1,3}|arn:.*|/.*|\{\{resolve:.*|ssm:.*|https?://.*|s3://.*|alias/.*|"
    r"[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)+|.*\$\{.*|<.*>|x+|\*+|(your|change|replace|todo|example|dummy|placeholder).*",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def secret_in(name: str, value: str) -> str | None:
    """What kind of secret a variable's value plainly is, or None."""
    for kind, form in _FORMS.items():
        if form.search(value):
            return kind
    if named_like_a_secret(name) and not _ELSEWHERE.fullmatch(value):
        return "a secret, to judge by its name"
    return None


def named_like_a_secret(name: str) -> bool:
    """Whether a name says that its value is a secret (``DB_PASSWORD``, ``dbPassword``, ``ApiKey``)."""
    return bool(_NAMES.search(_WORDS.sub("_", name)))
