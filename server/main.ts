// The store's thread takes as long to stand as the server takes to be read: they do it beside each other.
import { readySqliteThread } from './store/sqlite-thread.ts'

readySqliteThread()
await import('./server.ts')
