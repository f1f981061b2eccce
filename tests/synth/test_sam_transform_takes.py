"""AWS's own transform takes each resource, event and policy template of SAM as the model writes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import lambdaform as lf
from lambdaform import policies
from lambdaform.model.event import FunctionEvent, StateMachineEvent
from lambdaform.synth.sam_transform import transform
from lambdaform.synth.template import template_of

CODE = "def handler(event, context): return event"
CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/1a2b"
BROKER = "arn:aws:mq:eu-west-1:123456789012:broker:orders:b-1a2b"
DOCUMENTS = "arn:aws:rds:eu-west-1:123456789012:cluster:documents"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-1a2b"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1a2b"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1a2b"
ROLE = "arn:aws:iam::123456789012:role/worker"


def function(logical_id: str = "Worker", **properties: Any) -> lf.Function:
    return lf.Function(
        logical_id, runtime=lf.Runtime.PYTHON_3_13, handler="index.handler", inline_code=CODE, **properties
    )


def expanded(stack: lf.Stack) -> dict[str, Any]:
    resources: dict[str, Any] = transform(template_of(stack), region="eu-west-1")["Resources"]
    return resources


def types_of(resources: Mapping[str, Any]) -> set[str]:
    return {each["Type"] for each in resources.values()}


def pattern() -> dict[str, Any]:
    return {"source": ["shop"], "detail-type": ["OrderPlaced"]}


def retries() -> dict[str, Any]:
    return {
        "retry_policy": lf.RetryPolicy(maximum_event_age_in_seconds=300, maximum_retry_attempts=3),
        "dead_letter_config": lf.EventDeadLetterConfig(type="SQS", queue_logical_id="Lost"),
    }


def polled() -> dict[str, Any]:
    return {
        "batch_size": 10,
        "maximum_batching_window_in_seconds": 5,
        "enabled": True,
        "filter_criteria": [{"body": {"kind": ["order"]}}],
        "kms_key_arn": KEY,
    }


def streamed(stack: lf.Stack) -> dict[str, Any]:
    lost = stack.add(lf.Queue("Lost"))
    return {
        **polled(),
        "starting_position": "TRIM_HORIZON",
        "parallelization_factor": 2,
        "bisect_batch_on_function_error": True,
        "maximum_record_age_in_seconds": 3600,
        "maximum_retry_attempts": 3,
        "tumbling_window_in_seconds": 30,
        "function_response_types": ["ReportBatchItemFailures"],
        "destination_config": lf.DestinationConfig(lost),
        "metrics_config": lf.MetricsConfig(["EventCount"]),
    }


def kafka() -> dict[str, Any]:
    return {
        **polled(),
        "topics": ["orders"],
        "consumer_group_id": "workers",
        "starting_position": "LATEST",
        "source_access_configurations": [
            lf.SourceAccessConfiguration("SASL_SCRAM_512_AUTH", SECRET),
        ],
        "provisioned_poller_config": lf.ProvisionedPollerConfig(minimum_pollers=1, maximum_pollers=4),
        "schema_registry_config": lf.SchemaRegistryConfig(
            schema_registry_uri="https://registry.example.com",
            event_record_format="JSON",
            access_configs=[lf.SchemaRegistryAccessConfig("BASIC_AUTH", SECRET)],
            schema_validation_configs=[lf.SchemaValidationConfig("VALUE")],
        ),
    }


def user_pool(stack: lf.Stack) -> lf.RawResource:
    return stack.add(lf.RawResource("Pool", type="AWS::Cognito::UserPool"))


Make = Callable[[lf.Stack], Any]
BROKER_LOGIN = [lf.SourceAccessConfiguration("BASIC_AUTH", SECRET)]

FUNCTION_EVENTS: dict[str, Make] = {
    "S3": lambda stack: lf.S3Event(
        stack.add(lf.Bucket("Uploads")), events="s3:ObjectCreated:*", filter={"suffix": ".csv"}
    ),
    "SNS": lambda stack: lf.SnsEvent(
        stack.add(lf.Topic("Alerts")),
        filter_policy={"kind": ["urgent"]},
        filter_policy_scope="MessageBody",
        sqs_subscription=True,
    ),
    "SQS": lambda stack: lf.SqsEvent(
        stack.add(lf.Queue("Orders")),
        **polled(),
        function_response_types=["ReportBatchItemFailures"],
        scaling_config=lf.ScalingConfig(5),
        metrics_config=lf.MetricsConfig(["EventCount"]),
    ),
    "Kinesis": lambda stack: lf.KinesisEvent(stack.add(lf.Stream("Clicks")), **streamed(stack)),
    "DynamoDB": lambda stack: lf.DynamoDBEvent(
        stack.add(
            lf.Table(
                "Table",
                key_schema=[lf.KeySchema("id", "HASH")],
                attribute_definitions=[lf.AttributeDefinition("id", "S")],
                stream_specification=lf.StreamSpecification("NEW_IMAGE"),
            )
        ),
        **streamed(stack),
    ),
    "MSK": lambda stack: lf.MskEvent(CLUSTER, **kafka()),
    "SelfManagedKafka": lambda stack: lf.SelfManagedKafkaEvent(
        kafka_bootstrap_servers=["kafka.example.com:9092"], **kafka()
    ),
    "MQ": lambda stack: lf.MqEvent(
        BROKER,
        queues=["orders"],
        source_access_configurations=BROKER_LOGIN,
        secrets_manager_kms_key_id="1a2b",
        dynamic_policy_name=True,
        **polled(),
    ),
    "DocumentDB": lambda stack: lf.DocumentDBEvent(
        DOCUMENTS,
        database_name="shop",
        collection_name="orders",
        full_document="UpdateLookup",
        source_access_configurations=BROKER_LOGIN,
        starting_position="LATEST",
        secrets_manager_kms_key_id="1a2b",
        **polled(),
    ),
    "Api": lambda stack: lf.ApiEvent(
        "/orders",
        "post",
        rest_api_id=stack.add(
            lf.Api("Rest", stage_name="live", models={"Order": {"type": "object"}}, auth=lf.ApiAuth())
        ),
        auth=lf.ApiFunctionAuth(
            authorizer="AWS_IAM",
            api_key_required=True,
            invoke_role="NONE",
            resource_policy=lf.ApiResourcePolicy(ip_range_whitelist=["10.0.0.0/8"]),
        ),
        request_model=lf.RequestModel(model="Order", required=True, validate_body=True),
        request_parameters=[
            "method.request.header.Accept",
            {"method.request.querystring.page": lf.RequestParameter(required=True, caching=False)},
        ],
        timeout_in_millis=5000,
    ),
    "HttpApi": lambda stack: lf.HttpApiEvent(
        "/orders",
        "POST",
        api_id=stack.add(lf.HttpApi("Http", auth=lf.HttpApiAuth(enable_iam_authorizer=True))),
        auth=lf.HttpApiFunctionAuth(authorizer="AWS_IAM"),
        payload_format_version="2.0",
        timeout_in_millis=5000,
        route_settings=lf.RouteSettings(throttling_burst_limit=5, throttling_rate_limit=1.5),
    ),
    "Schedule": lambda stack: lf.ScheduleEvent(
        lf.rate(5, "minutes"), name="often", description="Often", state="ENABLED", input={"a": 1}, **retries()
    ),
    "ScheduleV2": lambda stack: lf.ScheduleV2Event(
        lf.cron("0 18 ? * MON-FRI *"),
        schedule_expression_timezone="Europe/Berlin",
        flexible_time_window=15,
        start_date="2030-01-01T00:00:00Z",
        end_date="2031-01-01T00:00:00Z",
        group_name="evenings",
        description="The day's report",
        state="DISABLED",
        input={"a": 1},
        kms_key_arn=KEY,
        permissions_boundary="arn:aws:iam::123456789012:policy/boundary",
        omit_name=True,
        **retries(),
    ),
    "CloudWatchEvent": lambda stack: lf.CloudWatchEvent(
        pattern(), event_bus_name="shop", state="ENABLED", input={"a": 1}
    ),
    "EventBridgeRule": lambda stack: lf.EventBridgeRuleEvent(
        pattern(),
        event_bus_name=stack.add(lf.EventBus("Bus", name="shop")),
        rule_name="placed",
        target=lf.EventTarget("Worker"),
        input_transformer=lf.InputTransformer(
            input_paths_map={"id": "$.detail.id"}, input_template='{"id": <id>}'
        ),
        **retries(),
    ),
    "CloudWatchLogs": lambda stack: lf.CloudWatchLogsEvent(
        stack.add(lf.LogGroup("Log", log_group_name="/shop/orders")), "ERROR"
    ),
    "IoTRule": lambda stack: lf.IoTRuleEvent("SELECT * FROM 'sensors/#'", aws_iot_sql_version="2016-03-23"),
    "AlexaSkill": lambda stack: lf.AlexaSkillEvent("amzn1.ask.skill.1a2b"),
    "Cognito": lambda stack: lf.CognitoEvent(user_pool(stack), trigger=["PreSignUp", "PostConfirmation"]),
}

STATE_MACHINE_EVENTS: dict[str, Make] = {
    "Schedule": lambda stack: lf.ScheduleEvent(
        lf.rate(5, "minutes"), target=lf.EventTarget("Steps"), role_arn=ROLE, **retries()
    ),
    "ScheduleV2": FUNCTION_EVENTS["ScheduleV2"],
    "CloudWatchEvent": lambda stack: lf.CloudWatchEvent(
        pattern(), event_bus_name="shop", input_path="$.detail"
    ),
    "EventBridgeRule": FUNCTION_EVENTS["EventBridgeRule"],
    "Api": lambda stack: lf.ApiEvent(
        "/orders",
        "post",
        rest_api_id=stack.add(lf.Api("Rest", stage_name="live")),
        unescape_mapping_template=True,
    ),
}


def test_there_is_an_example_of_every_event() -> None:
    from lambdaform.load.types import event_types

    kinds = {
        base: {kind for kind, cls in event_types().items() if issubclass(cls, base)}
        for base in (FunctionEvent, StateMachineEvent)
    }
    assert kinds == {
        FunctionEvent: FUNCTION_EVENTS.keys(),
        StateMachineEvent: STATE_MACHINE_EVENTS.keys(),
    }


@pytest.mark.parametrize("kind", sorted(FUNCTION_EVENTS))
def test_the_transform_takes_a_functions_event(kind: str) -> None:
    stack = lf.Stack("sample")
    event = FUNCTION_EVENTS[kind](stack)
    stack.add(function(events={"Event": event}))
    assert "AWS::Lambda::Function" in types_of(expanded(stack))


@pytest.mark.parametrize("kind", sorted(STATE_MACHINE_EVENTS))
def test_the_transform_takes_a_state_machines_event(kind: str) -> None:
    stack = lf.Stack("sample")
    event = STATE_MACHINE_EVENTS[kind](stack)
    stack.add(lf.StateMachine("Steps", definition={"StartAt": "A"}, role=ROLE, events={"Event": event}))
    assert "AWS::StepFunctions::StateMachine" in types_of(expanded(stack))


def whole_function(stack: lf.Stack) -> None:
    lost = stack.add(lf.Queue("Lost"))
    heard = stack.add(lf.Topic("Heard"))
    stack.add(
        function(
            function_name="worker",
            description="Works",
            architectures=["arm64"],
            memory_size=512,
            timeout=10,
            ephemeral_storage=1024,
            environment={"NAME": "value"},
            kms_key_arn=KEY,
            layers=[stack.add(lf.Layer("Shared", content_uri="s3://bucket/layer.zip"))],
            vpc_config=lf.VpcConfig(subnet_ids=["subnet-1a"], security_group_ids=["sg-1a"]),
            file_system_configs=[
                lf.FileSystemConfig(
                    "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0",
                    "/mnt/data",
                )
            ],
            reserved_concurrent_executions=5,
            code_signing_config_arn="arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-1a2b3c4d5e6f7a8b9",
            logging_config=lf.LoggingConfig(log_format="JSON", system_log_level="WARN"),
            runtime_management_config=lf.RuntimeManagementConfig("FunctionUpdate"),
            snap_start="PublishedVersions",
            recursive_loop="Terminate",
            durable_config=lf.DurableConfig(execution_timeout=3600, retention_period_in_days=7),
            tracing="Active",
            permissions_boundary="arn:aws:iam::123456789012:policy/boundary",
            role_path="/shop/",
            assume_role_policy_document=lf.Trust("lambda.amazonaws.com"),
            policies=["AWSXRayDaemonWriteAccess", lf.Allow("s3:GetObject", on="*")],
            dead_letter_queue=lost,
            event_invoke_config=lf.EventInvokeConfig(
                maximum_event_age_in_seconds=60,
                maximum_retry_attempts=1,
                destination_config=lf.EventInvokeDestinationConfig(on_success=heard, on_failure=lost),
            ),
            function_url_config=lf.FunctionUrlConfig(
                "AWS_IAM",
                lf.FunctionUrlCors(allow_origins=["https://example.com"], allow_methods=["GET"], max_age=600),
                "RESPONSE_STREAM",
            ),
            auto_publish_alias="live",
            auto_publish_alias_all_properties=True,
            version_description="The first",
            version_deletion_policy="Delete",
            provisioned_concurrency_config=2,
            deployment_preference=lf.DeploymentPreference(
                lf.Canary(percent=10, minutes=5),
                trigger_configurations=[
                    lf.TriggerConfig(
                        trigger_name="told",
                        trigger_events=["DeploymentFailure"],
                        trigger_target_arn=heard,
                    )
                ],
            ),
            propagate_tags=True,
            tags={"team": "shop"},
        )
    )


def function_of_tenants(stack: lf.Stack) -> None:
    stack.add(function(tenancy_config=lf.TenancyConfig("PER_TENANT")))


def image_function(stack: lf.Stack) -> None:
    stack.add(
        lf.Function(
            "Worker",
            package_type="Image",
            image_uri="123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1",
            image_config=lf.ImageConfig(
                command=["app.handler"], entry_point=["/run"], working_directory="/app"
            ),
        )
    )


def function_on_a_capacity_provider(stack: lf.Stack) -> None:
    provider = stack.add(
        lf.CapacityProvider(
            "Provider",
            capacity_provider_name="provider",
            vpc_config=lf.ProviderVpcConfig(subnet_ids=["subnet-1a"], security_group_ids=["sg-1a"]),
            instance_requirements=lf.ProviderInstanceRequirements(
                architectures=["arm64"], allowed_types=["m7g.*"]
            ),
            scaling_config=lf.ProviderScalingConfig(max_vcpu_count=32, average_cpu_utilization=70),
            kms_key_arn=KEY,
            tags={"team": "shop"},
            propagate_tags=True,
        )
    )
    stack.add(
        function(
            capacity_provider_config=lf.CapacityProviderConfig(
                provider,
                per_execution_environment_max_concurrency=4,
                execution_environment_memory_gib_per_vcpu=4,
            ),
            function_scaling_config=lf.FunctionScalingConfig(
                min_execution_environments=1, max_execution_environments=5
            ),
            auto_publish_alias="live",
            publish_to_latest_published=True,
        )
    )


def rest_api(stack: lf.Stack) -> None:
    doorman = stack.add(function("Doorman"))
    api = stack.add(
        lf.Api(
            "Rest",
            stage_name="live",
            name="orders",
            description="Orders",
            open_api_version="3.0.1",
            auth=lf.ApiAuth(
                authorizers={
                    "Pool": lf.CognitoAuthorizer(
                        user_pool(stack), identity=lf.CognitoAuthorizerIdentity(header="Authorization")
                    ),
                    "Token": lf.LambdaTokenAuthorizer(
                        doorman, identity=lf.LambdaTokenAuthorizerIdentity(reauthorize_every=60)
                    ),
                    "Request": lf.LambdaRequestAuthorizer(
                        doorman, identity=lf.LambdaRequestAuthorizerIdentity(headers=["Authorization"])
                    ),
                },
                default_authorizer="Pool",
                add_default_authorizer_to_cors_preflight=False,
                usage_plan=lf.ApiUsagePlan(
                    create_usage_plan="PER_API",
                    quota=lf.QuotaSettings(limit=1000, period="DAY"),
                    throttle=lf.ThrottleSettings(burst_limit=5, rate_limit=1.5),
                ),
            ),
            cors=lf.ApiCors(allow_origin="'*'", allow_methods="'GET,POST'", allow_headers="'Authorization'"),
            domain=lf.ApiDomain(
                domain_name="orders.example.com",
                certificate_arn=CERTIFICATE,
                base_path=["v1"],
                endpoint_configuration="REGIONAL",
                security_policy="TLS_1_2",
                mutual_tls_authentication=lf.MutualTlsAuthentication("s3://bucket/trust.pem"),
                route53=lf.ApiRoute53Configuration(hosted_zone_id="Z1A2B", ip_v6=True),
            ),
            endpoint_configuration="REGIONAL",
            models={"Order": {"type": "object"}},
            gateway_responses={
                "UNAUTHORIZED": lf.GatewayResponse(
                    status_code=401,
                    response_parameters=lf.GatewayResponseParameters(
                        headers={"Access-Control-Allow-Origin": "'*'"}
                    ),
                )
            },
            binary_media_types=["image~1png"],
            minimum_compression_size=1024,
            variables={"COLOUR": "blue"},
            method_settings=[lf.MethodSetting(resource_path="/*", http_method="*", logging_level="INFO")],
            access_log_setting=lf.AccessLogSettings(
                stack.add(lf.LogGroup("AccessLog")), {"requestId": "$context.requestId"}
            ),
            canary_setting=lf.CanarySetting(percent_traffic=10),
            tracing_enabled=True,
            always_deploy=True,
            propagate_tags=True,
            tags={"team": "shop"},
        )
    )
    stack.add(function(events={"Get": lf.ApiEvent("/orders", "get", rest_api_id=api)}))


def http_api(stack: lf.Stack) -> None:
    doorman = stack.add(function("Doorman"))
    api = stack.add(
        lf.HttpApi(
            "Http",
            description="Orders",
            stage_name="live",
            auth=lf.HttpApiAuth(
                authorizers={
                    "Jwt": lf.OAuth2Authorizer(
                        jwt_configuration=lf.JwtConfiguration("https://issuer.example.com", ["orders"]),
                        identity_source="$request.header.Authorization",
                        authorization_scopes=["read"],
                    ),
                    "Doorman": lf.HttpApiLambdaAuthorizer(
                        doorman,
                        authorizer_payload_format_version="2.0",
                        enable_simple_responses=True,
                        identity=lf.HttpApiLambdaAuthorizerIdentity(headers=["Authorization"]),
                    ),
                },
                default_authorizer="Jwt",
            ),
            cors_configuration=lf.HttpApiCors(allow_origins=["https://example.com"], max_age=600),
            domain=lf.HttpApiDomain(
                domain_name="orders.example.com",
                certificate_arn=CERTIFICATE,
                route53=lf.Route53Configuration(hosted_zone_id="Z1A2B"),
            ),
            default_route_settings=lf.RouteSettings(throttling_burst_limit=5),
            route_settings={"GET /orders": lf.RouteSettings(detailed_metrics_enabled=True)},
            stage_variables={"COLOUR": "blue"},
            access_log_settings=lf.AccessLogSettings(
                stack.add(lf.LogGroup("AccessLog")), {"id": "$context.requestId"}
            ),
            fail_on_warnings=True,
            tags={"team": "shop"},
        )
    )
    stack.add(function(events={"Get": lf.HttpApiEvent("/orders", "GET", api_id=api)}))


def websocket_api(stack: lf.Stack) -> None:
    chat = stack.add(function("Chat"))
    stack.add(
        lf.WebSocketApi(
            "Socket",
            name="chat",
            route_selection_expression="$request.body.action",
            routes={
                "$connect": lf.WebSocketRoute(chat),
                "say": lf.WebSocketRoute(chat, integration_timeout=5000, operation_name="Say"),
            },
            auth=lf.WebSocketAuth(
                "CUSTOM",
                auth_arn=stack.add(function("Doorman")),
                identity_source=["route.request.header.Authorization"],
            ),
            stage_name="live",
            default_route_settings=lf.RouteSettings(logging_level="INFO"),
            tags={"team": "shop"},
        )
    )


def state_machine(stack: lf.Stack) -> None:
    worker = stack.add(function())
    stack.add(
        lf.StateMachine(
            "Steps",
            name="steps",
            type="EXPRESS",
            definition={
                "StartAt": "Work",
                "States": {"Work": {"Type": "Task", "Resource": worker.arn, "End": True}},
            },
            definition_substitutions={"WorkerArn": worker.arn},
            policies=[policies.lambda_invoke(worker)],
            logging=lf.StateMachineLogging(
                level="ALL", include_execution_data=True, destinations=[stack.add(lf.LogGroup("Log"))]
            ),
            tracing=True,
            auto_publish_alias="live",
            use_alias_as_event_target=True,
            deployment_preference=lf.StateMachineDeploymentPreference(
                "LINEAR", percentage=10, interval=5, alarms=["Errors"]
            ),
            events={"Often": lf.ScheduleEvent("rate(5 minutes)")},
            tags={"team": "shop"},
            propagate_tags=True,
        )
    )


def graphql_api(stack: lf.Stack) -> None:
    table = stack.add(lf.SimpleTable("Orders"))
    stack.add(
        lf.GraphQLApi(
            "Graph",
            name="orders",
            schema_inline="type Query { order(id: ID!): String }",
            auth=lf.GraphQLAuth(
                "API_KEY",
                additional=[
                    lf.GraphQLAuthorizer("AWS_IAM"),
                    lf.GraphQLAuthorizer(
                        "AMAZON_COGNITO_USER_POOLS",
                        user_pool=lf.UserPoolConfig(user_pool_id="eu-west-1_1a2b"),
                    ),
                    lf.GraphQLAuthorizer(
                        "OPENID_CONNECT",
                        openid_connect=lf.OpenIDConnectConfig(issuer="https://example.com", iat_ttl=60_000),
                    ),
                ],
            ),
            api_keys={"Reader": lf.GraphQLApiKey(description="Reads", expires_on=1_900_000_000)},
            data_sources=lf.DataSources(
                dynamodb={"Orders": lf.DynamoDBDataSource(table, table_arn=table, permissions="Read")},
                lambda_={"Worker": lf.LambdaDataSource(stack.add(function()))},
            ),
            functions={
                "readOrder": lf.GraphQLFunction(
                    data_source="Orders",
                    inline_code="export function request() {}",
                    runtime=lf.GraphQLRuntime("APPSYNC_JS", "1.0.0"),
                    max_batch_size=10,
                )
            },
            resolvers={
                "Query": {
                    "order": lf.GraphQLResolver(
                        pipeline=["readOrder"],
                        inline_code="export function request() {}",
                        runtime=lf.GraphQLRuntime("APPSYNC_JS", "1.0.0"),
                        caching=lf.GraphQLCaching(60, caching_keys=["$context.identity.sub"]),
                    )
                }
            },
            cache=lf.GraphQLCache(api_caching_behavior="PER_RESOLVER_CACHING", type="SMALL", ttl=60),
            domain_name=lf.GraphQLDomainName(domain_name="graph.example.com", certificate_arn=CERTIFICATE),
            logging=lf.GraphQLLogging(field_log_level="ERROR"),
            xray_enabled=True,
            visibility="GLOBAL",
            query_depth_limit=5,
            tags={"team": "shop"},
        )
    )


def connectors(stack: lf.Stack) -> None:
    table = stack.add(lf.SimpleTable("Orders"))
    worker = stack.add(function(connectors={"MayRead": lf.EmbeddedConnector(table, "Read")}))
    stack.add(lf.Connector("MayWrite", source=worker, destination=[table], permissions=["Write"]))


def application(stack: lf.Stack) -> None:
    stack.add(
        lf.Application(
            "Nested",
            # One of the Serverless Application Repository the transform looks up at AWS.
            location="https://s3.eu-west-1.amazonaws.com/bucket/nested.yaml",
            parameters={"Colour": "blue"},
            timeout_in_minutes=10,
            tags={"team": "shop"},
        )
    )


def microvm(stack: lf.Stack) -> None:
    connector = stack.add(
        lf.NetworkConnector(
            "Way",
            name="way",
            vpc_config=lf.NetworkConnectorVpcConfig(
                subnet_ids=["subnet-1a"], security_group_ids=["sg-1a"], network_protocol="IPv4"
            ),
            compute_types=["MicroVm"],
        )
    )
    stack.add(
        lf.MicrovmImage(
            "Image",
            name="image",
            code_uri="s3://bucket/image.zip",
            base_image_arn="arn:aws:lambda:eu-west-1:aws:microvm-image:base",
            base_image_version="1",
            egress_network_connectors=[connector],
            cpu_configurations=[lf.CpuConfiguration("ARM_64")],
            resources=[lf.MicrovmResources(2048)],
            environment_variables={"NAME": "value"},
            hooks=lf.MicrovmImageHookConfig(
                port=8080, microvm_hooks=lf.MicrovmHooks(run="ENABLED", run_timeout_in_seconds=10)
            ),
            logging=lf.MicrovmLogging(disabled=True),
        )
    )


def web_function(stack: lf.Stack) -> None:
    stack.add(
        lf.WebFunction(
            "Site",
            runtime="python3.13",
            code_uri="s3://bucket/site.zip",
            auth_type="IamAuth",
            timeout=10,
            environment_variables={"NAME": "value"},
            scaling_config=lf.WebFunctionScalingConfig(max_environments=5),
        )
    )


def simple_table(stack: lf.Stack) -> None:
    stack.add(
        lf.SimpleTable(
            "Orders",
            table_name="orders",
            primary_key=lf.PrimaryKey("id", "String"),
            provisioned_throughput=lf.ProvisionedThroughput(read_capacity_units=5, write_capacity_units=5),
            point_in_time_recovery_specification=lf.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            sse_specification=lf.SSESpecification(sse_enabled=True),
            tags={"team": "shop"},
        )
    )


def with_globals(stack: lf.Stack) -> None:
    stack.globals_for(lf.Function, timeout=10, environment={"NAME": "value"}, tracing="Active")
    stack.globals_for(lf.Api, tracing_enabled=True)
    stack.globals_for(lf.Layer, publish_lambda_version=False)
    stack.add(function(ignore_globals=["Tracing"]))


STACKS: dict[str, tuple[Callable[[lf.Stack], None], set[str]]] = {
    "function": (
        whole_function,
        {"AWS::Lambda::Url", "AWS::Lambda::EventInvokeConfig", "AWS::CodeDeploy::DeploymentGroup"},
    ),
    "tenants": (function_of_tenants, {"AWS::Lambda::Function"}),
    "image": (image_function, {"AWS::Lambda::Function"}),
    "capacity provider": (function_on_a_capacity_provider, {"AWS::Lambda::CapacityProvider"}),
    "REST API": (rest_api, {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::UsagePlan"}),
    "HTTP API": (http_api, {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::DomainName"}),
    "WebSocket API": (websocket_api, {"AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Authorizer"}),
    "state machine": (state_machine, {"AWS::StepFunctions::StateMachineAlias"}),
    "GraphQL API": (graphql_api, {"AWS::AppSync::GraphQLApi", "AWS::AppSync::Resolver"}),
    "connectors": (connectors, {"AWS::IAM::ManagedPolicy"}),
    "application": (application, {"AWS::CloudFormation::Stack"}),
    "microVM image": (microvm, {"AWS::Lambda::MicrovmImage", "AWS::Lambda::NetworkConnector"}),
    "web function": (web_function, {"AWS::Lambda::WebFunction", "AWS::Lambda::WebFunctionEndpoint"}),
    "simple table": (simple_table, {"AWS::DynamoDB::Table"}),
    "globals": (with_globals, {"AWS::Lambda::Function"}),
}


@pytest.mark.parametrize("name", sorted(STACKS))
def test_the_transform_takes_a_whole_resource(name: str) -> None:
    define, made = STACKS[name]
    stack = lf.Stack("sample")
    define(stack)
    assert made - types_of(expanded(stack)) == set()


@pytest.mark.parametrize("name", sorted(STACKS))
def test_the_transform_leaves_nothing_of_sam(name: str) -> None:
    stack = lf.Stack("sample")
    STACKS[name][0](stack)
    assert {each for each in types_of(expanded(stack)) if each.startswith("AWS::Serverless::")} == set()


CALLS = {
    name: each
    for name, each in vars(policies).items()
    if inspect.isfunction(each) and each.__module__ == policies.__name__ and not name.startswith("_")
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_transform_takes_a_policy_template(name: str) -> None:
    arguments = dict.fromkeys(inspect.signature(CALLS[name]).parameters, "orders")
    stack = lf.Stack("sample")
    stack.add(function(policies=[CALLS[name](**arguments)]))
    [policy] = expanded(stack)["WorkerRole"]["Properties"]["Policies"]
    assert policy["PolicyDocument"]["Statement"]


def test_globals_reach_a_function_unless_it_leaves_them_aside() -> None:
    stack = lf.Stack("sample")
    with_globals(stack)
    properties = expanded(stack)["Worker"]["Properties"]
    assert (properties["Timeout"], "TracingConfig" in properties) == (10, False)


LOCAL: dict[str, tuple[lf.Resource, str, str, object]] = {
    "function": (
        lf.Function("Local", runtime=lf.Runtime.PYTHON_3_13, handler="app.handler", code_uri="src"),
        "AWS::Lambda::Function",
        "Code",
        {"S3Bucket": {"Ref": "AssetBucket"}, "S3Key": "src"},
    ),
    "layer": (
        lf.Layer("Local", content_uri="src"),
        "AWS::Lambda::LayerVersion",
        "Content",
        {"S3Bucket": {"Ref": "AssetBucket"}, "S3Key": "src"},
    ),
    "microVM image": (
        lf.MicrovmImage("Local", name="image", base_image_arn="arn", base_image_version="1", code_uri="src"),
        "AWS::Lambda::MicrovmImage",
        "CodeArtifact",
        {"Uri": {"Fn::Sub": "s3://${AssetBucket}/src"}},
    ),
}


@pytest.mark.parametrize("kind", sorted(LOCAL))
def test_code_in_a_local_folder_is_looked_for_in_the_bucket_of_the_assets(kind: str) -> None:
    resource, aws_type, name, expected = LOCAL[kind]
    stack = lf.Stack("sample")
    stack.add(resource)
    [made] = [each for each in expanded(stack).values() if each["Type"] == aws_type]
    assert made["Properties"][name] == expected


def test_a_web_functions_local_folder_is_looked_for_there_as_well() -> None:
    stack = lf.Stack("sample")
    stack.add(lf.WebFunction("Site", runtime="python3.13", auth_type="IamAuth", code_uri="src"))
    [revision] = [
        each for each in expanded(stack).values() if each["Type"] == "AWS::Lambda::WebFunctionRevision"
    ]
    code = revision["Properties"]["BuildConfig"]["CodeConfig"]["S3Object"]
    assert code == {"Bucket": {"Ref": "AssetBucket"}, "Key": "src"}
