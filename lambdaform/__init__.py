"""lambdaform: an AWS Lambda application as one typed Python value.

The names below are the whole of the public surface for defining applications. Each is imported when it is
first used, so that a small application does not pay for a large model; ``__init__.pyi`` has them for type checkers.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_HOMES = {
    "errors": "DefinitionError LambdaformError LocalError PayloadError UsageError",
    "facts.runtimes": "Runtime",
    "model.alarm": (
        "ActionConfiguration Alarm AlarmTagsPropagation CompositeAlarm Dashboard Dimension "
        "EvaluationCriteria EvaluationWindow Metric MetricDataQuery MetricStat PromQLCriteria "
        "WallClockWindow WarmUpConfiguration"
    ),
    "model.api": (
        "Api ApiCors CanarySetting EndpointConfiguration GatewayResponse GatewayResponseParameters "
        "MethodSetting"
    ),
    "model.api_auth": (
        "ApiAuth ApiUsagePlan CognitoAuthorizer CognitoAuthorizerIdentity LambdaRequestAuthorizer "
        "LambdaRequestAuthorizerIdentity LambdaTokenAuthorizer LambdaTokenAuthorizerIdentity "
        "QuotaSettings ThrottleSettings"
    ),
    "model.api_domain": (
        "AccessAssociation ApiDomain ApiRoute53Configuration HttpApiDomain MutualTlsAuthentication "
        "Route53Configuration"
    ),
    "model.api_events": (
        "ApiEvent ApiFunctionAuth HttpApiEvent HttpApiFunctionAuth RequestModel RequestParameter"
    ),
    "model.api_policy": "ApiResourcePolicy",
    "model.application": "Application ApplicationLocation",
    "model.asynchronous": "EventInvokeConfig EventInvokeDestination EventInvokeDestinationConfig",
    "model.awslambda": (
        "Alias AllowedPublishers AmazonManagedKafkaEventSourceConfig Code CodeSigningConfig "
        "CodeSigningPolicies DeadLetterConfig Destination DocumentDBEventSourceConfig EventSourceMapping "
        "KafkaEndpoints LambdaDestinationConfig LambdaEventInvokeConfig LambdaFunction LambdaLayer "
        "LambdaResourcePolicy LambdaUrl LayerContent LayerVersionPermission Permission RoutingConfig "
        "SelfManagedEventSource SelfManagedKafkaEventSourceConfig TracingConfig Version VersionWeight"
    ),
    "model.bucket": (
        "AbortIncompleteMultipartUpload AccelerateConfiguration BlockedEncryptionTypes Bucket "
        "BucketEncryption BucketPolicy CorsConfiguration CorsRule DefaultRetention "
        "EventBridgeConfiguration LambdaConfiguration LifecycleConfiguration LifecycleRule "
        "LoggingConfiguration NoncurrentVersionExpiration NoncurrentVersionTransition "
        "NotificationConfiguration ObjectLockConfiguration ObjectLockRule OwnershipControls "
        "OwnershipControlsRule PublicAccessBlockConfiguration QueueConfiguration RedirectAllRequestsTo "
        "RedirectRule RoutingRule RoutingRuleCondition ServerSideEncryptionByDefault "
        "ServerSideEncryptionRule TagFilter TopicConfiguration Transition VersioningConfiguration "
        "WebsiteConfiguration"
    ),
    "model.capacity_provider": (
        "CapacityProvider ManagedResourceTags ProviderInstanceRequirements ProviderScalingConfig "
        "ProviderVpcConfig"
    ),
    "model.cloudformation": "CustomResource Macro NestedStack WaitCondition WaitConditionHandle",
    "model.code_deploy": (
        "AlarmConfiguration AutoRollbackConfiguration CodeDeployApplication DeploymentAlarm "
        "DeploymentConfig DeploymentGroup DeploymentStyle MinimumHealthyHosts TimeBasedCanary "
        "TimeBasedLinear TrafficRoutingConfig"
    ),
    "model.code_folder": "CodeFolder",
    "model.connector": "Connector",
    "model.delivery": "EventDeadLetterConfig EventTarget",
    "model.deployment": "ALL_AT_ONCE Canary DeploymentPreference Hooks Linear TriggerConfig",
    "model.dynamic_references": "secret ssm",
    "model.embedded_connector": "EmbeddedConnector ResourceReference SourceReference",
    "model.estimate": "Estimate StackEstimate estimate",
    "model.event": "Event FunctionEvent RawEvent StateMachineEvent",
    "model.execution_role": "execution_role",
    "model.function": "Environment EphemeralStorage Function VpcConfig",
    "model.function_parts": (
        "CapacityProviderConfig DurableConfig FileSystemConfig FunctionScalingConfig ImageConfig "
        "LambdaCapacityProviderConfig LambdaManagedInstancesCapacityProviderConfig LoggingConfig "
        "ProvisionedConcurrencyConfig RuntimeManagementConfig S3FilesConfig SnapStart TenancyConfig"
    ),
    "model.function_url": "FunctionUrlConfig FunctionUrlCors",
    "model.graphql_api": (
        "DataSources DeltaSync DynamoDBDataSource GraphQLApi GraphQLApiKey GraphQLAuth GraphQLAuthorizer "
        "GraphQLCache GraphQLCaching GraphQLDomainName GraphQLFunction GraphQLLambdaAuthorizer "
        "GraphQLLogging GraphQLResolver GraphQLRuntime GraphQLSync LambdaConflictHandlerConfig "
        "LambdaDataSource OpenIDConnectConfig UserPoolConfig"
    ),
    "model.http_api": (
        "HttpApi HttpApiAuth HttpApiCors HttpApiLambdaAuthorizer HttpApiLambdaAuthorizerIdentity "
        "JwtConfiguration OAuth2Authorizer"
    ),
    "model.iam": (
        "Allow Deny InlinePolicy ManagedPolicy Policy PolicyDocument PolicyTemplate Role RolePolicy "
        "Statement Trust"
    ),
    "model.layer": "Layer",
    "model.location": "CodeLocation S3Location",
    "model.log_group": (
        "LogGroup LogStream MetricDimension MetricFilter MetricTransformation SubscriptionFilter"
    ),
    "model.managed_instances": (
        "CapacityProviderLoggingConfig CapacityProviderPermissionsConfig CapacityProviderScalingConfig "
        "CapacityProviderTelemetryConfig CapacityProviderVpcConfig InstanceRequirements "
        "LambdaCapacityProvider PropagateTagsConfig TargetTrackingScalingPolicy"
    ),
    "model.microvm": (
        "CloudWatchLogging CodeArtifact CpuConfiguration EnvironmentVariable LambdaMicrovmImage "
        "MicrovmHooks MicrovmImageHookConfig MicrovmImageHooks MicrovmLogging LambdaNetworkConnector "
        "MicrovmResources NetworkConnectorConfiguration VpcEgressConfiguration"
    ),
    "model.microvm_image": "MicrovmImage",
    "model.network_connector": "NetworkConnector NetworkConnectorVpcConfig",
    "model.poll_events": (
        "DocumentDBEvent DynamoDBEvent KinesisEvent MqEvent MskEvent SelfManagedKafkaEvent SqsEvent"
    ),
    "model.polling": (
        "DestinationConfig Filter FilterCriteria MetricsConfig OnFailure PollerLoggingConfig "
        "ProvisionedPollerConfig ScalingConfig SchemaRegistryAccessConfig SchemaRegistryConfig "
        "SchemaValidationConfig SourceAccessConfiguration"
    ),
    "model.push_events": (
        "AlexaSkillEvent CloudWatchLogsEvent CognitoEvent IoTRuleEvent S3Event SnsEvent SqsSubscription"
    ),
    "model.price": "Price",
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
    "model.route_settings": "AccessLogSettings RouteSettings",
    "model.rule": (
        "AppSyncParameters Archive BusLogConfig EventBus EventBusPolicy EventBusPolicyCondition "
        "HttpParameters InputTransformer RetryPolicy Rule RuleDeadLetterConfig RuleKinesisParameters "
        "RuleSqsParameters RuleTarget"
    ),
    "model.rule_events": "CloudWatchEvent EventBridgeRuleEvent",
    "model.s3_filter": "FilterRule NotificationFilter S3KeyFilter",
    "model.sam_web_function": "WebFunction",
    "model.schedule": (
        "EventBridgeParameters FlexibleTimeWindow Schedule ScheduleDeadLetterConfig ScheduleGroup "
        "ScheduleKinesisParameters ScheduleSqsParameters ScheduleTarget"
    ),
    "model.schedule_events": "ScheduleEvent ScheduleV2Event",
    "model.schedule_expression": "at cron rate",
    "model.scope": "Scope",
    "model.sections": "Assertion Output Parameter ParameterRule",
    "model.stack": "Stack",
    "model.state_machine": (
        "CloudWatchLogsLogGroup LogDestination StateMachine StateMachineDeploymentPreference "
        "StateMachineLogging StateMachineTracing"
    ),
    "model.stream": "Stream StreamConsumer StreamEncryption StreamModeDetails",
    "model.subscription": "Subscription SubscriptionRedrivePolicy TopicInlinePolicy TopicPolicy",
    "model.table": (
        "AttributeDefinition ContributorInsightsSpecification GlobalSecondaryIndex "
        "ImportSourceSpecification KeySchema KinesisStreamSpecification LocalSecondaryIndex "
        "OnDemandThroughput PointInTimeRecoverySpecification PrimaryKey Projection ProvisionedThroughput "
        "S3BucketSource SSESpecification SearchSchemaElement SimpleTable StreamSpecification Table "
        "TableResourcePolicy TimeToLiveSpecification VectorAttribute VectorIndex WarmThroughput"
    ),
    "model.traffic": "Traffic",
    "model.troposphere_resource": "TroposphereResource",
    "model.update_policy": "CodeDeployLambdaAliasUpdate",
    "model.web_function": (
        "LambdaWebFunction RevisionWeight WebFunctionBuildConfig WebFunctionCodeConfig "
        "WebFunctionEndpoint WebFunctionLoggingConfig WebFunctionRevision WebFunctionRuntimeConfig "
        "WebFunctionS3Object WebFunctionScalingConfig WebFunctionServiceConfig "
        "WebFunctionTelemetryConfig WebFunctionThrottleConfig"
    ),
    "model.websocket_api": "WebSocketApi WebSocketAuth WebSocketRoute",
}
#: Modules that are used as such: ``policies.dynamodb_crud(table)``, ``grants.read(secret)``.
_MODULES = {"grants": "model.grants", "payloads": "payloads", "policies": "model.policies"}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(["__version__", *_MODULES, *_HOME_OF])


def __getattr__(name: str) -> object:
    value: object
    if name in _MODULES:
        value = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    elif name in _HOME_OF:
        value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
