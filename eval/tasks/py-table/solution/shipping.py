from collections import namedtuple

Rate = namedtuple("Rate", "light light_cents heavy heavy_cents more_cents times plus")

RATES = {
    "de": Rate(500, 390, 2000, 590, 150, 2, 0),
    "fr": Rate(250, 520, 2000, 890, 210, 2, 100),
    "us": Rate(100, 990, 1000, 1690, 640, 3, 0),
}


def cost(country, grams, express=False):
    rate = RATES[country]
    if grams <= 0:
        raise ValueError("grams must be positive")
    if grams <= rate.light:
        cents = rate.light_cents
    elif grams <= rate.heavy:
        cents = rate.heavy_cents
    else:
        cents = rate.heavy_cents + rate.more_cents * ((grams - rate.heavy + 999) // 1000)
    return cents * rate.times + rate.plus if express else cents


def cost_de(grams, express=False):
    return cost("de", grams, express)


def cost_fr(grams, express=False):
    return cost("fr", grams, express)


def cost_us(grams, express=False):
    return cost("us", grams, express)
