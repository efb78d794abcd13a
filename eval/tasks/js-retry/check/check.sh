set -e
node --test .check/given.test.js .check/hidden.test.js
