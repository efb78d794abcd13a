import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './globals.css'
import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { applyPreferencesScript } from './apply-preferences.ts'

export const metadata: Metadata = {
  title: 'Tandem',
  description: 'You and a very fast model, writing in the same files.',
  referrer: 'no-referrer',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f1f2f4' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0e11' },
  ],
}

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const policy = (await headers()).get('content-security-policy')
  const nonce = policy?.match(/'nonce-([^']+)'/)?.[1]
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Before the first paint, or the page would flash in the wrong theme. */}
        <script
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, no user's text
          dangerouslySetInnerHTML={{ __html: applyPreferencesScript }}
        />
      </head>
      <body>{children}</body>
    </html>
  )
}
