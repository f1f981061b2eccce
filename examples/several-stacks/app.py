"""A library: its catalogue changes rarely, the lending desk every day; so each is a stack of its own."""

from lambdaform import (
    Allow,
    Function,
    HttpApiEvent,
    PrimaryKey,
    Runtime,
    ScheduleEvent,
    SimpleTable,
    Stack,
    cron,
)

catalogue = Stack("catalogue", description="Which books there are")
books = catalogue.add(
    SimpleTable("Books", primary_key=PrimaryKey("isbn", "String"), deletion_policy="Retain")
)
books_name = catalogue.output("BooksName", books.ref, export="catalogue-books-name")
books_arn = catalogue.output("BooksArn", books.arn, export="catalogue-books-arn")

lending = Stack("lending", description="Who has which book")
lending.add(
    Function(
        "Lend",
        runtime=Runtime.PYTHON_3_13,
        handler="lend.handler",
        code_uri="src",
        environment={"BOOKS": books_name.imported},
        policies=[Allow("dynamodb:GetItem", on=books_arn.imported)],
        events={"Lend": HttpApiEvent(path="/loans", method="post")},
    )
)
lending.add(
    Function(
        "Remind",
        runtime=Runtime.PYTHON_3_13,
        handler="remind.handler",
        code_uri="src",
        events={"EveryMorning": ScheduleEvent(cron("0 8 * * ? *"))},
    )
)
