set -e
node --test --test-timeout=4000 --test-force-exit .check/given.test.js .check/hidden.test.js
