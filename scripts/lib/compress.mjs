import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** What is text and long enough to gain by it. */
const compressed = /\.(?:css|js|json|map|svg|ttf|wasm)$/
const leastBytes = 1024

/** Puts a compressed copy beside each file, for a server that then need not do so for each page. @param {string} folder */
export async function compressFiles(folder) {
  const names = await readdir(folder, { recursive: true })
  await Promise.all(
    names.map(async (name) => {
      if (!compressed.test(name)) return
      const file = join(folder, name)
      const bytes = await readFile(file)
      if (bytes.length < leastBytes) return
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
    }),
  )
}
