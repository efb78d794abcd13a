def merge(pairs):
    merged = []
    for start, end in sorted(pairs):
        if start > end:
            raise ValueError(f"{start} is after {end}")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
