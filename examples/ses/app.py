"""A letter box: mail to support@ becomes a ticket, and spam does not get that far."""

from troposphere import ses

from lambdaform import Aws, Function, Permission, Runtime, Stack

stack = Stack("letterbox", description="Turns mail into tickets")

domain = stack.parameter("Domain", default="example.com")
ticket = stack.add(
    Function("Ticket", runtime=Runtime.PYTHON_3_13, handler="ticket.handler", code_uri="src", timeout=10)
)
permission = stack.add(
    Permission(
        "MailMayInvoke",
        function_name=ticket,
        principal="ses.amazonaws.com",
        source_account=Aws.ACCOUNT_ID,
    )
)
rules = stack.add(ses.ReceiptRuleSet("Mail"))
stack.add(
    ses.ReceiptRule(
        "Support",
        RuleSetName=rules.ref,
        Rule=ses.Rule(
            Enabled=True,
            ScanEnabled=True,
            Recipients=[domain.ref],
            Actions=[
                ses.Action(
                    LambdaAction=ses.LambdaAction(FunctionArn=ticket.arn, InvocationType="RequestResponse")
                )
            ],
        ),
        DependsOn=permission.logical_id,
    )
)
