import type { Journal, JournalRecord } from './durable-storage.ts'

const storeName = 'kept'

/** A journal in IndexedDB, which writes to the disk when it is told to. */
export function createIndexedJournal(factory: IDBFactory): Journal {
  let opened: Promise<IDBDatabase> | undefined

  /** What was closed from outside, or did not open, is opened again with the next write. */
  const forget = () => {
    opened = undefined
  }

  function open(): Promise<IDBDatabase> {
    if (opened) return opened
    opened = openDatabase(factory, forget)
    opened.catch(forget)
    return opened
  }

  async function change(act: (store: IDBObjectStore) => void): Promise<void> {
    const database = await open()
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(storeName, 'readwrite', { durability: 'strict' })
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      act(transaction.objectStore(storeName))
      // Does not wait for this page, which may be closed or frozen meanwhile.
      transaction.commit()
    })
  }

  return {
    async readAll() {
      const database = await open()
      return new Promise((resolve, reject) => {
        const request: IDBRequest<JournalRecord[]> = database
          .transaction(storeName)
          .objectStore(storeName)
          .getAll()
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    },
    write: (records) =>
      change((store) => {
        for (const record of records) {
          store.delete(IDBKeyRange.bound([record.key], idOf(record), false, true))
          store.put(record)
        }
      }),
    remove: (records) =>
      change((store) => {
        for (const record of records) store.delete(idOf(record))
      }),
  }
}

/** Pages that write a key at once do not meet: each record has a place of its own. */
function idOf({ key, stamp }: JournalRecord): [string, number] {
  return [key, stamp]
}

function openDatabase(factory: IDBFactory, onClosed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open('tandem', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(storeName, { keyPath: ['key', 'stamp'] })
    }
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      database.onclose = onClosed
      // Whoever deletes it, or a later Tandem, does not wait for this page.
      database.onversionchange = () => {
        database.close()
        onClosed()
      }
      resolve(database)
    }
  })
}
