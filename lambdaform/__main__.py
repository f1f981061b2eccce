"""``python -m lambdaform``: the command line."""

from lambdaform.cli.entry import main

if __name__ == "__main__":
    main()
