"""An installation of April 2019 that must go on as it is: checked, estimated and played by the rules of that day."""

from lambdaform import Function, Queue, Runtime, SqsEvent, Stack

stack = Stack("archive", description="Files what comes in", profile="2019-04-01")

letters = stack.add(Queue("Letters", visibility_timeout=180))
stack.add(
    Function(
        "File",
        runtime=Runtime.PYTHON_3_7,
        handler="archive.handler",
        code_uri="src",
        memory_size=192,
        timeout=30,
        reserved_concurrent_executions=20,
        events={"New": SqsEvent(letters, batch_size=10)},
        # Today's linter knows no profile: to it the runtime is too old.
        metadata={"cfn-lint": {"config": {"ignore_checks": ["E2531", "W2531"]}}},
    )
)
