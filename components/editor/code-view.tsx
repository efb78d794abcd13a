import { Editor, loader } from '@monaco-editor/react'
import { useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { pageTimers } from '../../client/connection/websocket-transport.ts'
import { controlEditor } from '../../client/editor/editor-controller.ts'
import { editorOptions } from '../../client/editor/editor-options.ts'
import type { InlineZone } from '../../client/editor/inline-zone.ts'
import { type CodeEditor, loadMonaco, type Monaco } from '../../client/editor/monaco.ts'
import { applyTheme, type ThemeSide, watchThemeSide } from '../../client/editor/themes.ts'
import { commands } from '../../client/store/commands.ts'
import { scheduleFrame } from '../../client/store/frame-schedule.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { pageClock } from '../../client/store/page-clock.ts'
import { pagePace } from '../../client/store/page-pace.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { InlineField } from './inline-field.tsx'

/** Monaco, once it has come. The page is drawn before it. */
export function CodeView() {
  const t = useTranslate()
  const [monaco, setMonaco] = useState<Monaco>()
  const [failed, setFailed] = useState(false)

  useEffect(() => {
    if (failed) return
    let gone = false
    loadMonaco().then(
      (loaded) => {
        if (gone) return
        loader.config({ monaco: loaded })
        setMonaco(loaded)
      },
      () => setFailed(true),
    )
    return () => {
      gone = true
    }
  }, [failed])

  if (failed) {
    return (
      <div role="alert" className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
        <p>{t('editor.loadFailed')}</p>
        <Button onClick={() => setFailed(false)}>{t('editor.retry')}</Button>
      </div>
    )
  }
  return monaco ? <LoadedEditor monaco={monaco} /> : null
}

function LoadedEditor({ monaco }: { readonly monaco: Monaco }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const activePath = useWorkbench((state) => state.activePath)
  const [side, setSide] = useState<ThemeSide>()
  const [code, setCode] = useState<CodeEditor>()
  const [zone, setZone] = useState<InlineZone>()
  const words = {
    removed: t('editor.removedText'),
    paused: t('editor.paused'),
    resume: t('editor.resume'),
    keepMine: t('editor.keepMine'),
    keep: t('review.keep'),
    undo: t('review.undo'),
    hunk: t('review.hunk'),
    inlineEdit: t('command.inlineEdit'),
  }
  const latestWords = useRef(words)
  latestWords.current = words

  useEffect(
    () =>
      watchThemeSide((next) => {
        applyTheme(monaco, next)
        setSide(next)
      }),
    [monaco],
  )
  useEffect(() => {
    if (!code) return
    return controlEditor({
      monaco,
      code,
      store,
      clock: pageClock,
      schedule: scheduleFrame,
      drawApart: pagePace.drawApart,
      after: pageTimers.after,
      words: latestWords.current,
      onInlineZone: setZone,
      keys: judgeKeys(),
    })
  }, [monaco, code, store])
  const label = activePath === undefined ? t('editor.title') : t('editor.code', { name: activePath })
  useEffect(() => code?.updateOptions({ ariaLabel: label }), [code, label])

  if (!side) return null
  return (
    <>
      <Editor
        theme={`tandem-${side}`}
        options={editorOptions}
        keepCurrentModel
        loading={null}
        onMount={(mounted: CodeEditor) => setCode(mounted)}
      />
      {zone && createPortal(<InlineField key={zone.path} zone={zone} />, zone.node)}
    </>
  )
}

function judgeKeys() {
  const mac = isMac(navigator.platform)
  const keysOf = (id: string) => showKeys(commands.find((command) => command.id === id)?.keys ?? '', { mac })
  return { keep: keysOf('keepHunk'), undo: keysOf('undoHunk') }
}
