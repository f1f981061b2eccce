"""A translator with a dictionary that takes long to load: SnapStart loads it once for each version."""

from lambdaform import Function, Runtime, Stack

stack = Stack("translator", description="Translates words")

stack.add(
    Function(
        "Translate",
        runtime=Runtime.PYTHON_3_13,
        handler="translate.handler",
        code_uri="src",
        memory_size=1024,
        snap_start="PublishedVersions",
        auto_publish_alias="live",
    )
)
