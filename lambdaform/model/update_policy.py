"""How an alias moves to a new version when its stack is updated.

A SAM function's ``deployment_preference`` says this in fewer words; this is for templates without SAM.

Source: AWS CloudFormation Template Reference, UpdatePolicy attribute.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field
from attrs.converters import optional

from lambdaform.model.code_deploy import CodeDeployApplication, DeploymentGroup
from lambdaform.model.definition import frozen
from lambdaform.model.function import FunctionSettings
from lambdaform.model.references import Ref
from lambdaform.model.resource import UpdatePolicy


def _application_name(application: CodeDeployApplication | str | Ref[str]) -> str | Ref[str]:
    return application.name if isinstance(application, CodeDeployApplication) else application


def _hook_name(function: FunctionSettings | str | Ref[str]) -> str | Ref[str]:
    return function.ref if isinstance(function, FunctionSettings) else function


def _group_name(group: DeploymentGroup | str | Ref[str]) -> str | Ref[str]:
    return group.name if isinstance(group, DeploymentGroup) else group


@frozen(kw_only=True)
class CodeDeployLambdaAliasUpdate(UpdatePolicy):
    """An alias's ``update_policy``: CodeDeploy moves it to a new version, and hooks decide whether it goes on."""

    NAME: ClassVar[str] = "CodeDeployLambdaAliasUpdate"

    application_name: str | Ref[str] = field(
        converter=_application_name,
        metadata={"shorthand": "a CodeDeployApplication, its name or a reference"},
    )
    deployment_group_name: str | Ref[str] = field(
        converter=_group_name, metadata={"shorthand": "a DeploymentGroup, its name or a reference"}
    )
    before_allow_traffic_hook: str | Ref[str] | None = field(default=None, converter=optional(_hook_name))
    after_allow_traffic_hook: str | Ref[str] | None = field(default=None, converter=optional(_hook_name))
