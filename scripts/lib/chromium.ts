import type { LaunchOptions } from '@playwright/test'
import { findChromium } from './system.mjs'

/** Pages of the browser's own address bar, which it loads for every window; a fifth of the time a test takes. */
const ownPages = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup']

/** What Playwright switches off in its own list, which ours replaces. */
const withoutByPlaywright = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

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
    `--disable-features=${[...withoutByPlaywright, ...ownPages].join(',')}`,
  ]
  return executablePath === undefined ? { args } : { executablePath, args }
}
