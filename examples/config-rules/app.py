"""An inspector: AWS Config asks after each change whether a volume is encrypted."""

from troposphere import config

from lambdaform import Allow, Aws, Function, Permission, Runtime, Stack

stack = Stack("inspector", description="Inspects volumes")

inspect = stack.add(
    Function(
        "Inspect",
        runtime=Runtime.PYTHON_3_13,
        handler="inspect_volume.handler",
        code_uri="src",
        timeout=30,
        policies=[Allow("config:PutEvaluations", on="*")],
    )
)
permission = stack.add(
    Permission(
        "ConfigMayInvoke",
        function_name=inspect,
        principal="config.amazonaws.com",
        source_account=Aws.ACCOUNT_ID,
    )
)
stack.add(
    config.ConfigRule(
        "VolumesAreEncrypted",
        Scope=config.Scope(ComplianceResourceTypes=["AWS::EC2::Volume"]),
        Source=config.Source(
            Owner="CUSTOM_LAMBDA",
            SourceIdentifier=inspect.arn,
            SourceDetails=[
                config.SourceDetails(
                    EventSource="aws.config", MessageType="ConfigurationItemChangeNotification"
                )
            ],
        ),
        DependsOn=permission.logical_id,
    )
)
