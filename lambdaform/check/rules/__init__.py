"""The rules by group: values, names, relations, permissions, roles, practice, code, handlers, size, profile, suppressions."""

from lambdaform.check.rules import (
    code,
    crossing,
    delivery,
    handlers,
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
    "crossing",
    "delivery",
    "handlers",
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
