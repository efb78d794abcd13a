import sys
from datetime import date

sys.path.insert(0, ".")
from months import add_months

for begin, count, end in [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2026, 11, 15), 1, date(2026, 12, 15)),
    (date(2026, 12, 1), 1, date(2027, 1, 1)),
    (date(2026, 1, 15), -1, date(2025, 12, 15)),
    (date(2026, 3, 31), -13, date(2025, 2, 28)),
    (date(2026, 5, 5), 0, date(2026, 5, 5)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
]:
    assert add_months(begin, count) == end, (begin, count, add_months(begin, count))
