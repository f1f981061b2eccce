"""The typed value that a Lambda application is: resources, their properties, and references between them.

Nothing in this room does I/O or knows how a template is written; `lambdaform.synth` reads these values.
"""
