"""The actions that IAM policies can name, by service, as they were known at the table's date.

Not what each action allows. A service or action that came later is not in the table, so that something is
missing there is no proof of a mistake; a near match is.

Source: AWS Service Authorization Reference, carried in ``schemas/iam_actions.json``.
"""

from __future__ import annotations

import difflib
import fnmatch
from functools import cache

from lambdaform.facts.schemas import read_schema

#: Operations of the APIs that a policy grants under another name.
_GRANTED_AS = {
    "lambda:invoke": "lambda:InvokeFunction",
    "s3:copyobject": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "sns:publishbatch": "sns:Publish",
    "sqs:deletemessagebatch": "sqs:DeleteMessage",
    "sqs:sendmessagebatch": "sqs:SendMessage",
}


@cache
def _table() -> dict[str, str]:
    actions: dict[str, str] = read_schema("iam_actions.json")["actions"]
    return actions


@cache
def actions_of(service: str) -> frozenset[str]:
    """The actions of a service (``s3``), in lower case, for IAM does not tell cases apart; empty where unknown."""
    return frozenset(_table().get(service.lower(), "").lower().split())


def nearest_action(action: str) -> str | None:
    """The action that was meant by one that nothing answers to (``s3:GetObjet``), or None.

    None also where the action exists, where its wildcards match one that does, and where nothing is near.
    """
    service, separator, name = action.partition(":")
    if not separator or service == "*":
        return None
    known = actions_of(service)
    if not known:
        near = difflib.get_close_matches(service.lower(), _table(), n=1, cutoff=0.8)
        return f"{near[0]}:{name}" if near and name.lower() in actions_of(near[0]) else None
    wanted = name.lower()
    if wanted in known or (("*" in name or "?" in name) and fnmatch.filter(known, wanted)):
        return None
    if f"{service.lower()}:{wanted}" in _GRANTED_AS:
        return _GRANTED_AS[f"{service.lower()}:{wanted}"]
    found = difflib.get_close_matches(wanted, known, n=1, cutoff=0.8)
    if not found:
        return None
    spelled = {each.lower(): each for each in _table()[service.lower()].split()}
    return f"{service}:{spelled[found[0]]}"
