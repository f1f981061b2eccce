"""The cases of `lambdaform.check.rules.practice`: good practice."""

from __future__ import annotations

from lambdaform.check.case import Case
from lambdaform.check.cases.pieces import VPC, function, template

CASES = [
    Case(
        "LF401",
        template(function("VpcConfig:\n  SubnetIds: [subnet-1]  # wrong\n  SecurityGroupIds: [sg-1]")),
        "one subnet",
        template(function(VPC)),
    ),
    Case(
        "LF401",
        template(
            function("VpcConfig:\n  SubnetIds: [!Ref Net]  # wrong\n  SecurityGroupIds: [sg-1]"),
            head="Parameters: {Net: {Type: AWS::EC2::Subnet::Id}}",
        ),
        "one subnet",
        template(
            function("VpcConfig:\n  SubnetIds: !Ref Nets\n  SecurityGroupIds: [sg-1]"),
            head="Parameters: {Nets: {Type: List<AWS::EC2::Subnet::Id>}}",
        ),
        name="reference",
    ),
    Case(
        "LF402",
        template(function("Runtime: python3.8  # wrong")),
        "deprecated on 2024-10-14",
        template(function("Runtime: python3.13")),
    ),
]
