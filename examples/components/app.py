"""A mail-order shop: orders and returns are worked on alike, so one component makes both."""

from workers import worker

from lambdaform import Stack

stack = Stack("mail-order", tags={"service": "mail-order"})

orders = worker(stack.scope("Orders", tags={"team": "sales"}), "orders.handler", at_once=20)
returns = worker(stack.scope("Returns", tags={"team": "service"}), "returns.handler", timeout=30)

stack.output("OrdersUrl", orders.ref)
stack.output("ReturnsUrl", returns.ref)
