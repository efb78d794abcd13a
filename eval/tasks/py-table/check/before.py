def cost_de(grams, express=False):
    if grams <= 0:
        raise ValueError("grams must be positive")
    if grams <= 500:
        cents = 390
    elif grams <= 2000:
        cents = 590
    else:
        cents = 590 + 150 * ((grams - 2000 + 999) // 1000)
    if express:
        cents = cents * 2
    return cents


def cost_fr(grams, express=False):
    if grams <= 0:
        raise ValueError("grams must be positive")
    if grams <= 250:
        cents = 520
    elif grams <= 2000:
        cents = 890
    else:
        cents = 890 + 210 * ((grams - 2000 + 999) // 1000)
    if express:
        cents = cents * 2 + 100
    return cents


def cost_us(grams, express=False):
    if grams <= 0:
        raise ValueError("grams must be positive")
    if grams <= 100:
        cents = 990
    elif grams <= 1000:
        cents = 1690
    else:
        cents = 1690 + 640 * ((grams - 1000 + 999) // 1000)
    if express:
        cents = cents * 3
    return cents
