set -e
python3 -m unittest -q test_intervals
python3 .check/hidden.py
