set -e
node --test .check/hidden.test.ts
