"""A quiz: a WebSocket API whose messages go to the function that their action names."""

from lambdaform import Allow, Function, Runtime, Stack, WebSocketApi, WebSocketRoute, sub

stack = Stack("quiz", description="A quiz over WebSockets")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", timeout=10)

door = stack.add(Function("Door", handler="quiz.door"))
guess = stack.add(
    Function(
        "Guess",
        handler="quiz.guess",
        policies=[
            Allow(
                "execute-api:ManageConnections",
                on=sub(
                    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/live/POST/@connections/*"
                ),
            )
        ],
    )
)
api = stack.add(
    WebSocketApi(
        "Quiz",
        stage_name="live",
        route_selection_expression="$request.body.action",
        routes={"$connect": WebSocketRoute(door), "guess": WebSocketRoute(guess)},
    )
)
stack.output("Address", sub("wss://${api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live", api=api.ref))
