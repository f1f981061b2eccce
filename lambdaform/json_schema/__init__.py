"""JSON Schemas (draft 2020-12) of what lambdaform reads and writes, made from the classes themselves."""
