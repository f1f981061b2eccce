def handler(event, context):
    lines = [f"{name:<10}{price:>8.2f}" for name, price in event["goods"].items()]
    return [*lines, f"{'total':<10}{sum(event['goods'].values()):>8.2f}"]
