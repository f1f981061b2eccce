"""The cases of `lambdaform.check.rules.permissions`: statements of policies."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import allow, function, role, template

CASES = [
    Case(
        "LF301",
        template(role(allow("Action: '*'  # wrong", "Resource: '*'"))),
        "administrator",
        template(role(allow("Action: s3:*", "Resource: '*'"))),
    ),
    Case(
        "LF302",
        template(
            function("Policies:\n- Statement:\n  - Effect: Allow  # wrong\n    Action: s3:GetObject"),
        ),
        "no Resource",
        template(function("Policies:\n- Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]")),
    ),
    Case(
        "LF303",
        template(role(allow("Action:", "- s3:GetObjet  # wrong", "Resource: 'arn:aws:s3:::data/*'"))),
        "Did you mean 's3:GetObject'?",
        template(
            role(allow("Action: [s3:GetObject, 's3:List*', s3:SomethingNewAndDifferent]", "Resource: '*'"))
        ),
    ),
    Case(
        "LF304",
        template(role(allow("Principal: '*'  # wrong", "Action: s3:GetObject", "Resource: '*'"))),
        "names a Principal",
        template(role(allow("Action: s3:GetObject", "Resource: '*'"))),
    ),
]
