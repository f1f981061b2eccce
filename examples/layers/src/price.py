from decimal import Decimal

import discount
import vat


def handler(event, context):
    net = Decimal(event["net"]) * (100 - discount.PERCENT) / 100
    gross = net * (100 + vat.RATES[event["country"]]) / 100
    return {"gross": str(gross.quantize(Decimal("0.01")))}
