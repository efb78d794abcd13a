import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

const source = readFileSync(new URL('./live-script.js', import.meta.url), 'utf8')
const app = 'http://127.0.0.1:3000'
const base = `${app}/preview/cap/`

class FakeElement {
  href = ''
  media = ''
  textContent = ''
  disabled = false
  isConnected = false
  next: FakeElement | undefined
  after(element: FakeElement) {
    element.isConnected = true
    this.next = element
  }
  closest(): FakeElement {
    return this
  }
  getAttribute(): string {
    return this.href
  }
}

/** As much of a page as the script touches. */
function openPage(path: string, { loaded = [] as string[] } = {}) {
  const listeners = new Map<string, (event: unknown) => void>()
  const told: unknown[] = []
  const timers: (() => void)[] = []
  const links: FakeElement[] = []
  let reloads = 0
  const location = { href: base + path, reload: () => void reloads++ }
  const parent = { postMessage: (message: unknown, origin: string) => told.push([message, origin]) }
  const window = {
    parent,
    name: 'mine',
    addEventListener: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
  }
  const document = {
    currentScript: { src: `${base}__tandem/live.js` },
    get baseURI() {
      return location.href
    },
    querySelectorAll: () => links,
    createElement: () => new FakeElement(),
    addEventListener: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
  }
  const scrolls: unknown[] = []
  const context = {
    window,
    document,
    location,
    URL,
    performance: { getEntriesByType: () => loaded.map((name) => ({ name })) },
    scrollX: 1,
    scrollY: 2,
    scrollTo: (place: unknown) => scrolls.push(place),
    setTimeout: (run: () => void) => timers.push(run),
    clearTimeout: () => timers.splice(0),
    Element: FakeElement,
  }
  const fire = (type: string, event: unknown) => listeners.get(type)?.(event)
  return {
    start: () => runInNewContext(source, context),
    send: (data: unknown, from: { source?: unknown; origin?: string } = {}) =>
      fire('message', { source: parent, origin: app, data, ...from }),
    addLink(href: string) {
      const link = new FakeElement()
      link.href = href
      link.media = 'screen'
      links.push(link)
      return link
    },
    click(href: string, event: object = {}) {
      const target = new FakeElement()
      target.href = href
      let prevented = false
      fire('click', {
        target,
        button: 0,
        defaultPrevented: false,
        preventDefault() {
          prevented = true
        },
        ...event,
      })
      return prevented
    },
    fire,
    runTimers: () => timers.splice(0).forEach((run) => void run()),
    told,
    scrolls,
    window,
    location,
    reloads: () => reloads,
  }
}

test('[PREVIEW-9] new text of a style sheet replaces it in its place, again and again, its references kept', () => {
  const page = openPage('docs/page.html')
  page.start()
  const link = page.addLink(`${base}css/a%20b.css?v=1`)
  page.send({
    tandem: 'css',
    path: 'css/a b.css',
    text: '@import "x.css"; a{b:url(../p.png) url("/q.png") url(#f) url(data:x,y)}',
  })
  expect(link.disabled).toBe(true)
  expect(link.next?.media).toBe('screen')
  expect(link.next?.textContent).toBe(
    `@import "${base}css/x.css"; a{b:url("${base}p.png") url("${base}q.png") url("#f") url("data:x,y")}`,
  )
  const style = link.next
  page.send({ tandem: 'css', path: 'css/a b.css', text: 'a{}' })
  expect(link.next).toBe(style)
  expect(style?.textContent).toBe('a{}')
  expect(page.reloads()).toBe(0)
})

test('[PREVIEW-9] a style sheet that came by import reloads the page once changes pause; one it never used does not', () => {
  const page = openPage('index.html', { loaded: [`${base}deep.css`] })
  page.start()
  page.send({ tandem: 'css', path: 'other.css', text: 'a{}' })
  page.runTimers()
  expect(page.reloads()).toBe(0)
  page.send({ tandem: 'css', path: 'deep.css', text: 'a{}' })
  page.send({ tandem: 'css', path: 'deep.css', text: 'a{b' })
  page.runTimers()
  expect(page.reloads()).toBe(1)
})

test('[PREVIEW-10] A16: only the embedding page of the app is listened to', () => {
  const page = openPage('')
  page.start()
  page.send({ tandem: 'reload' }, { source: {} })
  page.send({ tandem: 'reload' }, { origin: 'http://evil.test' })
  page.send({ tandem: 'reload' }, { origin: 'null' })
  for (const data of [null, 'reload', 7, {}, { tandem: 'other' }]) page.send(data)
  expect(page.reloads()).toBe(0)
  page.send({ tandem: 'reload' })
  expect(page.reloads()).toBe(1)
})

test('[PREVIEW-11] a reload keeps the place, and the page’s own name', () => {
  const page = openPage('')
  page.start()
  page.send({ tandem: 'html', path: 'other.html', text: '' })
  expect(page.reloads()).toBe(0)
  page.send({ tandem: 'html', path: 'index.html', text: '' })
  expect(page.reloads()).toBe(1)
  const after = openPage('')
  after.window.name = page.window.name
  after.start()
  after.fire('load', {})
  expect(after.window.name).toBe('mine')
  expect(after.scrolls).toEqual([{ left: 1, top: 2, behavior: 'instant' }])
})

test('[PREVIEW-12] the page says what it shows, and links lead nowhere but below the base', () => {
  const page = openPage('docs/')
  page.start()
  page.fire('DOMContentLoaded', {})
  expect(page.told).toEqual([[{ tandem: 'ready', path: 'docs/index.html' }, app]])
  expect(page.click('#part')).toBe(false)
  expect(page.click('x.html', { defaultPrevented: true })).toBe(false)
  expect(page.click('https://example.test/a')).toBe(true)
  expect(page.location.href).toBe(`${base}docs/`)
  expect(page.told.at(-1)).toEqual([{ tandem: 'external', url: 'https://example.test/a' }, app])
  expect(page.click('/about.html')).toBe(true)
  expect(page.location.href).toBe(`${base}about.html`)
})
