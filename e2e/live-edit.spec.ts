import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, longSecondHunk, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

const shout = patchTo('src/greeting.ts', ["  return 'Hello, ' + name"], ["  return 'HELLO, ' + name"])

test('[WEB-1] an edit is written into the open editor as it streams, and reaches the disk', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    rule(
      'shout',
      [
        { type: 'text', text: 'I will. ' },
        { type: 'customCall', name: 'apply_patch', text: shout },
      ],
      'It shouts now.',
    ),
  ]
  await openFile(page, 'src/greeting.ts')
  await expect(editor(page)).toContainText("'Hello, ' + name")
  await ask(page, 'shout please')
  await expect(editor(page)).toContainText("'HELLO, ' + name")
  await expect(chat(page)).toContainText('It shouts now.')
  await expect(chat(page).getByRole('button', { name: /src\/greeting\.ts/ })).toBeVisible()
  await expect.poll(() => tandem.read('src/greeting.ts')).toContain("'HELLO, ' + name")
})

test('[WEB-2] a file that is not open is opened where the model writes', async ({ page, model }) => {
  model.script = [rule('shout', [{ type: 'customCall', name: 'apply_patch', text: shout }])]
  await ask(page, 'shout please')
  await expect(editor(page)).toContainText("'HELLO, ' + name")
})

test.describe('with a longer file', () => {
  test.use({ files: { 'notes.md': sections, 'src/greeting.ts': 'export const greeting = 1\n' } })

  test('[WEB-3] Stop ends the turn at once: finished hunks stay, the half-written one vanishes, the model is cut', async ({
    page,
    model,
    tandem,
  }) => {
    model.script = [
      rule('rewrite', [
        { type: 'customCall', name: 'apply_patch', text: longSecondHunk, tokensPerSecond: 100 },
      ]),
    ]
    await openFile(page, 'notes.md')
    await ask(page, 'rewrite both')
    await expect(editor(page)).toContainText('the second is being rewritten')
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect(chat(page)).toContainText('Stopped')
    await expect(editor(page)).not.toContainText('the second is being rewritten')
    await expect(editor(page)).toContainText('The first section, rewritten.')
    const request = await model.waitFor(({ body }) => JSON.stringify(body).includes('rewrite both'))
    expect(request.cutAt).toBeDefined()
    const wanted = sections.replace('The first section.', 'The first section, rewritten.')
    await expect.poll(() => tandem.read('notes.md')).toBe(wanted)
  })

  test('[WEB-4] Redirect keeps the finished hunk, drops the half-written one, and tells the model which', async ({
    page,
    model,
    tandem,
  }) => {
    model.script = [
      rule('rewrite', [
        { type: 'customCall', name: 'apply_patch', text: longSecondHunk, tokensPerSecond: 100 },
      ]),
      rule('only the first', [{ type: 'text', text: 'Only the first, then.' }]),
    ]
    await openFile(page, 'notes.md')
    await ask(page, 'rewrite both')
    await expect(editor(page)).toContainText('the second is being rewritten')
    await page.getByRole('textbox', { name: 'Message' }).fill('only the first')
    await page.getByRole('button', { name: 'Redirect' }).click()
    await expect(chat(page)).toContainText('Only the first, then.')
    await expect(editor(page)).not.toContainText('the second is being rewritten')
    const wanted = sections.replace('The first section.', 'The first section, rewritten.')
    await expect.poll(() => tandem.read('notes.md')).toBe(wanted)
    const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('only the first'))
    expect(JSON.stringify(body)).toMatch(/kept[^"]*notes\.md/i)
  })

  test('[WEB-5] Undo turn takes out what the model wrote, keeps what was typed since, and Redo brings it back', async ({
    page,
    model,
    tandem,
  }) => {
    const patch = patchTo('notes.md', ['The first section.'], ['The first section, rewritten.'])
    model.script = [rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patch }])]
    await openFile(page, 'notes.md')
    await ask(page, 'rewrite it')
    await expect(chat(page)).toContainText('Done.')
    await editor(page).getByText('The second section.').click()
    await page.keyboard.press('End')
    await page.keyboard.type(' Typed by hand.')
    await expect.poll(() => tandem.read('notes.md')).toContain('Typed by hand.')
    await page.getByRole('button', { name: 'Undo turn' }).click()
    const byHand = sections.replace('The second section.', 'The second section. Typed by hand.')
    await expect.poll(() => tandem.read('notes.md')).toBe(byHand)
    await page.getByRole('button', { name: 'Redo' }).click()
    const both = byHand.replace('The first section.', 'The first section, rewritten.')
    await expect.poll(() => tandem.read('notes.md')).toBe(both)
  })

  test('[WEB-6] typing in the file the model writes loses nothing, and the caret stays with the typist', async ({
    page,
    model,
    tandem,
  }) => {
    const lines = Array.from({ length: 60 }, (_, i) => `Line ${i} of the model's long text.`)
    const patch = patchTo('notes.md', ['The first section.'], lines)
    model.script = [
      rule('write', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 120 }]),
    ]
    await openFile(page, 'notes.md')
    await editor(page).getByText('The second section.').click()
    await page.keyboard.press('End')
    await ask(page, 'write a lot')
    await expect(editor(page)).toContainText("Line 0 of the model's")
    await editor(page).getByText('The second section.').click()
    await page.keyboard.press('End')
    const typed = ' The quick brown fox jumps over the lazy dog while the model writes above it.'
    await page.keyboard.type(typed, { delay: 20 })
    await expect(chat(page)).toContainText('Done.')
    const wanted = sections
      .replace('The first section.', lines.join('\n'))
      .replace('The second section.', `The second section.${typed}`)
    await expect.poll(() => tandem.read('notes.md')).toBe(wanted)
  })
})

test.describe('with a file of many lines', () => {
  const lines = Array.from({ length: 400 }, (_, i) => `line ${i}`)
  test.use({ files: { 'notes.md': `${lines.join('\n')}\n` } })

  test('[WEB-285] the view goes to where the model writes, and stays where the person scrolls to', async ({
    page,
    model,
  }) => {
    const patch = [
      '*** Begin Patch',
      '*** Update File: notes.md',
      '@@',
      '-line 200',
      '+line 200, rewritten',
      ...Array.from({ length: 60 }, (_, i) => `+Sentence ${i} of a text that takes a while to write.`),
      '@@',
      '-line 390',
      '+line 390, rewritten',
      '*** End Patch',
      '',
    ].join('\n')
    model.script = [
      rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 200 }]),
    ]
    await openFile(page, 'notes.md')
    const first = editor(page).getByText('line 3', { exact: true })
    await expect(first).toBeVisible()
    await ask(page, 'rewrite both')
    const written = editor(page).getByText('line 200, rewritten')
    await expect(written).toBeVisible()
    await expect(first).toBeHidden()
    await written.hover()
    // A turn of the wheel is three lines, whatever it is said to be.
    const above = editor(page).getByText('line 175', { exact: true })
    await expect(async () => {
      await page.mouse.wheel(0, -100)
      await expect(above).toBeVisible({ timeout: 250 })
    }).toPass()
    await expect(chat(page)).toContainText('Done.')
    await expect(chat(page).getByRole('button', { name: /^Line 451/ })).toBeVisible()
    await expect(above).toBeVisible()
    await expect(editor(page).getByText('line 390, rewritten')).toBeHidden()
  })
})

test('[WEB-7] an edit that fits nowhere is told to the model and leaves the file as it was', async ({
  page,
  model,
  tandem,
}) => {
  const wrong = patchTo('src/greeting.ts', ['this line is nowhere'], ['x'])
  model.script = [
    rule('wrong', [{ type: 'customCall', name: 'apply_patch', text: wrong }], 'I could not place it.'),
  ]
  const before = tandem.read('src/greeting.ts')
  await ask(page, 'wrong edit')
  await expect(chat(page)).toContainText('I could not place it.')
  await expect(chat(page)).toContainText('not applied')
  const { body } = await model.waitFor((request) =>
    JSON.stringify(request.body).includes('Failed to find expected lines'),
  )
  expect(body).toBeDefined()
  expect(tandem.read('src/greeting.ts')).toBe(before)
})

test('[WEB-203] an edit that fits nowhere says why and what to do, with what the model was told folded away', async ({
  page,
  model,
}) => {
  const wrong = patchTo('src/greeting.ts', ['this line is nowhere'], ['x'])
  model.script = [
    rule('wrong', [{ type: 'customCall', name: 'apply_patch', text: wrong }], 'I could not place it.'),
  ]
  await ask(page, 'wrong edit')
  await expect(chat(page)).toContainText('I could not place it.')
  await expect(chat(page)).toContainText('Nothing was changed. The model was told and can try again')
  const lines = chat(page).getByText('this line is nowhere')
  await expect(lines).toBeHidden()
  const fold = chat(page).getByRole('button', { name: 'What the model was told' })
  await fold.focus()
  await page.keyboard.press('Enter')
  await expect(lines).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(lines).toBeHidden()
})

test('[WEB-8] an edit outside the workspace is refused', async ({ page, model }) => {
  const patch = '*** Begin Patch\n*** Add File: ../outside.txt\n+x\n*** End Patch\n'
  model.script = [
    rule('escape', [{ type: 'customCall', name: 'apply_patch', text: patch }], 'That was refused.'),
  ]
  await ask(page, 'escape')
  await expect(chat(page)).toContainText('That was refused.')
  await expect(chat(page)).toContainText('not applied')
})
