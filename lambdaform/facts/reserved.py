"""The environment variables that Lambda sets itself, and which of them a function may set too.

The deck's list and today's differ: in 2019 ``TZ`` was reserved. Not the variables' values, which the
execution environment makes.

Source: AWS Lambda Developer Guide, configuration-envvars; deck section C5. Environments recorded from AWS
show more names, which Lambda sets and no page mentions: they are in `UNDOCUMENTED`, since it is not known
whether a function may set them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

#: What a name looks like: two characters or more, the first a letter (Lambda API, EnvironmentVariableName).
#: It excludes the reserved names that begin with an underscore, and every other such name.
ENVIRONMENT_NAME = r"[a-zA-Z][a-zA-Z0-9_]+"

_RESERVED = MappingProxyType(
    {
        "_HANDLER": "the function's handler",
        "_X_AMZN_TRACE_ID": "the X-Ray tracing header of each invocation",
        "AWS_ACCESS_KEY": "credentials of the execution role",
        "AWS_ACCESS_KEY_ID": "credentials of the execution role",
        "AWS_DEFAULT_REGION": "the region",
        "AWS_EXECUTION_ENV": "the runtime, with the prefix AWS_Lambda_",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "the function's memory in MB",
        "AWS_LAMBDA_FUNCTION_NAME": "the function's name",
        "AWS_LAMBDA_FUNCTION_VERSION": "the version that is executed",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "how the environment was initialised",
        "AWS_LAMBDA_LOG_GROUP_NAME": "the function's log group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "the environment's log stream",
        "AWS_LAMBDA_MAX_CONCURRENCY": "the concurrency of one environment of Managed Instances",
        "AWS_LAMBDA_METADATA_API": "the address of the metadata endpoint",
        "AWS_LAMBDA_METADATA_TOKEN": "the token for the metadata endpoint",
        "AWS_LAMBDA_RUNTIME_API": "the address of the Runtime API",
        "AWS_REGION": "the region",
        "AWS_SECRET_ACCESS_KEY": "credentials of the execution role",
        "AWS_SESSION_TOKEN": "credentials of the execution role",
        "LAMBDA_RUNTIME_DIR": "the path of the runtime's libraries",
        "LAMBDA_TASK_ROOT": "the path of the function's code",
    }
)

#: Names that Lambda sets, and that a function may set to something else.
OVERRIDABLE = frozenset(
    {
        "AWS_LAMBDA_DOTNET_PREJIT",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "GEM_PATH",
        "LANG",
        "LD_LIBRARY_PATH",
        "NODE_OPTIONS",
        "NODE_PATH",
        "PATH",
        "PYTHONPATH",
        "TZ",
    }
)

#: Names that were seen in environments on AWS, and on none of its pages.
UNDOCUMENTED = frozenset(
    {
        "AWS_SECRET_KEY",
        "DOTNET_ROOT",
        "GEM_HOME",
        "LAMBDA_RUNTIME_NAME",
        "LC_CTYPE",
        "NODE_EXTRA_CA_CERTS",
        "PWD",
        "RUBYLIB",
        "SHLVL",
        "SSL_CERT_FILE",
        "_AWS_XRAY_DAEMON_ADDRESS",
        "_AWS_XRAY_DAEMON_PORT",
        "_LAMBDA_TELEMETRY_LOG_FD",
    }
)

# Names that came with what is newer than the deck: provisioned concurrency, Managed Instances, the metadata
# endpoint. The other names that the deck passes over (AWS_DEFAULT_REGION and so on) Lambda set then, too.
_NEWER = frozenset(
    {
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
    }
)


@cache
def reserved_names(profile: str = "current") -> Mapping[str, str]:
    """The names that a function's configuration may not set, each with what Lambda keeps there.

    Raises `UsageError` where there is no such profile.
    """
    from lambdaform.facts.schemas import dated_table

    if dated_table(profile)["profile"] == "current":
        return _RESERVED
    then = {name: meaning for name, meaning in _RESERVED.items() if name not in _NEWER}
    return MappingProxyType({**then, "TZ": "the time zone, which is UTC"})
