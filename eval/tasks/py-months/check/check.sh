set -e
python3 .check/hidden.py
