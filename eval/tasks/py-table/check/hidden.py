import ast
import sys

sys.path[:0] = [".", ".check"]
import before
import shipping

for name in ("cost_de", "cost_fr", "cost_us"):
    for grams in (1, 100, 101, 250, 251, 500, 501, 1000, 1001, 2000, 2001, 3000, 3001, 12345):
        for express in (False, True):
            due = getattr(before, name)(grams, express=express)
            assert getattr(shipping, name)(grams, express=express) == due, (name, grams, express)
            assert shipping.cost(name[5:], grams, express) == due
    try:
        getattr(shipping, name)(0)
    except ValueError as error:
        assert str(error) == "grams must be positive"
    else:
        raise AssertionError("0 grams were taken")
try:
    shipping.cost("xx", 1)
except KeyError:
    pass
else:
    raise AssertionError("xx was taken")
assert len(shipping.RATES) == 3
tree = ast.parse(open("shipping.py").read())
functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
for name in ("cost_de", "cost_fr", "cost_us"):
    assert len(functions[name].body) == 1, f"{name} is more than a line"
