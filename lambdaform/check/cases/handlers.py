"""The cases of `lambdaform.check.rules.handlers`: a function's handler."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import function, template, twins

_PLAIN = template(function('InlineCode: "def handler(event, context): return 1"'))

CASES = [
    Case(
        "LF503",
        template(function("Handler: handler  # wrong")),
        "handler.handler",
        template(function("Handler: index.handler")),
    ),
    Case(
        "LF503",
        template(function("Runtime: java21\nCodeUri: s3://b/k\nHandler: shop.Orders:handle  # wrong")),
        "package.Class::method",
        template(function("Runtime: java21\nCodeUri: s3://b/k\nHandler: shop.Orders::handle")),
        "java",
    ),
    Case(
        "LF503",
        template(function("Runtime: dotnet10\nCodeUri: s3://b/k\nHandler: Shop::Orders.Handle  # wrong")),
        "Assembly::Namespace.Class::Method",
        template(function("Runtime: dotnet10\nCodeUri: s3://b/k\nHandler: Shop::Shop.Orders::Handle")),
        "dotnet",
    ),
    Case(
        "LF504",
        template(function("CodeUri: src\nHandler: app.main  # wrong")),
        "main",
        template(function("CodeUri: src\nHandler: app.handler")),
    ),
    Case(
        "LF504",
        template(function("CodeUri: src\nHandler: apps.handler  # wrong")),
        'Did you mean "app.handler"?',
        template(function("CodeUri: src\nHandler: app.handler")),
        "module",
    ),
    Case(
        "LF504",
        template(
            function(
                'Runtime: nodejs24.x\nInlineCode: "exports.handler = async () => 1"\nHandler: index.hanlder  # wrong'
            )
        ),
        'Did you mean "index.handler"?',
        template(
            function(
                'Runtime: nodejs24.x\nInlineCode: "exports.handler = async () => 1"\nHandler: index.handler'
            )
        ),
        "nodejs",
    ),
    Case(
        "LF505",
        template(function('InlineCode: "def handler(event): return 1"\nHandler: index.handler  # wrong')),
        "def handler(event, context)",
        _PLAIN,
    ),
    Case(
        "LF506",
        template(
            function(
                'InlineCode: "async def handler(event, context): return 1"\nHandler: index.handler  # wrong'
            )
        ),
        "a coroutine",
        _PLAIN,
    ),
    Case(
        "LF506",
        template(
            function('InlineCode: "def handler(event, context): yield 1"\nHandler: index.handler  # wrong')
        ),
        "a generator",
        _PLAIN,
        "generator",
    ),
    Case(
        "LF507",
        template(function("CodeUri: packages\nHandler: apps.handler  # wrong")),
        'Did you mean "app.handler"?',
        template(function("CodeUri: packages\nHandler: app.handler")),
    ),
    twins(
        "LF250",
        template(function("InlineCode: 'def handler(event, context) pass'  # wrong")),
        "syntax error in line 1",
        (") pass", "): pass"),
    ),
    twins(
        "LF508",
        template(function("CodeUri: src\nHandler: draft.handler  # wrong")),
        "Python cannot read line 1 of src/draft.py: expected ':'",
        ("draft", "app"),
    ),
    twins(
        "LF509",
        template(function("Runtime: provided.al2023\nCodeUri: shell/draft  # wrong")),
        "shell/draft/bootstrap is not executable",
        ("draft", "done"),
    ),
    Case(
        "LF509",
        template(function("Runtime: provided.al2023\nCodeUri: src  # wrong")),
        "neither src nor a layer has a file bootstrap",
        template(function("Runtime: provided.al2023\nCodeUri: shell/done")),
        "none",
    ),
]
