set -e
node --test .check/hidden.test.js
node --test test/emitter.test.js
