"""The cases of `lambdaform.check.rules.size`: the template as a whole: that it can be read, and that it is not too large."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import MARK, function, resource, template


def long_parameter(number: int) -> str:
    """A resource whose value is long."""
    return resource(f"P{number}", "AWS::SSM::Parameter", f"Type: String\nValue: {'v' * 4000}")


def handle(number: int) -> str:
    """The smallest resource that there is."""
    return resource(f"H{number}", "AWS::CloudFormation::WaitConditionHandle")


CASES = [
    Case("LF001", "Resources:\n  Fn: [1  # wrong\n", "Not readable", template(function())),
    Case(
        "LF002",
        template(
            function(
                "Events:\n  Web:  # wrong\n    Type: Api\n    Properties: {Path: /, Method: get, Cors: x}"
            )
        ),
        "Cors",
        template(function("Events:\n  Web:\n    Type: Api\n    Properties: {Path: /, Method: get}")),
    ),
    Case(
        "LF003",
        'from lambdaform import Stack\n\nstack = Stack("shop")\nstack.parameter("Stage", default=STAGE)  # wrong\n',
        "name 'STAGE' is not defined",
        'from lambdaform import Stack\n\nSTAGE = "dev"\nstack = Stack("shop")\n'
        'stack.parameter("Stage", default=STAGE)\n',
        is_app=True,
    ),
    Case(
        "LF601",
        template(*[long_parameter(n) for n in range(260)], mark=MARK),
        "1,000,000 bytes",
        template(*[long_parameter(n) for n in range(200)]),
    ),
    Case(
        "LF602",
        template(*[handle(n) for n in range(501)], mark=MARK),
        "501 resources",
        template(*[handle(n) for n in range(500)]),
    ),
    Case(
        "LF603",
        template(function(f"InlineCode: 'def handler(event, context): pass # {'x' * 4_194_304}'  # wrong")),
        "4,194,304",
        template(function()),
    ),
    Case(
        "LF604",
        template(function("CodeUri: huge  # wrong\nHandler: app.handler")),
        "262,144,000 bytes",
        template(function("CodeUri: src\nHandler: app.handler")),
    ),
    Case(
        "LF605",
        template(function("CodeUri: large.zip  # wrong\nHandler: app.handler")),
        "52,428,800 (50 MB)",
        template(function("CodeUri: small.zip\nHandler: app.handler")),
    ),
]
