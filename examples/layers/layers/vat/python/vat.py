RATES = {"DE": 19, "FR": 20, "SE": 25}
