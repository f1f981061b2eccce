"""The cases of `lambdaform.check.rules.crossing`: apps with several stacks, and nested ones."""

from __future__ import annotations

from lambdaform.check.case import Case

_TWO = 'from lambdaform import *\norders = Stack("orders")\nreader = Stack("reader")\n'
_QUEUE = 'queue = orders.add(Queue("Queue"))\n'
_NESTED = 'from lambdaform import *\nchild = Stack("storage")\nstack = Stack("shop")\n'
_MANY = """\
from lambdaform import *
stack = Stack("shop")
for number in range({}):
    stack.add(
        Function(
            f"Fn{{number}}",
            runtime="python3.13",
            handler="index.handler",
            inline_code="def handler(event, context): pass",
        )
    )
"""

CASES = [
    Case(
        "LF260",
        f'{_TWO}{_QUEUE}reader.output("Arn", queue.arn)  # wrong\n',
        "'Queue', which is in the stack 'orders'",
        f'{_TWO}{_QUEUE}arn = orders.output("Arn", queue.arn, export="orders-arn")\nreader.output("Arn", arn.imported)\n',
        is_app=True,
    ),
    Case(
        "LF261",
        f'{_TWO}{_QUEUE}arn = orders.output("Arn", queue.arn)\nreader.output("Arn", arn.imported)\n'.replace(
            "queue.arn)", "queue.arn)  # wrong"
        ),
        "imported, and is not exported",
        f'{_TWO}{_QUEUE}arn = orders.output("Arn", queue.arn, export="orders-arn")\nreader.output("Arn", arn.imported)\n',
        is_app=True,
    ),
    Case(
        "LF262",
        f'{_TWO}{_QUEUE}orders.output("Arn", queue.arn, export="orders-arn")\n'
        'reader.output("Arn", import_value("order-arn"))  # wrong\n',
        "Did you mean 'orders-arn'?",
        f'{_TWO}{_QUEUE}orders.output("Arn", queue.arn, export="orders-arn")\n'
        'reader.output("Arn", import_value("orders-arn"))\n',
        is_app=True,
    ),
    Case(
        "LF263",
        f'{_TWO}{_QUEUE}orders.output("Arn", queue.arn, export="queue-arn")\n'
        'reader.output("Arn", "none", export="queue-arn")  # wrong\n',
        "'orders' exports 'queue-arn', too",
        f'{_TWO}{_QUEUE}orders.output("Arn", queue.arn, export="queue-arn")\n'
        'reader.output("Arn", "none", export="reader-arn")\n',
        is_app=True,
    ),
    Case(
        "LF264",
        "from lambdaform import *\n"
        'orders = Stack("orders")  # wrong\nreader = Stack("reader")\n'
        'orders.output("A", import_value("b"), export="a")\nreader.output("B", import_value("a"), export="b")\n',
        "in a circle",
        f'{_TWO}orders.output("A", "1", export="a")\nreader.output("B", import_value("a"), export="b")\n',
        is_app=True,
    ),
    Case(
        "LF265",
        f'{_NESTED}child.output("Arn", child.add(Queue("Queue")).arn)\nstorage = stack.nest("Storage", child)\n'
        'stack.output("Arn", storage.output("Arm"))  # wrong\n',
        "Did you mean 'Arn'?",
        f'{_NESTED}child.output("Arn", child.add(Queue("Queue")).arn)\nstorage = stack.nest("Storage", child)\n'
        'stack.output("Arn", storage.output("Arn"))\n',
        is_app=True,
    ),
    Case(
        "LF266",
        f'{_NESTED}child.add(Queue("Queue", queue_name=child.parameter("Name").ref))\n'
        'stack.nest("Storage", child)  # wrong\n',
        "not given Name",
        f'{_NESTED}child.add(Queue("Queue", queue_name=child.parameter("Name").ref))\n'
        'stack.nest("Storage", child, parameters={"Name": "orders"})\n',
        is_app=True,
    ),
    Case(
        "LF267",
        _MANY.format(260).replace('Stack("shop")', 'Stack("shop")  # wrong'),
        "at least 520 resources",
        _MANY.format(250),
        is_app=True,
    ),
]
