"""A bookbinder, written so that mypy --strict and pyright have nothing to say."""

from lambdaform import Function, Queue, Ref, Runtime, SqsEvent, Stack, equals, if_


def worker(stack: Stack, name: str, orders: Queue, memory: int | Ref[int]) -> Function:
    """A function that works on a queue of orders: a component is a plain function with types."""
    return stack.add(
        Function(
            name,
            runtime=Runtime.PYTHON_3_13,
            handler="binding.handler",
            code_uri="src",
            memory_size=memory,
            timeout=10,
            events={"Orders": SqsEvent(orders, batch_size=5)},
        )
    )


def app(stage: str) -> Stack:
    """The stack of a stage."""
    stack = Stack(f"bindery-{stage}", description="Binds books")
    size = stack.parameter("Size", default="small")
    large = stack.condition("Large", equals(size.ref, "large"))
    books = stack.add(Queue("Books", visibility_timeout=60))
    worker(stack, "Bind", books, if_(large, 1024, 256))
    return stack
