set -e
cc -Wall -Wextra -Werror -o check.out .check/hidden.c ring.c
./check.out
