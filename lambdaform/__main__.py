"""``python -m lambdaform``: the command line."""

from lambdaform.cli.main import main

if __name__ == "__main__":
    main()
