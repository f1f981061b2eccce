"""LF12x and LF13x: tables, streams and alarms beside the functions: settings that do not go together."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from lambdaform.check.rule import Level, rule
from lambdaform.check.view import from_elsewhere, items, of_aws_type, of_type, problem_at, whole_number
from lambdaform.model.references import Ref
from lambdaform.model.shape import Problem, Shape, prop
from lambdaform.model.stack import Stack
from lambdaform.model.stream import Stream
from lambdaform.model.table import Table


@rule(
    "LF127",
    "table-key",
    Level.ERROR,
    demand="A table defines just the attributes of its keys, and a key has a HASH and at most one RANGE.",
    source="DynamoDB API, CreateTable",
)
def table_key(stack: Stack) -> Iterator[Problem]:
    """Keys without a definition, definitions without a key, and keys with two attributes of a kind."""
    for table in of_type(stack, Table):
        if table.import_source_specification is not None or from_elsewhere(table):
            continue
        indexes = [each for name in _INDEXES for each in items(prop(table, name))]
        unknown = [table.attribute_definitions, table.key_schema, *(prop(table, name) for name in _INDEXES)]
        if any(isinstance(each, Ref) for each in unknown):
            continue
        keys = {id(holder): items(prop(holder, "KeySchema")) for holder in (table, *indexes)}
        wrong = next((each for each in (table, *indexes) if _is_no_key(table, each)), None)
        if isinstance(wrong, Shape):
            kinds = [str(prop(each, "KeyType")) for each in keys[id(wrong)]]
            yield wrong.problem(
                "LF127",
                f"{table.logical_id} has a key of {', '.join(kinds)}.",
                "A key has one HASH, and may have one RANGE after it; in a global index, up to four of each.",
                "key_schema",
            )
            continue
        names = [prop(each, "AttributeName") for each in items(table.attribute_definitions)]
        in_keys = [prop(each, "AttributeName") for key in keys.values() for each in key]
        if not all(isinstance(each, str) for each in (*in_keys, *names)) or not names:
            continue
        used = set(in_keys)
        for name in sorted(used - set(names)):
            yield table.problem(
                "LF127",
                f"{table.logical_id} has {name!r} in a key and does not define it.",
                "Add it to AttributeDefinitions with its type: S, N or B.",
                "key_schema",
            )
        # Where one is missing, another is most likely misspelt.
        for place, name in enumerate(names if used <= set(names) else ()):
            if name not in used:
                yield table.problem(
                    "LF127",
                    f"{table.logical_id} defines the attribute {name!r}, which no key has.",
                    "DynamoDB takes only the attributes of keys: leave it out.",
                    "attribute_definitions",
                    place,
                )


def _is_no_key(table: Table, holder: Any) -> bool:
    """Whether the attributes of a key are too few or too many of a kind, where all can be told.

    Source: DynamoDB Developer Guide, GSI.DesignPattern.MultiAttributeKeys.
    """
    kinds = [prop(each, "KeyType") for each in items(prop(holder, "KeySchema"))]
    if not kinds or not all(isinstance(each, str) for each in kinds):
        return False
    most = 4 if any(holder is each for each in items(table.global_secondary_indexes)) else 1
    return not 1 <= kinds.count("HASH") <= most or kinds.count("RANGE") > most


_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


@rule(
    "LF128",
    "table-billing",
    Level.ERROR,
    demand="A table has provisioned throughput, or is billed per request.",
    source="DynamoDB API, CreateTable",
)
def table_billing(stack: Stack) -> Iterator[Problem]:
    """Tables with both, or with neither."""
    for table in of_type(stack, Table):
        mode, throughput = table.billing_mode, table.provisioned_throughput
        if "BillingMode" in table.raw or from_elsewhere(table):
            continue
        if mode == "PAY_PER_REQUEST" and throughput is not None and not isinstance(throughput, Ref):
            yield table.problem(
                "LF128",
                f"{table.logical_id} is billed per request and has ProvisionedThroughput.",
                "Leave one of the two out.",
                "provisioned_throughput",
            )
        elif mode in (None, "PROVISIONED") and throughput is None:
            yield table.problem(
                "LF128",
                f"{table.logical_id} has no ProvisionedThroughput.",
                "Add it, or set BillingMode to PAY_PER_REQUEST.",
            )


@rule(
    "LF129",
    "stream-shards",
    Level.ERROR,
    demand="A provisioned stream has a number of shards, and one on demand has none; records stay 24 hours or more.",
    source="Kinesis API, CreateStream and IncreaseStreamRetentionPeriod",
)
def stream_shards(stack: Stack) -> Iterator[Problem]:
    """Streams on demand with a number of shards, and provisioned ones without; records that stay too short."""
    for stream in of_type(stack, Stream):
        mode = prop(stream.stream_mode_details, "StreamMode")
        if mode == "ON_DEMAND" and stream.shard_count is not None and not isinstance(stream.shard_count, Ref):
            what, name = "is ON_DEMAND and has a ShardCount", "shard_count"
            right = "It has as many shards as it needs: leave ShardCount out."
        elif mode == "PROVISIONED" and stream.shard_count is None and "ShardCount" not in stream.raw:
            what, name, right = (
                "is PROVISIONED and has no ShardCount",
                "stream_mode_details",
                "Add ShardCount.",
            )
        elif (hours := whole_number(stream.retention_period_hours)) is not None and hours < 24:
            what, name = f"keeps records for {hours} hours", "retention_period_hours"
            right = "It must be 24 to 8760 hours."
        else:
            continue
        yield stream.problem("LF129", f"{stream.logical_id} {what}.", right, name)


@rule(
    "LF131",
    "alarm-settings",
    Level.ERROR,
    demand="An alarm has a period that CloudWatch has, one statistic, and no more data points than periods.",
    source="CloudWatch API, PutMetricAlarm",
)
def alarm_settings(stack: Stack) -> Iterator[Problem]:
    """Alarms that CloudWatch refuses."""
    for alarm in of_aws_type(stack, "AWS::CloudWatch::Alarm"):
        period, points, periods = (
            whole_number(prop(alarm, name)) for name in ("Period", "DatapointsToAlarm", "EvaluationPeriods")
        )
        if period is not None and period not in (10, 20, 30) and period % 60:
            what, name = f"has a period of {period} s", "Period"
            right = "It must be 10, 20, 30 or a multiple of 60."
        elif points is not None and periods is not None and points > periods:
            what, name = f"wants {points} data points of {periods} periods", "DatapointsToAlarm"
            right = "DatapointsToAlarm is at most EvaluationPeriods."
        elif prop(alarm, "Statistic") is not None and prop(alarm, "ExtendedStatistic") is not None:
            what, name = "has both Statistic and ExtendedStatistic", "ExtendedStatistic"
            right = "Leave one of them out."
        else:
            continue
        yield problem_at(alarm, "LF131", f"Alarm {alarm.logical_id!r} {what}.", right, name)


@rule(
    "LF132",
    "alarm-metric",
    Level.ERROR,
    demand="An alarm on Lambda watches a metric that Lambda writes, by a dimension that it has.",
    source="AWS Lambda Developer Guide, monitoring-metrics-types",
)
def alarm_metric(stack: Stack) -> Iterator[Problem]:
    """Misspelt metrics, namespaces and dimensions: the alarm never has any data.

    Those that are like no other are taken to be newer than this release.
    """
    for alarm in of_aws_type(stack, "AWS::CloudWatch::Alarm"):
        from lambdaform.facts.metrics import LAMBDA_DIMENSIONS, LAMBDA_METRICS

        title = f"Alarm {alarm.logical_id!r}"
        namespace, metric = prop(alarm, "Namespace"), prop(alarm, "MetricName")
        if not isinstance(namespace, str) or not isinstance(metric, str):
            continue
        if namespace != "AWS/Lambda":
            if namespace.lower() in ("aws/lambda", "aws/lambdas", "aws::lambda"):
                what = f"{title} watches the namespace {namespace!r}, which has no data."
                yield problem_at(alarm, "LF132", what, "Lambda's is 'AWS/Lambda'.", "Namespace")
            continue
        if metric not in LAMBDA_METRICS:
            near = difflib.get_close_matches(metric, LAMBDA_METRICS, n=1, cutoff=0.75)
            if near:
                what = f"{title} watches {metric!r}, which Lambda does not write."
                yield problem_at(alarm, "LF132", what, f"Did you mean {near[0]!r}?", "MetricName")
            continue
        for each in items(prop(alarm, "Dimensions")):
            name = prop(each, "Name")
            unknown = isinstance(name, str) and name not in LAMBDA_DIMENSIONS
            near = difflib.get_close_matches(name, LAMBDA_DIMENSIONS, n=1, cutoff=0.75) if unknown else []
            if near:
                yield problem_at(
                    alarm,
                    "LF132",
                    f"{title} narrows by {name!r}, by which Lambda writes nothing.",
                    f"Did you mean {near[0]!r}?",
                    "Dimensions",
                )
