"""A loan office: Step Functions asks one function for the risk, and decides by its answer."""

from lambdaform import Function, Runtime, ScheduleV2Event, Stack, StateMachine, policies, rate

stack = Stack("loans", description="Decides on loans")

risk = stack.add(
    Function("Risk", runtime=Runtime.PYTHON_3_13, handler="risk.handler", code_uri="src", timeout=10)
)
office = stack.add(
    StateMachine(
        "Office",
        definition={
            "StartAt": "AskForRisk",
            "States": {
                "AskForRisk": {
                    "Type": "Task",
                    "Resource": risk.arn,
                    "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3}],
                    "ResultPath": "$.risk",
                    "Next": "Decide",
                },
                "Decide": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.risk.percent", "NumericLessThan": 20, "Next": "Granted"}],
                    "Default": "Refused",
                },
                "Granted": {"Type": "Succeed"},
                "Refused": {"Type": "Fail", "Error": "TooRisky"},
            },
        },
        policies=[policies.lambda_invoke(risk)],
        tracing=True,
        events={"Rehearsal": ScheduleV2Event(rate(1, "day"), input={"income": 3000, "sum": 9000})},
    )
)
stack.output("OfficeArn", office.arn)
