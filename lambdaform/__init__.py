"""lambdaform: an AWS Lambda application as one typed Python value.

The names below are the whole of the public surface for defining applications. Each is imported when it is
first used, so that a small application does not pay for a large model; ``__init__.pyi`` has them for type checkers.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "errors": "DefinitionError LambdaformError LocalError UsageError",
    "facts.runtimes": "Runtime",
    "model.alarm": (
        "ActionConfiguration Alarm AlarmTagsPropagation CompositeAlarm Dashboard Dimension "
        "EvaluationWindow Metric MetricDataQuery MetricStat"
    ),
    "model.awslambda": (
        "Alias AllowedPublishers AmazonManagedKafkaEventSourceConfig Code CodeSigningConfig "
        "CodeSigningPolicies DeadLetterConfig Destination DocumentDBEventSourceConfig EventSourceMapping "
        "KafkaEndpoints LambdaDestinationConfig LambdaEventInvokeConfig LambdaFunction LambdaLayer "
        "LambdaResourcePolicy LambdaUrl LayerContent LayerVersionPermission Permission RoutingConfig "
        "SelfManagedEventSource SelfManagedKafkaEventSourceConfig TracingConfig Version VersionWeight"
    ),
    "model.bucket": (
        "AbortIncompleteMultipartUpload AccelerateConfiguration Bucket BucketEncryption BucketPolicy "
        "CorsConfiguration CorsRule EventBridgeConfiguration LambdaConfiguration LifecycleConfiguration "
        "LifecycleRule LoggingConfiguration NoncurrentVersionExpiration NoncurrentVersionTransition "
        "NotificationConfiguration OwnershipControls OwnershipControlsRule "
        "PublicAccessBlockConfiguration QueueConfiguration ServerSideEncryptionByDefault "
        "ServerSideEncryptionRule TagFilter TopicConfiguration Transition VersioningConfiguration "
        "WebsiteConfiguration"
    ),
    "model.cloudformation": "CustomResource Macro NestedStack WaitCondition WaitConditionHandle",
    "model.code_deploy": (
        "AlarmConfiguration AutoRollbackConfiguration CodeDeployApplication DeploymentAlarm "
        "DeploymentConfig DeploymentGroup DeploymentStyle MinimumHealthyHosts TimeBasedCanary "
        "TimeBasedLinear TrafficRoutingConfig TriggerConfig"
    ),
    "model.deployment": "ALL_AT_ONCE Canary DeploymentPreference Hooks Linear",
    "model.events": "RawEvent ScalingConfig ScheduleEvent SqsEvent",
    "model.function": "Environment EphemeralStorage Function VpcConfig",
    "model.iam": (
        "Allow Deny InlinePolicy ManagedPolicy Policy PolicyDocument PolicyTemplate Role RolePolicy "
        "Statement Trust"
    ),
    "model.layer": "Layer",
    "model.log_group": (
        "LogGroup LogStream MetricDimension MetricFilter MetricTransformation SubscriptionFilter"
    ),
    "model.managed_instances": (
        "CapacityProviderLoggingConfig CapacityProviderPermissionsConfig CapacityProviderScalingConfig "
        "CapacityProviderTelemetryConfig CapacityProviderVpcConfig InstanceRequirements "
        "LambdaCapacityProvider PropagateTagsConfig TargetTrackingScalingPolicy"
    ),
    "model.microvm": (
        "CloudWatchLogging CodeArtifact CpuConfiguration EnvironmentVariable LambdaMicrovmImage MicrovmHooks "
        "MicrovmImageHookConfig MicrovmImageHooks MicrovmLogging LambdaNetworkConnector MicrovmResources "
        "NetworkConnectorConfiguration VpcEgressConfiguration"
    ),
    "model.queue": (
        "DeadLetterQueue DeliveryStatusLogging Queue QueueInlinePolicy QueuePolicy RedriveAllowPolicy "
        "RedrivePolicy Topic TopicSubscription"
    ),
    "model.references": (
        "Aws Condition Ref and_ base64 cidr contains each_member_equals each_member_in equals "
        "find_in_map get_att get_azs get_stack_output if_ import_value join length not_ or_ ref ref_all "
        "select split sub to_json_string transform value_of value_of_all"
    ),
    "model.resource": "RawResource Resource Tag UpdatePolicy",
    "model.rule": (
        "AppSyncParameters Archive BusLogConfig EventBus EventBusPolicy EventBusPolicyCondition "
        "HttpParameters InputTransformer RetryPolicy Rule RuleDeadLetterConfig RuleKinesisParameters "
        "RuleSqsParameters RuleTarget"
    ),
    "model.s3_filter": "FilterRule NotificationFilter S3KeyFilter",
    "model.schedule": (
        "EventBridgeParameters FlexibleTimeWindow Schedule ScheduleDeadLetterConfig ScheduleGroup "
        "ScheduleKinesisParameters ScheduleSqsParameters ScheduleTarget"
    ),
    "model.schedule_expression": "at cron rate",
    "model.stack": "Assertion Output Parameter ParameterRule Stack",
    "model.stream": "Stream StreamConsumer StreamEncryption StreamModeDetails",
    "model.subscription": "Subscription SubscriptionRedrivePolicy TopicInlinePolicy TopicPolicy",
    "model.table": (
        "AttributeDefinition ContributorInsightsSpecification GlobalSecondaryIndex KeySchema "
        "KinesisStreamSpecification LocalSecondaryIndex OnDemandThroughput "
        "PointInTimeRecoverySpecification PrimaryKey Projection ProvisionedThroughput SSESpecification "
        "SimpleTable StreamSpecification Table TableResourcePolicy TimeToLiveSpecification "
        "VectorAttribute VectorIndex WarmThroughput"
    ),
    "model.troposphere_resource": "TroposphereResource",
    "model.update_policy": "CodeDeployLambdaAliasUpdate",
    "model.web_function": (
        "LambdaWebFunction RevisionWeight WebFunctionBuildConfig WebFunctionCodeConfig WebFunctionEndpoint "
        "WebFunctionLoggingConfig WebFunctionRevision WebFunctionRuntimeConfig WebFunctionS3Object "
        "WebFunctionScalingConfig WebFunctionServiceConfig WebFunctionTelemetryConfig "
        "WebFunctionThrottleConfig"
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(["__version__", *_HOME_OF])


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
