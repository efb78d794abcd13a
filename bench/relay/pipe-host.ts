// The least that can stand between the model and its clients: a process that hands on bytes and looks at none.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

const port = Number(process.argv[2])
const server = createServer((near) => {
  const far = connect(port, '127.0.0.1')
  for (const socket of [near, far]) {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
  }
  near.pipe(far).pipe(near)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('disconnect', () => process.exit(0))
process.send?.((server.address() as AddressInfo).port)
