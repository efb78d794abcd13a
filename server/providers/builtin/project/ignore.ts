/** Folders that are never a person's own source. */
const ignoredFolders = new Set([
  'node_modules',
  'bower_components',
  '.git',
  '.hg',
  '.svn',
  '.next',
  '.nuxt',
  '.cache',
  '.turbo',
  '.venv',
  '__pycache__',
  'coverage',
  'dist',
])

const binary =
  /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|pdf|zip|gz|tgz|bz2|xz|7z|rar|jar|war|class|so|dll|dylib|exe|o|a|wasm|woff2?|ttf|otf|eot|mp[34]|m4a|ogg|wav|webm|mov|avi|sqlite3?|db|bin|dat|pyc|map|lock|tsbuildinfo)$/i

export function isTextName(name: string): boolean {
  return !binary.test(name)
}

/** Answers whether a path (relative, `/` between names) is left out; reads the plain patterns of a `.gitignore`. */
export function ignoreRules(gitignore: string): (path: string, name: string) => boolean {
  const byName: RegExp[] = []
  const byPath: RegExp[] = []
  for (const line of gitignore.split('\n')) {
    const pattern = line.trim().replace(/\/$/, '')
    if (pattern === '' || pattern.startsWith('#') || pattern.startsWith('!')) continue
    if (pattern.includes('/')) byPath.push(globToPattern(pattern.replace(/^\//, '')))
    else byName.push(globToPattern(pattern))
  }
  return (path, name) =>
    ignoredFolders.has(name) ||
    byName.some((pattern) => pattern.test(name)) ||
    byPath.some((pattern) => pattern.test(path))
}

function globToPattern(glob: string): RegExp {
  const source = glob
    .slice(0, 200)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*{2,}\//g, '(?:.*/)?')
    .replace(/\*{2,}/g, '\u0000')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replace(/\u0000/g, '.*')
  return new RegExp(`^${source}$`)
}
