awk '
  NF != 4 || $3 !~ /^[0-9]+$/ || $4 !~ /^[0-9]+$/ { skipped++; next }
  {
    path = $2
    sub(/[?].*/, "", path)
    count[path]++
    if ($3 + 0 >= 500) errors[path]++
    if ($4 + 0 > slowest[path] + 0) slowest[path] = $4 + 0
  }
  END {
    for (path in count) print path, count[path], errors[path] + 0, slowest[path] + 0
    if (skipped) print "skipped " skipped > "/dev/stderr"
  }
' | LC_ALL=C sort
