"""A quote service that gives a new version a tenth of its traffic first, and goes back by itself when it fails."""

from lambdaform import (
    Alarm,
    Allow,
    Canary,
    DeploymentPreference,
    Function,
    Hooks,
    Runtime,
    Stack,
    ref,
)

stack = Stack("quotes", description="Quotes for insurances")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", timeout=10)

failing = stack.add(
    Alarm(
        "QuoteErrors",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": ref("Quote")},
        statistic="Sum",
        period=60,
        evaluation_periods=1,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
    )
)
smoke = stack.add(
    Function(
        "Smoke",
        function_name="CodeDeployHook_quotes_smoke",
        handler="smoke.handler",
        environment={"NEW_VERSION": ref("Quote.Version")},
        policies=[
            Allow("lambda:InvokeFunction", on=ref("Quote.Version")),
            Allow("codedeploy:PutLifecycleEventHookExecutionStatus", on="*"),
        ],
    )
)
stack.add(
    Function(
        "Quote",
        handler="quote.handler",
        auto_publish_alias="live",
        deployment_preference=DeploymentPreference(
            Canary(percent=10, minutes=5), alarms=[failing], hooks=Hooks(pre_traffic=smoke)
        ),
    )
)
