"""The cases of `lambdaform.check.rules.intrinsics`: intrinsic functions and placeholders."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    QUEUE,
    function,
    template,
    twins,
)

CONDITION = "Conditions: {InProd: !Equals [!Ref 'AWS::Region', eu-west-1]}"


CASES = [
    twins(
        "LF271",
        template(function("MemorySize: !If [InProd, 512]  # wrong"), head=CONDITION),
        "It takes 3",
        ("512]", "512, 256]"),
    ),
    twins(
        "LF272",
        template(function("Description:  # wrong\n  Fn::Subb: x")),
        "Did you mean Fn::Sub?",
        ("Fn::Subb", "Fn::Sub"),
    ),
    twins(
        "LF277",
        template(QUEUE, function("Environment:\n  Variables:\n    URL: 'https://${Queue}'  # wrong")),
        "Write !Sub",
        ("'https", "!Sub 'https"),
    ),
    twins(
        "LF133",
        template(function("Environment:\n  Variables:\n    TABLE: '{{resolve:smm:table}}'  # wrong")),
        "Did you mean 'ssm'?",
        ("resolve:smm", "resolve:ssm"),
    ),
]
