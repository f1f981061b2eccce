"""A value is checked where it is written: the error names the field, the value, the rule and the line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdaform import (
    Alarm,
    Alias,
    Allow,
    Canary,
    DefinitionError,
    DeploymentPreference,
    Function,
    LambdaformError,
    Layer,
    Linear,
    Queue,
    Resource,
    Runtime,
    SimpleTable,
    SqsEvent,
    Stack,
    Table,
    Topic,
    VpcConfig,
    if_,
)
from lambdaform.model.shape import collecting_problems, slots_of


def refused(make: Callable[[], object]) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        make()
    return caught.value


def test_a_timeout_over_the_limit_names_the_field_the_value_and_the_range() -> None:
    error = refused(lambda: Function("Checkout", timeout=901))
    assert "Function 'Checkout': timeout is 901." in str(error)
    assert "1 to 900 seconds" in str(error)
    assert error.rule == "LF101"


def test_the_error_points_at_the_argument_in_the_users_file() -> None:
    frame = inspect.currentframe()
    assert frame is not None
    line = frame.f_lineno + 4
    error = refused(
        lambda: Function(
            "Checkout",
            timeout=901,
        )
    )
    assert error.where is not None
    assert (error.where.file, error.where.line) == (__file__, line)


def test_the_error_points_into_a_mapping_at_the_wrong_name() -> None:
    error = refused(
        lambda: Function(
            "Checkout",
            environment={
                "GOOD": "x",
                "1BAD": "y",
            },
        )
    )
    assert error.where is not None
    assert error.where.source_line is not None
    assert '"1BAD": "y"' in error.where.source_line


def test_every_wrong_field_of_one_object_is_told_at_once() -> None:
    error = refused(lambda: Function("Checkout", timeout=901, memory_size=64))
    assert len([str(error), *error.__notes__]) == 2


@pytest.mark.parametrize("memory", [127, 10_241, -1, "512", 512.5, True])
def test_memory_is_a_whole_number_of_mb_that_lambda_offers(memory: object) -> None:
    refused(lambda: Function("F", memory_size=memory))  # type: ignore[arg-type]


@pytest.mark.parametrize("memory", [128, 129, 10_240])
def test_memory_goes_in_single_mb(memory: int) -> None:
    assert Function("F", memory_size=memory).memory_size == memory


def test_an_unknown_runtime_brings_the_nearest_one_to_mind() -> None:
    assert "Did you mean 'python3.13'?" in str(refused(lambda: Function("F", runtime="pyton3.13")))  # type: ignore[arg-type]


def test_a_runtime_may_be_written_as_text() -> None:
    assert Function("F", runtime="python3.13").runtime is Runtime.PYTHON_3_13


def test_environment_variables_over_4_kb_in_total_are_refused() -> None:
    error = refused(lambda: Function("F", environment={"ONE": "x" * 2500, "TWO": "x" * 2500}))
    assert "4,096 bytes" in str(error)


def test_six_layers_are_one_too_many() -> None:
    arns = [f"arn:aws:lambda:us-east-1:123456789012:layer:l{n}:1" for n in range(6)]
    assert "At most 5" in str(refused(lambda: Function("F", layers=arns)))


def test_a_layer_is_no_dead_letter_queue() -> None:
    layer = Layer("Shared", content_uri="layers/shared")
    error = refused(lambda: Function("F", dead_letter_queue=layer))  # type: ignore[arg-type]
    assert "dead_letter_queue is Layer 'Shared'" in str(error)
    assert "a Queue" in str(error)


def test_a_queue_as_dead_letter_queue_stands_for_its_arn() -> None:
    queue = Queue("Failed")
    preference = Function("F", dead_letter_queue=queue).dead_letter_queue
    assert preference is not None
    assert (preference.type, preference.target_arn) == ("SQS", queue.arn)  # type: ignore[union-attr]


def test_a_topic_as_dead_letter_queue_stands_for_its_reference() -> None:
    topic = Topic("Failed")
    preference = Function("F", dead_letter_queue=topic).dead_letter_queue
    assert preference.target_arn == topic.ref  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["1", "42", "a b", ""])
def test_an_alias_is_not_named_like_a_version(name: str) -> None:
    refused(lambda: Function("F", auto_publish_alias=name))


def test_a_percentage_that_codedeploy_does_not_predefine_lists_those_it_does() -> None:
    assert "Canary10Percent5Minutes" in str(refused(lambda: Canary(percent=20, minutes=5)))


def test_the_predefined_configurations_have_sams_names() -> None:
    assert Canary(percent=10, minutes=5) == "Canary10Percent5Minutes"
    assert Linear(percent=10, minutes=1) == "Linear10PercentEvery1Minute"


def test_the_error_of_an_object_that_a_shorthand_makes_points_at_the_users_file() -> None:
    error = refused(
        lambda: Alias("live", function_name="fn", function_version="7", routing_config={"8": 1.5})
    )
    assert error.where is not None
    assert error.where.file == __file__


def test_a_schedule_is_parsed_where_it_is_written() -> None:
    from lambdaform import ScheduleEvent

    error = refused(lambda: ScheduleEvent("rate(5 minute)"))
    assert "minute" in str(error)
    assert error.rule == "LF110"


def test_an_action_without_its_service_is_refused() -> None:
    refused(lambda: Allow("PutItem", on="*"))


def test_a_reference_fits_wherever_a_value_does() -> None:
    stack = Stack("s")
    size = stack.parameter("Size", "Number")
    assert Function("F", memory_size=size.ref, timeout=if_("Slow", 60, 3)).memory_size == size.ref


def test_a_property_newer_than_this_release_is_given_raw() -> None:
    assert dict(Function("F", raw={"Novelty": 1}).property_values()) == {"Novelty": 1}


def test_a_raw_property_wins_over_the_typed_one() -> None:
    assert dict(Function("F", timeout=3, raw={"Timeout": 5}).property_values()) == {"Timeout": 5}


def test_a_value_is_frozen_with_all_that_is_in_it() -> None:
    variables = {"A1": "x"}
    function = Function("F", environment=variables)
    variables["B1"] = "y"
    with pytest.raises(AttributeError):
        function.timeout = 3  # type: ignore[misc]
    assert dict(function.environment.variables) == {"A1": "x"}  # type: ignore[union-attr, arg-type]


def test_where_a_value_was_written_makes_it_no_other_value() -> None:
    one = Queue("Orders")
    other = Queue("Orders")
    assert one == other


def test_a_logical_id_is_taken_once() -> None:
    stack = Stack("s")
    stack.add(Queue("Orders"))
    assert "'Orders' is taken" in str(refused(lambda: stack.add(Topic("Orders"))))


def test_a_stack_takes_resources_only() -> None:
    refused(lambda: Stack("s").add("Orders"))  # type: ignore[call-overload]


def test_collecting_keeps_every_problem_and_the_refused_value() -> None:
    with collecting_problems() as problems:
        function = Function("F", timeout=901)
        Queue("Q", visibility_timeout=-1)
    assert [problem.rule for problem in problems] == ["LF101", "LF101"]
    assert (function.timeout, function.raw) == (None, {"Timeout": 901})


CLASSES: list[Callable[..., object]] = [
    Alarm,
    Function,
    Queue,
    SimpleTable,
    lambda logical_id, **values: Table(logical_id, **{"key_schema": {"Id": "HASH"}, **values}),
    Topic,
    lambda _, **values: VpcConfig(**values),
    lambda _, **values: DeploymentPreference(**values),
    lambda _, **values: SqsEvent("arn", **values),
]
FIELDS = [
    (make, slot.name)
    for make, cls in zip(
        CLASSES,
        [Alarm, Function, Queue, SimpleTable, Table, Topic, VpcConfig, DeploymentPreference, SqsEvent],
        strict=True,
    )
    for slot in slots_of(cls)
    if slot.name not in ("logical_id", "queue", "metadata", "attributes")
]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.lists(st.one_of(st.integers(), st.text(max_size=3), st.none()), max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), st.integers(), max_size=3),
    st.just(object()),
    st.just(Queue("Other")),
)


@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_a_field_is_given_the_answer_is_an_object_or_a_lambdaform_error(
    field: tuple[Callable[..., object], str], value: object
) -> None:
    make, name = field
    try:
        made = make("Id", **{name: value})
    except LambdaformError as error:
        # A shorthand's complaint names the class it stands for, and that class's field.
        assert name in str(error) or re.search(r": [A-Z]\w+: [a-z_]+", str(error))  # noqa: PT017 - else it is a value
    else:
        assert isinstance(made, Resource) or made is not None
