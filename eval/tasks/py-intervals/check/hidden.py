import sys

sys.path.insert(0, ".")
from intervals import merge

assert merge([]) == []
assert merge([(2, 3), (1, 2)]) == [(1, 3)]
assert merge([(1, 9), (2, 3), (11, 12)]) == [(1, 9), (11, 12)]
assert merge([(5, 5), (5, 5)]) == [(5, 5)]
given = [(3, 4), (1, 2)]
merge(given)
assert given == [(3, 4), (1, 2)]
assert merge(((1, 2),)) == [(1, 2)]
try:
    merge([(2, 1)])
except ValueError:
    pass
else:
    raise AssertionError("(2, 1) was taken")
