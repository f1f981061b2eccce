"""A baker's order book: orders from a RabbitMQ queue of Amazon MQ."""

from lambdaform import Function, MqEvent, Runtime, SourceAccessConfiguration, Stack

stack = Stack("bakery", description="Bakes what is ordered")

broker = stack.parameter(
    "BrokerArn", default="arn:aws:mq:us-east-1:123456789012:broker:bakery:b-1234a5b6-78cd"
)
login = stack.parameter(
    "BrokerLoginArn", default="arn:aws:secretsmanager:us-east-1:123456789012:secret:bakery-AbCdEf"
)
stack.add(
    Function(
        "Bake",
        runtime=Runtime.PYTHON_3_13,
        handler="bake.handler",
        code_uri="src",
        timeout=30,
        events={
            "Orders": MqEvent(
                broker.ref,
                queues=["orders"],
                batch_size=10,
                source_access_configurations=[
                    SourceAccessConfiguration("BASIC_AUTH", login.ref),
                    SourceAccessConfiguration("VIRTUAL_HOST", "/"),
                ],
            )
        },
    )
)
