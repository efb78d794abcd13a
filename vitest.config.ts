import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{core,server,client,components,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'server/sample-project/**'],
    environment: 'node',
    globalSetup: 'scripts/lib/test-folder.ts',
    testTimeout: 20_000,
    maxWorkers: 2,
  },
})
