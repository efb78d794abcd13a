import type { LaunchOptions } from '@playwright/test'
import { findChromium } from './system.mjs'

/** How tests and measurements start the browser: headless, as root too, silent on the network. */
export function chromium(): LaunchOptions {
  const executablePath = findChromium()
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return executablePath === undefined ? { args } : { executablePath, args }
}
