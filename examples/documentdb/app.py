"""A bookshop's catalogue: every change of a collection in DocumentDB is looked at."""

from lambdaform import DocumentDBEvent, Function, Runtime, SourceAccessConfiguration, Stack

stack = Stack("catalogue", description="Follows the changes of a collection")

cluster = stack.parameter(
    "ClusterArn", default="arn:aws:rds:us-east-1:123456789012:cluster:catalogue-abcdefghijklm"
)
login = stack.parameter(
    "LoginArn", default="arn:aws:secretsmanager:us-east-1:123456789012:secret:catalogue-AbCdEf"
)
stack.add(
    Function(
        "Follow",
        runtime=Runtime.PYTHON_3_13,
        handler="follow.handler",
        code_uri="src",
        timeout=30,
        events={
            "Changes": DocumentDBEvent(
                cluster.ref,
                database_name="shop",
                collection_name="books",
                full_document="UpdateLookup",
                starting_position="LATEST",
                source_access_configurations=[SourceAccessConfiguration("BASIC_AUTH", login.ref)],
            )
        },
    )
)
