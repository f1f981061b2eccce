"""Runtimes: which there are, until when, and what comes after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lambdaform.errors import UsageError
from lambdaform.facts.runtimes import Phase, Runtime, family, latest, runtime_facts, runtimes


def test_every_runtime_has_its_facts_and_every_fact_a_runtime() -> None:
    assert set(runtimes()) == set(Runtime)


def test_every_runtime_that_aws_s_api_knows_is_here() -> None:
    import botocore.session

    identifiers = (
        botocore.session.get_session().get_service_model("lambda").shape_for("Runtime").metadata["enum"]
    )
    # "custom" stands in the model without a word of explanation, and on no page.
    assert set(identifiers) - {"custom"} <= {runtime.value for runtime in Runtime}


@pytest.mark.parametrize("runtime", Runtime)
def test_a_runtime_is_called_as_its_identifier_is(runtime: Runtime) -> None:
    plain = runtime.value.upper().replace(".", "_").replace("-", "_")
    assert runtime.name.replace("_", "") == plain.replace("_", "")


def test_the_deck_s_runtimes_are_those_of_2019() -> None:
    assert [runtime.value for runtime in runtimes("2019-04-01")] == [
        "python2.7",
        "python3.6",
        "python3.7",
        "nodejs6.10",
        "nodejs8.10",
        "dotnetcore1.0",
        "dotnetcore2.0",
        "dotnetcore2.1",
        "go1.x",
        "java8",
        "ruby2.5",
        "provided",
    ]


def test_an_unknown_profile_has_no_runtimes() -> None:
    with pytest.raises(UsageError, match="2020"):
        runtimes("2020")


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (date(2026, 10, 30), Phase.SUPPORTED),
        (date(2026, 10, 31), Phase.DEPRECATED),
        (date(2027, 1, 31), Phase.DEPRECATED),
        (date(2027, 2, 1), Phase.CREATE_BLOCKED),
        (date(2027, 3, 2), Phase.CREATE_BLOCKED),
        (date(2027, 3, 3), Phase.UPDATE_BLOCKED),
    ],
)
def test_a_runtime_goes_through_its_phases_on_aws_s_days(day: date, phase: Phase) -> None:
    assert runtime_facts(Runtime.PYTHON_3_10).phase(day) is phase


@pytest.mark.parametrize(
    ("runtime", "phase"),
    [
        (Runtime.PYTHON_3_14, Phase.SUPPORTED),
        (Runtime.PYTHON_3_15, Phase.PREVIEW),
        (Runtime.NODEJS_20_X, Phase.DEPRECATED),
        (Runtime.GO1_X, Phase.CREATE_BLOCKED),
        (Runtime.PYTHON_2_7, Phase.UPDATE_BLOCKED),
        (Runtime.JAVA17_AL2023, Phase.SUPPORTED),
    ],
)
def test_the_phases_on_the_table_s_own_day(runtime: Runtime, phase: Phase) -> None:
    assert runtime_facts(runtime).phase(date(2026, 11, 24)) is phase


@pytest.mark.parametrize("runtime", Runtime)
def test_update_is_never_blocked_before_create(runtime: Runtime) -> None:
    facts = runtime_facts(runtime)
    assert (facts.create_blocked is None) == (facts.update_blocked is None)
    assert (facts.create_blocked or date.min) <= (facts.update_blocked or date.min)


@pytest.mark.parametrize("runtime", Runtime)
def test_a_runtime_that_was_once_dropped_stays_dropped(runtime: Runtime) -> None:
    facts = runtime_facts(runtime)
    days = [date(2015, 1, 1) + timedelta(days=90 * count) for count in range(80)]
    phases = [list(Phase).index(facts.phase(day)) for day in days]
    assert phases == sorted(phases)


@pytest.mark.parametrize(
    ("name", "newest"),
    [
        ("python", Runtime.PYTHON_3_14),
        ("nodejs", Runtime.NODEJS_24_X),
        ("java", Runtime.JAVA25),
        ("dotnet", Runtime.DOTNET10),
        ("ruby", Runtime.RUBY_4_0),
        ("provided", Runtime.PROVIDED_AL2023),
        ("cobol", None),
    ],
)
def test_the_newest_of_each_family_is_no_preview(name: str, newest: Runtime | None) -> None:
    assert latest(name) is newest


@pytest.mark.parametrize(
    ("runtime", "successor"),
    [
        (Runtime.PYTHON_3_8, Runtime.PYTHON_3_14),
        (Runtime.JAVA8_AL2023, Runtime.JAVA25),
        (Runtime.DOTNETCORE_3_1, Runtime.DOTNET10),
        (Runtime.GO1_X, Runtime.PROVIDED_AL2023),
        (Runtime.PYTHON_3_14, None),
    ],
)
def test_a_runtime_s_successor_is_the_newest_of_its_family(
    runtime: Runtime, successor: Runtime | None
) -> None:
    assert runtime_facts(runtime).successor is successor


def test_every_runtime_belongs_to_a_family_with_a_living_member() -> None:
    assert {family(runtime) for runtime in Runtime} == {
        "dotnet",
        "java",
        "nodejs",
        "provided",
        "python",
        "ruby",
    }
