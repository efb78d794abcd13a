[ $# -eq 2 ] || { echo "usage: rotate.sh FOLDER KEEP" >&2; exit 2; }
case $2 in
  '' | *[!0-9]*) echo "$2 is no number" >&2; exit 2 ;;
esac
cd -- "$1" || exit 2
kept=0
ls -t | while IFS= read -r file; do
  case $file in *.bak) ;; *) continue ;; esac
  [ -f "$file" ] || continue
  kept=$((kept + 1))
  [ "$kept" -gt "$2" ] || continue
  printf '%s\n' "$file"
  rm -- "$file"
done
