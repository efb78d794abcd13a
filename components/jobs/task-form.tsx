import { type ReactNode, useId } from 'react'
import { limits } from '../../core/protocol/limits.ts'
import { Button } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { Field, fieldClass } from '../ui/field.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** A dialog that asks what jobs are to do, and how: the task above, what else there is to say below it. */
export function TaskForm(props: {
  readonly title: string
  readonly task: string
  readonly onTask: (task: string) => void
  /** Names what Enter and the button do. */
  readonly submit: string
  readonly ready: boolean
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}) {
  const t = useTranslate()
  const form = useId()
  return (
    <DialogFrame
      title={props.title}
      closeLabel={t('keys.close')}
      onClose={props.onClose}
      className="top-[8vh] max-h-[84vh] w-140 max-sm:top-3 max-sm:max-h-[calc(100dvh-24px)]"
      footer={
        <>
          <Button look="quiet" onClick={props.onClose}>
            {t('jobs.cancel')}
          </Button>
          <Button type="submit" form={form} look="primary" disabled={!props.ready}>
            {props.submit}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4 pt-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (props.ready) props.onSubmit()
        }}
      >
        <Field label={t('jobs.task')}>
          <textarea
            value={props.task}
            rows={3}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            maxLength={limits.promptChars}
            onChange={(event) => props.onTask(event.currentTarget.value)}
            className={`${fieldClass} field-sizing-content max-h-60 min-h-15 resize-none`}
          />
        </Field>
        {props.children}
      </form>
    </DialogFrame>
  )
}

/** A command that is run in the job's copy. */
export function CommandField(props: {
  readonly label: string
  readonly help: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  return (
    <Field label={props.label} help={props.help}>
      <input
        value={props.value}
        placeholder="npm test"
        maxLength={limits.commandChars}
        spellCheck={false}
        autoCapitalize="off"
        onChange={(event) => props.onChange(event.currentTarget.value)}
        className={`${fieldClass} font-mono`}
      />
    </Field>
  )
}
