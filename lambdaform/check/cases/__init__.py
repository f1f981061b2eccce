"""The cases of all rules, by the modules of the rules. Imported by ``explain`` and the tests, never by ``check``."""

from lambdaform.check.case import Case
from lambdaform.check.cases import (
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

CASES: tuple[Case, ...] = (
    *code.CASES,
    *crossing.CASES,
    *delivery.CASES,
    *handlers.CASES,
    *names.CASES,
    *network.CASES,
    *permissions.CASES,
    *polling.CASES,
    *practice.CASES,
    *profile.CASES,
    *relations.CASES,
    *roles.CASES,
    *shifting.CASES,
    *size.CASES,
    *suppressions.CASES,
    *values.CASES,
)
