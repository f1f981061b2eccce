"""lambdaform: an AWS Lambda application as one typed Python value."""

__version__ = "0.1.0"
