"""Tenant isolation: each tenant's events have environments of their own, and must name their tenant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lambdaform import Function, Stack, TenancyConfig
from lambdaform.local.errors import AwsError
from tests.local.lab import HERE, Lab, laboratory

ISOLATED: dict[str, Any] = {"tenant_isolation": True}
WHO = """
    import os
    def handler(event, context):
        print("here")
        return [os.getpid(), context.tenant_id]
"""


def refusal(lab: Lab, name: str, **request: str) -> AwsError:
    with pytest.raises(AwsError) as raised:
        lab.invoke(name, **request)
    return raised.value


def test_the_function_is_told_its_tenant_who_has_environments_of_its_own(lab: Lab) -> None:
    name = lab.function(WHO, **ISOLATED)
    told = [lab.invoke(name, tenant_id=tenant).value for tenant in ("blue", "green", "blue", "green")]
    assert [tenant for _, tenant in told] == ["blue", "green", "blue", "green"]
    (blue, _), (green, _), (blue_again, _), (green_again, _) = told
    assert (blue, green) == (blue_again, green_again)
    assert blue != green


def test_no_tenant_uses_what_another_left_behind_idle(lab: Lab) -> None:
    name = lab.function(
        """
        import pathlib
        def handler(event, context):
            seen = [each.name for each in pathlib.Path("/tmp").glob("of-*")]
            pathlib.Path(f"/tmp/of-{context.tenant_id}").touch()
            return seen
        """,
        **ISOLATED,
    )
    if lab.service._settings.no_view is not None:
        pytest.skip(f"this machine gives processes no /tmp of their own: {lab.service._settings.no_view}")
    tenants = ("blue", "green", "red", "blue")
    assert [lab.invoke(name, tenant_id=tenant).value for tenant in tenants] == [[], [], [], ["of-blue"]]


def test_without_a_tenant_it_is_refused(lab: Lab) -> None:
    error = refusal(lab, lab.function(WHO, **ISOLATED))
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == (
        "The invoked function is enabled with tenancy configuration. "
        "Add a valid tenant ID in your request and try again."
    )


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_tenant_for_a_function_that_does_not_isolate_is_refused(lab: Lab, kind: str) -> None:
    error = refusal(lab, lab.function(WHO), tenant_id="blue", invocation_type=kind)
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == (
        "The invoked function is not enabled with tenancy configuration. "
        "Remove the tenant ID from your request and try again."
    )


@pytest.mark.parametrize(
    ("tenant", "constraint"),
    [
        ("blue\r\nX: y", "Member must satisfy regular expression pattern"),
        ("", "Member must satisfy regular expression pattern"),
        ("b" * 257, "Member must have length less than or equal to 256"),
    ],
)
def test_what_is_no_tenants_id_is_refused(lab: Lab, tenant: str, constraint: str) -> None:
    error = refusal(lab, lab.function(WHO, **ISOLATED), tenant_id=tenant)
    assert (error.code, error.status) == ("ValidationException", 400)
    assert constraint in error.message


def test_every_character_that_an_id_may_have_arrives(lab: Lab) -> None:
    tenant = "Az09._:/=+-@ x"
    assert lab.invoke(lab.function(WHO, **ISOLATED), tenant_id=tenant).value[1] == tenant


def test_an_asynchronous_event_keeps_its_tenant_over_its_attempts(lab: Lab) -> None:
    name = lab.function(
        """
        def handler(event, context):
            print("tenant", context.tenant_id)
        """,
        **ISOLATED,
    )
    lab.invoke(name, tenant_id="blue", invocation_type="Event")
    lab.run(lab.service.queue.finish())
    assert [line.text for line in lab.log if line.function_name == name and "tenant" in line.text] == [
        "tenant blue"
    ]


def test_an_event_that_was_accepted_before_a_crash_keeps_its_tenant(tmp_path: Path) -> None:
    from lambdaform.local.front import Accepted
    from lambdaform.local.queue.journal import Journal

    with laboratory(tmp_path) as lab:
        name = lab.function(WHO, **ISOLATED)
        target = lab.service.front.target(name, None).of_tenant("blue")
        event = Accepted(request_id="1", payload=b"{}", target=target, trace_id="Root=1")
        killed = Journal(tmp_path / "state" / "events")

        async def resumed() -> None:
            killed.keep(event, 0.0, 0)
            assert killed._ownership is not None
            killed._ownership.give_up()
            lab.service.resume()
            await lab.service.queue.finish()

        lab.run(resumed())
        assert any(line.function_name == name and line.text == "here" for line in lab.log)


def test_json_logs_name_the_tenant(lab: Lab) -> None:
    name = lab.function(
        "import logging\ndef handler(event, context):\n    logging.getLogger().error('said')\n",
        log_format="JSON",
        **ISOLATED,
    )
    events = [json.loads(line) for line in lab.invoke(name, tenant_id="blue").log if line.startswith("{")]
    [said] = [event for event in events if event.get("message") == "said"]
    assert said["tenantId"] == "blue"
    by_type = {event["type"]: event["record"] for event in events if "type" in event}
    assert by_type["platform.start"]["tenantId"] == by_type["platform.report"]["tenantId"] == "blue"
    assert "tenantId" not in by_type["platform.initStart"]


def test_node_is_told_its_tenant_and_logs_it(lab: Lab) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    code = "exports.handler = async (event, context) => { console.log('said'); return context.tenantId ?? null; };"
    files: dict[str, str] = {"index.js": code}
    values: dict[str, Any] = {"runtime": "nodejs22.x", "log_format": "JSON"}
    outcome = lab.invoke(lab.function(files, **values, **ISOLATED), tenant_id="blue")
    assert outcome.value == "blue"
    [said] = [json.loads(line) for line in outcome.log if '"said"' in line]
    assert said["tenantId"] == "blue"
    outcome = lab.invoke(lab.function(files, **values))
    assert outcome.value is None
    assert not any("tenantId" in line for line in outcome.log)


def test_a_template_says_that_tenants_are_isolated_and_a_reload_keeps_their_environments(lab: Lab) -> None:
    def stack() -> Stack:
        made = Stack("tenants")
        made.add(
            Function(
                "Isolated",
                runtime=HERE,  # type: ignore[arg-type]
                handler="index.handler",
                inline_code="import os\ndef handler(event, context):\n    return [os.getpid(), context.tenant_id]\n",
                tenancy_config=TenancyConfig("PER_TENANT"),
            )
        )
        return made

    lab.deploy(stack())
    first = lab.invoke("Isolated", tenant_id="blue").value
    assert first[1] == "blue"
    lab.deploy(stack())
    assert lab.invoke("Isolated", tenant_id="blue").value == first
