"""The cases of `lambdaform.check.rules.triggers`: EventBridge's rules, schedules and filters."""

from __future__ import annotations

from lambdaform.check.cases.pieces import (
    MARK,
    event,
    resource,
    template,
    twins,
)

TARGET = "'arn:aws:sqs:eu-west-1:123456789012:orders'"


def bus_rule(properties: str, mark: str = "") -> str:
    """A rule on a bus."""
    return resource("Rule", "AWS::Events::Rule", properties, mark)


def scheduled(properties: str) -> str:
    """A function with a daily schedule of Scheduler."""
    return template(event("ScheduleV2", f"ScheduleExpression: rate(1 day)\n{properties}"))


CASES = [
    twins(
        "LF119",
        scheduled("FlexibleTimeWindow:\n  Mode: FLEXIBLE  # wrong"),
        "no MaximumWindowInMinutes",
        ("Mode: FLEXIBLE", "Mode: 'OFF'"),
    ),
    twins(
        "LF121",
        scheduled("StartDate: '2099-02-01T00:00:00Z'\nEndDate: '2099-01-01T00:00:00Z'  # wrong"),
        "not after its StartDate",
        ("2099-01", "2099-03"),
    ),
    twins(
        "LF122",
        template(event("Schedule", "Schedule: cron(0 12 30 2 ? *)  # wrong")),
        "never runs",
        ("30 2", "28 2"),
    ),
    twins(
        "LF122",
        template(event("ScheduleV2", "ScheduleExpression: at(2020-01-01T00:00:00)  # wrong")),
        "never runs",
        ("2020", "2099"),
        name="past",
    ),
    twins(
        "LF295",
        template(bus_rule(f"Targets: [{{Id: a, Arn: {TARGET}}}]", MARK)),
        "neither EventPattern nor ScheduleExpression",
        ("Targets:", "ScheduleExpression: rate(1 day)\n      Targets:"),
    ),
    twins(
        "LF296",
        template(
            bus_rule(
                f"ScheduleExpression: rate(1 day)\nTargets:\n- {{Id: a, Arn: {TARGET}}}\n"
                f"- Id: a  {MARK}\n  Arn: {TARGET}"
            )
        ),
        "two targets with the id 'a'",
        ("- Id: a", "- Id: b"),
    ),
    twins(
        "LF297",
        template(bus_rule(f"EventBusName: orders  {MARK}\nScheduleExpression: rate(1 day)")),
        "Only the default bus",
        ("ScheduleExpression: rate(1 day)", "EventPattern: {source: [orders]}"),
    ),
    twins(
        "LF298",
        template(event("Schedule", "Schedule: rate(1 day)\nInput: nightly  # wrong")),
        "no JSON",
        ("Input: nightly", "Input: '\"nightly\"'"),
    ),
    twins(
        "LF298",
        template(
            bus_rule(
                f"ScheduleExpression: rate(1 day)\nTargets:\n- Id: a\n  Arn: {TARGET}\n  Input: '{{}}'\n"
                f"  InputPath: $.detail  {MARK}"
            )
        ),
        "both Input and InputPath",
        ("\n        InputPath: $.detail", ""),
        name="two",
    ),
    twins(
        "LF299",
        template(bus_rule(f"EventPattern:\n  source: aws.s3  {MARK}")),
        "Values stand in a list",
        ("aws.s3", "[aws.s3]"),
    ),
    twins(
        "LF299",
        template(bus_rule(f"EventPattern:\n  detailType: [Created]  {MARK}")),
        "Did you mean 'detail-type'?",
        ("detailType", "detail-type"),
        name="key",
    ),
    twins(
        "LF280",
        template(
            resource(
                "Subscription",
                "AWS::SNS::Subscription",
                "TopicArn: arn:aws:sns:eu-west-1:123456789012:news\nProtocol: email\nEndpoint: ops@shop.example\n"
                "FilterPolicy:\n  kind: order  # wrong",
            )
        ),
        "Values stand in a list",
        ("kind: order", "kind: [order]"),
    ),
    twins(
        "LF298",
        template(event("Schedule", f"Schedule: rate(1 day)\nInput: '\"{'x' * 9000}\"'  # wrong")),
        "at most 8,192",
        ("x" * 9000, "x"),
        name="size",
    ),
]
