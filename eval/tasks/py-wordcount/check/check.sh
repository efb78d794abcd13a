set -e
same() { [ "$1" = "$2" ] || { echo "got: $1"; echo "due: $2"; exit 1; }; }
printf 'b a A c_d don'"'"'t\nb a\n' > one.txt
same "$(python3 wordcount.py -n 3 < one.txt)" "$(printf '3 a\n2 b\n1 c')"
same "$(python3 wordcount.py --min 2 one.txt)" "1 don't"
same "$(python3 wordcount.py one.txt one.txt -n 1)" "6 a"
code=0
out=$(python3 wordcount.py none.txt one.txt -n 1 2> problem.txt) || code=$?
same "$code" 1
same "$out" "3 a"
grep -q none.txt problem.txt
