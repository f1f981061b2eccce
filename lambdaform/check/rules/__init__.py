"""The rules by group: what one value may be, how resources relate, permissions, and good practice."""

from lambdaform.check.rules import code, permissions, practice, relations, values

__all__ = ["code", "permissions", "practice", "relations", "values"]
