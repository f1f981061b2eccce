"""A shop's checkout: quotes baskets, stores the orders of a queue, and reports every evening."""

from lambdaform import (
    Alarm,
    Allow,
    Canary,
    DeploymentPreference,
    Function,
    Hooks,
    Layer,
    PrimaryKey,
    Queue,
    Runtime,
    ScalingConfig,
    ScheduleEvent,
    SimpleTable,
    SqsEvent,
    Stack,
    VpcConfig,
    cron,
    ref,
)

stack = Stack("checkout", description="Quotes baskets and takes orders", tags={"service": "prod:checkout"})

subnets = stack.parameter("SubnetIds", "List<AWS::EC2::Subnet::Id>", description="One subnet per zone")
security_groups = stack.parameter("SecurityGroupIds", "List<AWS::EC2::SecurityGroup::Id>")

orders = stack.add(Queue("Orders", visibility_timeout=60))
failed_orders = stack.add(Queue("FailedOrders", message_retention_period=14 * 24 * 60 * 60))
table = stack.add(SimpleTable("OrderTable", primary_key=PrimaryKey("order_id", "String")))

shared = stack.add(Layer("Shared", content_uri="layers/shared", compatible_runtimes=[Runtime.PYTHON_3_13]))

errors = stack.add(
    Alarm(
        "CheckoutErrors",
        alarm_description="The new version fails: go back",
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": ref("Checkout")},
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
        description="Asks the new version for a quote before it gets any traffic",
        function_name="CodeDeployHook_checkout_smoke",
        runtime=Runtime.PYTHON_3_13,
        handler="smoke.handler",
        code_uri="src/smoke",
        timeout=30,
        environment={"NEW_VERSION": ref("Checkout.Version")},
        policies=[
            Allow("lambda:InvokeFunction", on=ref("Checkout.Version")),
            Allow("codedeploy:PutLifecycleEventHookExecutionStatus", on="*"),
        ],
    )
)

checkout = stack.add(
    Function(
        "Checkout",
        description="Quotes a basket, stores orders, reports the day",
        runtime=Runtime.PYTHON_3_13,
        handler="checkout.handler",
        code_uri="src/checkout",
        memory_size=512,
        timeout=10,
        layers=[shared],
        environment={"TABLE_NAME": table.ref, "CURRENCY": "EUR"},
        vpc_config=VpcConfig(subnet_ids=subnets.ref, security_group_ids=security_groups.ref),
        policies=[Allow("dynamodb:PutItem", on=table)],
        dead_letter_queue=failed_orders,
        events={
            "NewOrders": SqsEvent(orders, batch_size=10, scaling_config=ScalingConfig(20)),
            "EveryEvening": ScheduleEvent(cron("0 18 ? * MON-FRI *"), description="The day's report"),
        },
        auto_publish_alias="live",
        deployment_preference=DeploymentPreference(
            Canary(percent=10, minutes=5),
            alarms=[errors],
            hooks=Hooks(pre_traffic=smoke),
        ),
    )
)

stack.output("OrdersQueue", orders.url, description="Where to send orders")
stack.output("CheckoutFunction", checkout.arn)
