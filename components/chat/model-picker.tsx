import type { Translate } from '../../client/i18n/messages.ts'
import { currentModel } from '../../client/store/selectors.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice } from '../ui/menu.tsx'
import { formatWindow } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { PickerButton } from './picker-button.tsx'

/** Which model answers, and what each can do. */
export function ModelPicker() {
  const t = useTranslate()
  const models = useWorkbench((state) => state.models)
  const current = useWorkbench(currentModel)
  const configure = useWorkbench((state) => state.configure)
  const name = current?.name ?? t('model.none')
  return (
    <Menu
      side="top"
      width="w-80"
      trigger={
        <PickerButton label={`${t('composer.model')}: ${name}`}>
          <span className="truncate">{name}</span>
        </PickerButton>
      }
    >
      <MenuChoice
        tall
        value={current?.id ?? ''}
        options={models.map((model) => ({ value: model.id, label: <ModelLine model={model} /> }))}
        onChoose={(modelId) => configure({ modelId })}
      />
    </Menu>
  )
}

function ModelLine({ model }: { readonly model: ModelDescription }) {
  const t = useTranslate()
  return (
    <>
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate text-n12">{model.name}</span>
        <span
          className={cx('shrink-0 text-small', model.status === 'ready' ? 'text-added' : 'text-attention')}
        >
          {t(`model.${model.status}`)}
        </span>
      </span>
      <span className="block text-n10 text-small">{abilities(model, t).join(' · ')}</span>
    </>
  )
}

function abilities(model: ModelDescription, t: Translate): string[] {
  return [
    ...(model.kind === 'assistant'
      ? [t('model.assistant')]
      : [t('model.window', { window: formatWindow(model.contextWindow) })]),
    ...(model.tokensPerSecond === undefined ? [] : [t('model.speed', { speed: model.tokensPerSecond })]),
    t(model.modalities.includes('image') ? 'model.images' : 'model.textOnly'),
    t(`model.${model.transport}`),
  ]
}
