"""A post office: its letters are kept by a nested stack, which is deployed with it and never alone."""

from storage import archive, table_arn, table_name

from lambdaform import Allow, Function, HttpApiEvent, Runtime, Stack

stack = Stack("post-office")
kept = stack.nest("Archive", archive, parameters={"KeepDays": "90"})

stack.add(
    Function(
        "Post",
        runtime=Runtime.PYTHON_3_13,
        handler="post.handler",
        code_uri="src",
        environment={"LETTERS": kept.output(table_name)},
        policies=[Allow("dynamodb:PutItem", on=kept.output(table_arn))],
        events={"Post": HttpApiEvent(path="/letters", method="post")},
    )
)
