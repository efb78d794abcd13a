set -e
node --test .check/given.test.ts .check/hidden.test.ts
