/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  devIndicators: false,
  turbopack: { root: new URL('../..', import.meta.url).pathname },
}

export default config
