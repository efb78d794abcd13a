import argparse
import re
import sys
from collections import Counter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10)
    parser.add_argument("--min", type=int, default=1)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    counts = Counter()
    failed = False
    if options.files:
        for name in options.files:
            try:
                with open(name, encoding="utf-8") as file:
                    counts.update(words(file.read()))
            except OSError as error:
                failed = True
                print(f"{name}: {error.strerror}", file=sys.stderr)
    else:
        counts.update(words(sys.stdin.read()))
    long = [(word, count) for word, count in counts.items() if len(word) >= options.min]
    for word, count in sorted(long, key=lambda entry: (-entry[1], entry[0]))[: options.n]:
        print(count, word)
    return 1 if failed else 0


def words(text):
    return re.findall(r"(?:[^\W_]|')+", text.lower())


sys.exit(main())
