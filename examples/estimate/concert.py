from app import stack

from lambdaform import Traffic, estimate

print(
    estimate(
        stack,
        {
            "Sell": Traffic(requests_per_second=6000, duration_ms=180),
            "Print": Traffic(messages_per_second=500, duration_ms=400),
        },
    )
)
