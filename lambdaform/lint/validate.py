"""AWS CloudFormation Validate over a template. Its ids are cfn-lint's where it has the same rule, with F for what is fatal.

It is asked about expanded templates only: of SAM's own references (``!Ref Fn.Version``) it says that they dangle.

Source: PyPI, cloudformation-validate 1.14, README.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level
from lambdaform.lint.remark import Remark

_URL = "https://pypi.org/project/cloudformation-validate/"
_SECTIONS = {
    "RESOURCE": "Resources",
    "PARAMETER": "Parameters",
    "OUTPUT": "Outputs",
    "MAPPING": "Mappings",
    "CONDITION": "Conditions",
    "RULE": "Rules",
}


def is_installed() -> bool:
    """Whether there is CloudFormation Validate; it is not there for every machine."""
    return importlib.util.find_spec("cloudformation_validate") is not None


def remarks(template: Mapping[str, Any], region: str) -> Iterator[Remark]:
    """What it says is wrong in a template; its advice (tags and context on each resource) is left to others."""
    from cloudformation_validate import (
        CelEngine,
        PseudoParameterOverrides,
        Severity,
        TemplateContent,
        ValidateConfig,
    )

    config = ValidateConfig(pseudo_parameter_overrides=PseudoParameterOverrides(region=region))
    report = CelEngine().validate_template(TemplateContent(json.dumps(template), "template.json"), config)
    for each in report.diagnostics:
        if each.severity not in (Severity.FATAL, Severity.ERROR):
            continue
        path: tuple[str | int, ...] = ()
        if each.entity is not None and each.entity.entity_type.name in _SECTIONS:
            path = (_SECTIONS[each.entity.entity_type.name], each.entity.logical_id)
        inside = each.property_path.split(".") if each.property_path else ()
        yield Remark(
            "cloudformation-validate",
            each.rule_id,
            Level.ERROR,
            each.message,
            (*path, *(int(step) if step.isdigit() else step for step in inside)),
            each.rule_description or each.rule_id,
            each.documentation_url or _URL,
        )
