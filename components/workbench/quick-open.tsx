import { Command as Palette } from 'cmdk'
import { useEffect, useState } from 'react'
import { PaletteFrame, paletteItemClass } from './palette-frame.tsx'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Opens a file by a part of its path; the server searches. */
export function QuickOpen() {
  const open = useWorkbench((state) => state.overlay === 'quickOpen')
  return open ? <OpenList /> : null
}

function OpenList() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const findFiles = useWorkbench((state) => state.findFiles)
  const [text, setText] = useState('')
  const [paths, setPaths] = useState<readonly string[]>([])
  const [chosen, setChosen] = useState('')
  useEffect(() => {
    let current = true
    findFiles(text).then((found) => {
      if (!current) return
      setPaths(found)
      setChosen(found[0] ?? '')
    })
    return () => {
      current = false
    }
  }, [text, findFiles])
  return (
    <PaletteFrame
      title={t('quickOpen.title')}
      placeholder={t('quickOpen.placeholder')}
      empty={t('quickOpen.empty')}
      search={{ text, onChange: setText, chosen, onChoose: setChosen }}
    >
      {paths.map((path) => {
        const slash = path.lastIndexOf('/')
        return (
          <Palette.Item
            key={path}
            value={path}
            onSelect={() => {
              store.getState().showOverlay(undefined)
              store.getState().openFile(path)
              store.getState().showPhonePane('editor')
            }}
            className={paletteItemClass}
          >
            <span className="shrink-0">{path.slice(slash + 1)}</span>
            <span className="truncate text-n10">{path.slice(0, Math.max(0, slash))}</span>
          </Palette.Item>
        )
      })}
    </PaletteFrame>
  )
}
