import { defineConfig } from '@playwright/test'
import { chromium } from './scripts/lib/chromium.ts'

export default defineConfig({
  testDir: './e2e',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // The server, the browser and the fake model share the machine's cores with the test.
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  use: {
    locale: 'en-US',
    viewport: { width: 1440, height: 900 },
    // A trace of every test takes a sixth of their time: one is made when a failed test is run again, or by `--trace on`.
    trace: 'on-first-retry',
    launchOptions: chromium(),
  },
})
