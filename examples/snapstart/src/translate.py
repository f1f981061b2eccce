import json
from pathlib import Path

# Loaded when the version is published; what is random or secret belongs into the handler.
WORDS = json.loads(Path(__file__).with_name("words.json").read_text())


def handler(event, context):
    return {"word": event["word"], "translation": WORDS.get(event["word"])}
