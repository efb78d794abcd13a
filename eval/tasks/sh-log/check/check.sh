same() { [ "$1" = "$2" ] || { echo "got: $1"; echo "due: $2"; exit 1; }; }
printf 'GET /b?x=1 500 7\nGET /a 200 9\nPOST /a 503 100\nbroken\nGET /c 200 x\nGET /b 404 0\n' > log.txt
same "$(sh report.sh < log.txt 2> problem.txt)" "$(printf '/a 2 1 100\n/b 2 1 7')"
same "$(cat problem.txt)" "skipped 2"
same "$(printf 'GET /z 200 0\nGET /Z 200 0\n' | sh report.sh 2>&1)" "$(printf '/Z 1 0 0\n/z 1 0 0')"
same "$(printf '' | sh report.sh 2>&1)" ""
