"""The cases of `lambdaform.check.rules.wiring`: tables, streams and alarms."""

from __future__ import annotations

from lambdaform.check.cases.pieces import ALARM, MARK, resource, template, twins


def table(properties: str, mark: str = "") -> str:
    """A table."""
    return template(resource("Table", "AWS::DynamoDB::Table", properties, mark))


CASES = [
    twins(
        "LF127",
        table(
            "BillingMode: PAY_PER_REQUEST\nAttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
            f"KeySchema: [{{AttributeName: key, KeyType: HASH}}]  {MARK}"
        ),
        "'key' in a key",
        ("AttributeName: key", "AttributeName: id"),
    ),
    twins(
        "LF127",
        table(
            "BillingMode: PAY_PER_REQUEST\nKeySchema: [{AttributeName: id, KeyType: HASH}]\n"
            "AttributeDefinitions:\n- {AttributeName: id, AttributeType: S}\n"
            f"- AttributeName: name  {MARK}\n  AttributeType: S"
        ),
        "which no key has",
        ("\n      - AttributeName: name\n        AttributeType: S", ""),
        name="unused",
    ),
    twins(
        "LF128",
        table(
            "AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
            "KeySchema: [{AttributeName: id, KeyType: HASH}]",
            MARK,
        ),
        "no ProvisionedThroughput",
        ("AttributeDefinitions", "BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions"),
    ),
    twins(
        "LF129",
        template(
            resource(
                "Stream",
                "AWS::Kinesis::Stream",
                f"StreamModeDetails: {{StreamMode: ON_DEMAND}}\nShardCount: 2  {MARK}",
            )
        ),
        "ON_DEMAND and has a ShardCount",
        ("ON_DEMAND", "PROVISIONED"),
    ),
    twins("LF131", template(ALARM.replace("60", f"45  {MARK}")), "a multiple of 60", ("45", "60")),
    twins(
        "LF132",
        template(ALARM.replace("Errors", f"Error  {MARK}")),
        "Did you mean 'Errors'?",
        ("Error", "Errors"),
    ),
    twins(
        "LF132",
        template(
            ALARM.replace(
                "Dimensions: [{Name: FunctionName, Value: fn}]",
                f"Dimensions:  {MARK}\n    - {{Name: Function, Value: fn}}",
            )
        ),
        "Did you mean 'FunctionName'?",
        ("Name: Function,", "Name: FunctionName,"),
        name="dimension",
    ),
]
