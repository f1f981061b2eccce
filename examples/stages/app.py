"""A weather station: small and quick to throw away in dev, larger and kept in prod."""

from attrs import frozen

from lambdaform import Function, PrimaryKey, Runtime, ScheduleEvent, SimpleTable, Stack, rate


@frozen
class Stage:
    """What differs between the stages."""

    name: str
    memory: int = 256
    minutes_between: int = 60
    keeps_data: bool = False


stages = {each.name: each for each in (Stage("dev"), Stage("prod", 1024, minutes_between=5, keeps_data=True))}


def app(stage: Stage) -> list[Stack]:
    """The stacks of a stage: what holds data, and what measures."""
    data = Stack(f"weather-data-{stage.name}", tags={"stage": stage.name})
    table = data.add(
        SimpleTable(
            "Readings",
            primary_key=PrimaryKey("hour", "String"),
            deletion_policy="Retain" if stage.keeps_data else "Delete",
        )
    )
    name = data.output("ReadingsName", table.ref, export=f"weather-{stage.name}-readings")
    measuring = Stack(f"weather-{stage.name}", tags={"stage": stage.name})
    measuring.add(
        Function(
            "Measure",
            runtime=Runtime.PYTHON_3_13,
            handler="measure.handler",
            code_uri="src",
            memory_size=stage.memory,
            environment={"READINGS": name.imported, "STAGE": stage.name},
            events={"Often": ScheduleEvent(rate(stage.minutes_between, "minutes"))},
        )
    )
    return [data, measuring]
