import os


def handler(event, context):
    height = int(os.environ["STATION_HEIGHT"])
    return {"colder by": round(height * 0.0065, 1), "password": "*" * len(os.environ["STATION_PASSWORD"])}
