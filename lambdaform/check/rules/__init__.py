"""The rules by group: values, names, relations, permissions, roles, practice, code, size, profile, suppressions."""

from lambdaform.check.rules import (
    code,
    delivery,
    names,
    network,
    permissions,
    polling,
    practice,
    profile,
    relations,
    roles,
    shifting,
    size,
    suppressions,
    values,
)

__all__ = [
    "code",
    "delivery",
    "names",
    "network",
    "permissions",
    "polling",
    "practice",
    "profile",
    "relations",
    "roles",
    "shifting",
    "size",
    "suppressions",
    "values",
]
