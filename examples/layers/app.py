"""Two shops that share their price rules in a layer, which a partner's account may use too."""

from lambdaform import Function, Layer, LayerVersionPermission, Runtime, Stack

stack = Stack("shops", description="Shops with shared price rules")

vat = stack.add(
    Layer(
        "VatRules",
        description="Value added tax by country",
        content_uri="layers/vat",
        compatible_runtimes=[Runtime.PYTHON_3_13, Runtime.PYTHON_3_12],
        compatible_architectures=["x86_64", "arm64"],
        license_info="Apache-2.0",
        retention_policy="Retain",
    )
)
sale = stack.add(Layer("SaleRules", content_uri="layers/sale", compatible_runtimes=[Runtime.PYTHON_3_13]))
stack.add(LayerVersionPermission("PartnerMayUseVat", layer_version_arn=vat, principal="123456789012"))

stack.add(
    Function(
        "Price",
        runtime=Runtime.PYTHON_3_13,
        handler="price.handler",
        code_uri="src",
        layers=[vat, sale],
    )
)
