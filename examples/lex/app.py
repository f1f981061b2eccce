"""A florist's chat bot: the function checks the order while Lex asks for what is missing."""

from lambdaform import Aws, Function, Permission, Runtime, Stack

stack = Stack("florist", description="Takes orders for flowers in a chat")

bot_alias = stack.parameter("BotAliasArn", description="The alias of the Lex bot that asks the function")
order = stack.add(
    Function("Order", runtime=Runtime.PYTHON_3_13, handler="order.handler", code_uri="src", timeout=10)
)
stack.add(
    Permission(
        "BotMayInvoke",
        function_name=order,
        principal="lexv2.amazonaws.com",
        source_arn=bot_alias.ref,
        source_account=Aws.ACCOUNT_ID,
    )
)
stack.output("Function", order.arn, description="Name it in the bot's alias")
