"""The archive: a stack that others nest, with a table and the function that sweeps it."""

from lambdaform import Function, PrimaryKey, Runtime, ScheduleEvent, SimpleTable, Stack, cron

archive = Stack("archive", description="Keeps letters for some time")
days = archive.parameter("KeepDays", "Number", default=30)
letters = archive.add(SimpleTable("Letters", primary_key=PrimaryKey("id", "String")))
archive.add(
    Function(
        "Sweep",
        runtime=Runtime.PYTHON_3_13,
        handler="sweep.handler",
        code_uri="src",
        environment={"LETTERS": letters.ref, "KEEP_DAYS": days.ref},
        policies=[letters.read_write()],
        events={"EveryNight": ScheduleEvent(cron("0 2 * * ? *"))},
    )
)
table_name = archive.output("LettersName", letters.ref)
table_arn = archive.output("LettersArn", letters.arn)
