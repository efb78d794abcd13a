// Runs inside the sandbox, beside the command: what programs send to a port of this empty network goes to the one
// socket that leads out. It decides nothing; whoever goes round it reaches the same socket.
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { pipeline } from 'node:stream'

const [socket, port, program, ...args] = process.argv.slice(2)

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: socket, allowHalfOpen: true })
  // What goes wrong ends both, which is all a program needs to know.
  pipeline(inside, outside, () => undefined)
  pipeline(outside, inside, () => undefined)
})
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' })
  child.on('error', () => process.exit(127))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
})
