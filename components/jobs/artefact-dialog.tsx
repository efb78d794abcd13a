import { Download } from 'lucide-react'
import { artefactAddress, type ShownArtefact } from '../../client/store/artefacts-slice.ts'
import { Answer } from '../chat/answer.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const picture = /\.(?:png|jpe?g|gif|webp|avif)$/i
const markdown = /\.(?:md|markdown)$/i

/** One file a job wrote outside git, as far as it can be shown. */
export function ArtefactDialog() {
  const t = useTranslate()
  const shown = useWorkbench((state) => state.shownArtefact)
  const close = useWorkbench((state) => state.closeArtefact)
  if (!shown) return null
  const { file, jobId } = shown
  return (
    <DialogFrame
      title={file.path}
      closeLabel={t('keys.close')}
      onClose={close}
      actions={
        <a
          href={artefactAddress(jobId, file)}
          download
          className="inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md border border-n7 bg-n4 px-2.5 text-n12 hover:bg-n5 pointer-coarse:h-11"
        >
          <Download size={13} aria-hidden />
          {t('jobs.save')}
        </a>
      }
      className="top-[6vh] max-h-[88vh] w-220 max-sm:top-3 max-sm:max-h-[calc(100dvh-24px)]"
    >
      <Content {...shown} />
    </DialogFrame>
  )
}

function Content({ file, jobId, text, cut }: ShownArtefact) {
  const t = useTranslate()
  if (picture.test(file.path))
    // biome-ignore lint/performance/noImgElement: it is shown as the job wrote it
    return <img src={artefactAddress(jobId, file)} alt={file.path} className="mx-auto mt-4 max-w-full" />
  if (text === undefined) return <p className="mt-3 text-n10">{t('jobs.artefactNoText')}</p>
  if (text === '') return <p className="mt-3 text-n10">{t('jobs.artefactEmpty')}</p>
  return (
    <>
      {markdown.test(file.path) ? (
        <div className="mt-3">
          <Answer text={text} />
        </div>
      ) : (
        <pre className="mt-3 whitespace-pre-wrap break-words font-mono text-n12">{text}</pre>
      )}
      {cut && <p className="mt-2 text-n10">{t('jobs.artefactCut')}</p>}
    </>
  )
}
