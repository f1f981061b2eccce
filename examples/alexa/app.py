"""A voice in the kitchen: how long an egg boils."""

from lambdaform import AlexaSkillEvent, Function, Runtime, Stack

stack = Stack("kitchen", description="An Alexa skill")

skill = stack.parameter("SkillId", default="amzn1.ask.skill.00000000-0000-0000-0000-000000000000")
stack.add(
    Function(
        "Answer",
        runtime=Runtime.PYTHON_3_13,
        handler="answer.handler",
        code_uri="src",
        timeout=8,
        events={"Skill": AlexaSkillEvent(skill.ref)},
    )
)
