same() { [ "$1" = "$2" ] || { echo "got: $1"; echo "due: $2"; exit 1; }; }
fill() {
  rm -rf box; mkdir -p box/dir.bak
  touch -t 202601010101 "box/old one.bak"; touch -t 202601020101 box/-r.bak
  touch -t 202601030101 box/new.bak; touch -t 202001010101 box/keep.txt; touch -t 202101010101 box/dir.bak
}
fill; same "$(sh rotate.sh box 2)" "old one.bak"; same "$(ls box | wc -l | tr -d ' ')" 4
fill; same "$(sh rotate.sh box 0 | wc -l | tr -d ' ')" 3; [ -d box/dir.bak ] && [ -f box/keep.txt ] || exit 1
fill; same "$(sh rotate.sh box 9)" ""
fill; sh rotate.sh box; same $? 2; sh rotate.sh box x; same $? 2; same "$(ls box | wc -l | tr -d ' ')" 5
