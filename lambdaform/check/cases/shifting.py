"""The cases of `lambdaform.check.rules.shifting`: aliases and how their traffic shifts."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    ALARM,
    MARK,
    VERSION,
    alias,
    function,
    plain_function,
    resource,
    template,
    twins,
)

SHIFT = "{Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
ANSWER = (
    "Policies: [{Statement: [{Effect: Allow, Action: 'codedeploy:PutLifecycleEventHookExecutionStatus', "
    "Resource: '*'}]}]"
)

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
            function(f"FunctionName: smoke  # wrong\n{ANSWER}", "Hook"),
        ),
        "CodeDeployHook_",
        template(
            function(
                "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: {PreTraffic: !Ref Hook}}"
            ),
            function(f"FunctionName: CodeDeployHook_smoke\n{ANSWER}", "Hook"),
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
    twins(
        "LF235",
        template(
            function("AutoPublishAlias: live"),
            alias("Name: live  # wrong\nFunctionVersion: '3'"),
        ),
        "AutoPublishAlias has",
        ("Name: live\n      FunctionVersion", "Name: other\n      FunctionVersion"),
    ),
    twins(
        "LF236",
        template(plain_function(), VERSION, alias("Name: live\nFunctionVersion: !Ref Version  # wrong")),
        "Version.Version",
        ("FunctionVersion: !Ref Version", "FunctionVersion: !GetAtt Version.Version"),
    ),
    twins(
        "LF236",
        template(plain_function(), alias("Name: live\nFunctionVersion: newest  # wrong")),
        "a number",
        ("newest", "'3'"),
        name="word",
    ),
    twins(
        "LF237",
        template(
            ALARM,
            resource("Topic", "AWS::SNS::Topic"),
            function(
                "AutoPublishAlias: live\nDeploymentPreference:\n  Type: AllAtOnce\n  Alarms:\n  - !Ref Topic  # wrong"
            ),
        ),
        "It must be an AWS::CloudWatch::Alarm",
        ("!Ref Topic", "!Ref Alarm"),
    ),
    twins(
        "LF238",
        template(
            function(f"AutoPublishAlias: live\nDeploymentPreference: {SHIFT}"),
            function("FunctionName: CodeDeployHook_smoke", "Hook", MARK),
        ),
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        ("FunctionName: CodeDeployHook_smoke", f"FunctionName: CodeDeployHook_smoke\n      {ANSWER}"),
    ),
    twins(
        "LF239",
        template(
            function(), function("Environment:\n  Variables:\n    PEER: !Ref Fn.Alias  # wrong", "Other")
        ),
        "has no AutoPublishAlias",
        ("Fn.Alias", "Fn"),
    ),
]
