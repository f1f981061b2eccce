"""The rules by group: one value, names and settings, relations, permissions, roles, practice, code, size, profile."""

from lambdaform.check.rules import (
    code,
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
    values,
)

__all__ = [
    "code",
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
    "values",
]
