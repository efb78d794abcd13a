def merge(pairs):
    pairs.sort()
    merged = []
    for start, end in pairs:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
