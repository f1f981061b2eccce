"""The environment variables that a function's process gets: Lambda's own, the runtime's, the function's.

Nothing of this machine's environment gets in: no credentials, no configuration of AWS tools.

Source: AWS Lambda Developer Guide, configuration-envvars; deck section C5; environments recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from lambdaform.facts.reserved import reserved_names
from lambdaform.local.control.function import FunctionConfiguration

#: Where the X-Ray daemon listens on AWS. Here nothing does.
_XRAY_HOST, _XRAY_PORT = "169.254.100.1", "2000"
#: Where an environment that starts from a snapshot asks for its credentials, on its Runtime API's address.
CREDENTIALS_PATH = "/2021-04-23/credentials"

#: What a function finds unless it sets another one.
LANG, TIME_ZONE = "en_US.UTF-8", ":UTC"
#: The runtimes of which a shell script starts the interpreter on AWS, which leaves variables of its own.
_STARTED_BY_A_SHELL = ("python", "nodejs", "ruby", "dotnet")


@frozen(kw_only=True)
class Paths:
    """Where the process finds what AWS has under ``/var/task``, ``/opt``, ``/tmp`` and ``/var/runtime``."""

    task: str
    opt: str
    tmp: str
    runtime: str


def variables(
    configuration: FunctionConfiguration,
    paths: Paths,
    *,
    runtime_api: str,
    log_stream: str,
    initialization_type: str,
    runtime_variables: Mapping[str, str],
    endpoint_url: str | None,
    in_sandbox: bool,
    metadata_token: str,
    credentials_token: str | None = None,
) -> dict[str, str]:
    """All variables of a process. The function's own win, but for the names that Lambda keeps to itself.

    With ``credentials_token`` it is the process of an environment that starts from a snapshot: what would differ
    from environment to environment is not among them.
    """
    region = configuration.region
    task, opt, runtime = paths.task, paths.opt, paths.runtime
    own = {
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": configuration.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": configuration.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization_type,
        "AWS_LAMBDA_LOG_GROUP_NAME": configuration.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_METADATA_API": runtime_api,
        "AWS_LAMBDA_METADATA_TOKEN": metadata_token,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": region,
        "LAMBDA_RUNTIME_DIR": runtime,
        "LAMBDA_TASK_ROOT": task,
        "_AWS_XRAY_DAEMON_ADDRESS": _XRAY_HOST,
        "_AWS_XRAY_DAEMON_PORT": _XRAY_PORT,
        "_HANDLER": configuration.handler,
    }
    if credentials_token is None:
        own |= credentials(configuration)
    else:
        del own["AWS_LAMBDA_LOG_GROUP_NAME"], own["AWS_LAMBDA_LOG_STREAM_NAME"]
        own["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://{runtime_api}{CREDENTIALS_PATH}"
        own["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = credentials_token
    if not configuration.runtime.startswith("provided"):
        own["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{configuration.runtime}"
    # Amazon Linux 2 without a language has no folder for one, and Ruby's is there twice.
    times = (
        0 if configuration.runtime == "provided.al2" else 2 if configuration.runtime.startswith("ruby") else 1
    )
    defaults = {
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": f"{_XRAY_HOST}:{_XRAY_PORT}",
        "LANG": LANG,
        "LD_LIBRARY_PATH": library_path(paths, times),
        "PATH": f"{'/var/lang/bin:' * times}/usr/local/bin:/usr/bin/:/bin:{opt}/bin",
        "TZ": TIME_ZONE,
    }
    if configuration.log_format == "JSON":
        defaults["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
    if configuration.runtime.startswith(_STARTED_BY_A_SHELL):
        defaults |= {"PWD": task, "SHLVL": "0"}
    if configuration.application_log_level is not None:
        defaults["AWS_LAMBDA_LOG_LEVEL"] = configuration.application_log_level
    if endpoint_url is not None:
        # So that no call of the function's AWS SDK leaves this machine.
        defaults["AWS_ENDPOINT_URL"] = endpoint_url
    if not in_sandbox:
        # The home folder of whoever runs lambdaform may hold credentials, which the SDKs would find there.
        defaults |= {"HOME": paths.tmp, "TMPDIR": paths.tmp}
    reserved = reserved_names()
    given = {name: value for name, value in configuration.environment.items() if name not in reserved}
    return {**defaults, **runtime_variables, **given, **own}


def library_path(paths: Paths, times: int = 1) -> str:
    """Where the loader looks for libraries; the language's folder comes so many times."""
    task, opt, runtime = paths.task, paths.opt, paths.runtime
    return f"{'/var/lang/lib:' * times}/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:{opt}/lib"


#: What the session token of a function's credentials begins with, before the function's name.
_SESSION_OF = "lambdaform-local-session-of-"
SECRET_ACCESS_KEY = "lambdaform-local-not-a-secret-000000000"  # noqa: S105 - known to all


def function_of_session(token: str) -> str:
    """The function whose credentials a session token belongs to; empty where it is nobody's or another's."""
    return token.removeprefix(_SESSION_OF) if token.startswith(_SESSION_OF) else ""


def access_key_id(account_id: str) -> str:
    """The access key of the credentials that functions of an account have; their session tokens tell them apart."""
    return "ASIALOCAL" + account_id[-11:].rjust(11, "0")


def credentials(configuration: FunctionConfiguration) -> dict[str, str]:
    """Credentials in the form of the execution role's, good for nothing outside this machine."""
    account = configuration.function_arn.split(":")[4]
    return {
        "AWS_ACCESS_KEY_ID": access_key_id(account),
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_SESSION_TOKEN": f"{_SESSION_OF}{configuration.function_name}",
    }
