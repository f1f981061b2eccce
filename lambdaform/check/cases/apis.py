"""The cases of `lambdaform.check.rules.apis`: paths of APIs, and which pages may call."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import (
    event,
    function,
    resource,
    template,
    twins,
)

CASES = [
    twins(
        "LF123",
        template(event("Api", "Path: /orders/{id  # wrong\nMethod: get")),
        "has the part '{id'",
        ("{id", "{id}"),
    ),
    twins(
        "LF123",
        template(event("Api", "Path: /{proxy+}/orders  # wrong\nMethod: get")),
        "{proxy+} before its end",
        ("/{proxy+}/orders", "/orders/{proxy+}"),
        name="greedy",
    ),
    Case(
        "LF124",
        template(
            event("Api", "Path: /orders/{id}\nMethod: get"),
            event("Api", "Path: /orders/{order}/lines  # wrong\nMethod: get", "Lines"),
        ),
        "write {id} in both",
        template(
            event("Api", "Path: /orders/{id}\nMethod: get"),
            event("Api", "Path: /orders/{id}/lines\nMethod: get", "Lines"),
        ),
    ),
    twins(
        "LF125",
        template(
            resource(
                "Web",
                "AWS::Serverless::HttpApi",
                "CorsConfiguration:\n  AllowOrigins: ['*']\n  AllowCredentials: true  # wrong",
            )
        ),
        "any origin (*)",
        ("['*']", "['https://shop.example']"),
    ),
    twins(
        "LF126",
        template(
            function(
                "FunctionUrlConfig:\n  AuthType: AWS_IAM\n  Cors:\n    AllowOrigins:\n    - shop.example  # wrong"
            )
        ),
        "https://shop.example",
        ("- shop.example", "- https://shop.example"),
    ),
]
