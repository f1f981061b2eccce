def handler(event, context):
    lines = []
    for record in event["Records"]:
        repository = record["eventSourceARN"].rpartition(":")[2]
        for reference in record["codecommit"]["references"]:
            branch = reference["ref"].removeprefix("refs/heads/")
            lines.append(f"{repository}: {branch} is at {reference['commit'][:7]}")
    return lines
