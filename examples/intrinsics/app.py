"""A canteen in two towns: what differs is a parameter, a condition or a look-up, and CloudFormation decides."""

from lambdaform import (
    Aws,
    Function,
    Queue,
    Runtime,
    Stack,
    and_,
    equals,
    find_in_map,
    if_,
    join,
    not_,
    select,
    split,
    sub,
)

stack = Stack("canteen", description="Cooks")

town = stack.parameter("Town", default="Bonn", allowed_values=["Bonn", "Lund"])
menu = stack.parameter("Menu", default="soup,stew,salad", description="Dishes, the first is today's")
stage = stack.parameter("Stage", default="dev", allowed_values=["dev", "prod"])

stack.mapping(
    "Towns", {"Bonn": {"Currency": "EUR", "Guests": 200}, "Lund": {"Currency": "SEK", "Guests": 80}}
)
prod = stack.condition("IsProd", equals(stage.ref, "prod"))
crowded = stack.condition("IsCrowded", and_(prod, not_(equals(town.ref, "Lund"))))

waste = stack.add(Queue("Waste", condition=prod, queue_name=sub("${AWS::StackName}-waste-${Town}")))
stack.add(
    Function(
        "Cook",
        runtime=Runtime.PYTHON_3_13,
        handler="cook.handler",
        code_uri="src",
        memory_size=if_(crowded, 1024, 256),
        environment={
            "DISH": select(0, split(",", menu.ref)),
            "PLACE": join(", ", [town.ref, Aws.REGION]),
            "CURRENCY": find_in_map("Towns", town.ref, "Currency"),
            "WASTE": if_(prod, waste.url, Aws.NO_VALUE),
        },
    )
)
stack.output("WasteQueue", waste.arn, condition=prod, export=sub("${AWS::StackName}-waste"))
