"""A price list with two names for its code: live is a version that stays, next is whatever is newest."""

from lambdaform import Alias, Function, Runtime, Stack, Version

stack = Stack("prices", description="Prices by version")

prices = stack.add(Function("Prices", runtime=Runtime.PYTHON_3_13, handler="prices.handler", code_uri="src"))
spring = stack.add(
    Version("SpringPrices", function_name=prices, description="Spring", deletion_policy="Retain")
)

stack.add(Alias("live", function_name=prices, function_version=spring))
stack.add(Alias("next", function_name=prices, function_version="$LATEST"))
