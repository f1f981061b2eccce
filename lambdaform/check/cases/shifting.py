"""The cases of `lambdaform.check.rules.shifting`: aliases and how their traffic shifts."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import VERSION, alias, function, plain_function, template

CASES = [
    Case(
        "LF204",
        template(function("DeploymentPreference: {Type: AllAtOnce}  # wrong")),
        "auto_publish_alias",
        template(function("AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce}")),
    ),
    Case(
        "LF209",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: $LATEST  # wrong
                RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '1', FunctionWeight: 0.1}]}
                """
            ),
        ),
        "$LATEST",
        template(plain_function(), alias("Name: live\nFunctionVersion: $LATEST")),
    ),
    Case(
        "LF210",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
            ),
            function("FunctionName: smoke  # wrong", "Hook"),
        ),
        "CodeDeployHook_",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
            ),
            function("FunctionName: CodeDeployHook_smoke", "Hook"),
        ),
    ),
    Case(
        "LF231",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference:\n  Type: Canary10Percent7Minutes  # wrong"
            )
        ),
        "Did you mean Canary10Percent5Minutes?",
        template(function("AutoPublishAlias: live\nDeploymentPreference: {Type: Canary10Percent5Minutes}")),
    ),
    Case(
        "LF232",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: '3'
                RoutingConfig:
                  AdditionalVersionWeights:
                  - FunctionVersion: '3'  # wrong
                    FunctionWeight: 0.1
                """
            ),
        ),
        "the same version",
        template(
            plain_function(),
            alias(
                """
                Name: live
                FunctionVersion: '3'
                RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '4', FunctionWeight: 0.1}]}
                """
            ),
        ),
    ),
    Case(
        "LF233",
        template(
            plain_function(),
            plain_function(name="Other"),
            VERSION.replace("!Ref Fn", "!Ref Other"),
            alias("Name: live\nFunctionVersion: !GetAtt Version.Version  # wrong"),
        ),
        "a version of 'Other'",
        template(plain_function(), VERSION, alias("Name: live\nFunctionVersion: !GetAtt Version.Version")),
    ),
]
