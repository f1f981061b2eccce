"""The names that rules take for misspelt ones' right forms are all that AWS has."""

from __future__ import annotations

from typing import cast

import botocore.session
import pytest
from botocore.model import StringShape

from lambdaform.check.cases.pieces import ALARM, template
from lambdaform.check.findings import check
from lambdaform.check.rules.notifications import BUCKET_EVENTS
from lambdaform.load.template import load_template
from lambdaform.load.yaml_reader import read_template


def test_every_event_of_buckets_is_known() -> None:
    model = botocore.session.get_session().get_service_model("s3")
    events = cast("StringShape", model.shape_for("Event")).enum
    assert set(events) <= set(BUCKET_EVENTS)


@pytest.mark.parametrize(
    ("metric", "dimension"),
    [
        ("MaxOffsetLag", "EventSourceMappingUUID"),
        ("CommittedEventCount", "EventSourceMappingUUID"),
        ("DurableExecutionFailed", "FunctionName"),
        ("ExecutionEnvironmentConcurrencyLimit", "CapacityProviderName"),
        ("CPUUtilization", "InstanceType"),
        ("SomethingThatCameLater", "ByWhichItIsNarrowed"),
    ],
)
def test_an_alarm_may_watch(metric: str, dimension: str) -> None:
    text = template(
        ALARM.replace("MetricName: Errors", f"MetricName: {metric}").replace("FunctionName", dimension)
    )
    assert check(load_template(read_template(text, "template.yaml"))) == []
