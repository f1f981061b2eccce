"""Which operation a request is for."""

from __future__ import annotations

import pytest

from lambdaform.facts.service_model import service_model
from lambdaform.local.endpoint.routes import Routes

ROUTES = Routes(service_model().operations.values())


@pytest.mark.parametrize(
    ("request_line", "operation", "labels"),
    [
        ("GET /2015-03-31/functions", "ListFunctions", {}),
        ("GET /2015-03-31/functions/", "ListFunctions", {}),
        ("POST /2015-03-31/functions/", "CreateFunction", {}),
        ("GET /2015-03-31/functions/checkout", "GetFunction", {"FunctionName": "checkout"}),
        ("GET /2015-03-31/functions/checkout/code", None, {}),
        ("PUT /2015-03-31/functions/checkout/code", "UpdateFunctionCode", {"FunctionName": "checkout"}),
        (
            "GET /2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Ac/aliases/live",
            "GetAlias",
            {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:c", "Name": "live"},
        ),
        ("GET /2015-03-31/functions/a%2Fb", "GetFunction", {"FunctionName": "a/b"}),
        ("GET /2015-03-31/functions/a:live", "GetFunction", {"FunctionName": "a:live"}),
        ("GET /2018-10-31/layers", "ListLayers", {}),
        ("GET /2018-10-31/layers?find=LayerVersion&Arn=a", "GetLayerVersionByArn", {}),
        ("GET /2018-10-31/layers?Arn=a&find=LayerVersion", "GetLayerVersionByArn", {}),
        ("GET /2018-10-31/layers?find=Layers", "ListLayers", {}),
        (
            "GET /2019-09-30/functions/c/provisioned-concurrency?Qualifier=1",
            "GetProvisionedConcurrencyConfig",
            {"FunctionName": "c"},
        ),
        (
            "GET /2019-09-30/functions/c/provisioned-concurrency?List=ALL",
            "ListProvisionedConcurrencyConfigs",
            {"FunctionName": "c"},
        ),
        (
            "GET /2019-09-25/functions/c/event-invoke-config/list",
            "ListFunctionEventInvokeConfigs",
            {"FunctionName": "c"},
        ),
        ("POST /2014-11-13/functions/c/invoke-async/", "InvokeAsync", {"FunctionName": "c"}),
        (
            "GET /2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:c",
            "ListTags",
            {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:c"},
        ),
        ("GET /2015-03-31/functions//code", None, {}),
        ("PATCH /2015-03-31/functions/c", None, {}),
        ("GET /2099-03-31/functions/c", None, {}),
        ("GET /", None, {}),
    ],
)
def test_a_request_is_for_the_operation_of_its_method_path_and_query(
    request_line: str, operation: str | None, labels: dict[str, str]
) -> None:
    method, _, target = request_line.partition(" ")
    path, _, query = target.partition("?")
    route = ROUTES.find(method, path, query)
    if operation is None:
        assert route is None
    else:
        assert route is not None
        assert (route.operation.name, route.labels) == (operation, labels)
