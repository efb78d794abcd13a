import type { Translate } from '../../client/i18n/messages.ts'
import { chosenModelId, currentModel, modelName } from '../../client/store/selectors.ts'
import { type ModelDescription, type Tier, tierId, tierNameOf } from '../../core/protocol/model.ts'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice, MenuLabel, MenuSeparator } from '../ui/menu.tsx'
import { formatWindow } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { DeepChoices } from './deep-choices.tsx'
import { PickerButton } from './picker-button.tsx'

/** Which model answers, and what each can do. */
export function ModelPicker() {
  const t = useTranslate()
  const models = useWorkbench((state) => state.models)
  const tiers = useWorkbench((state) => state.tiers).filter(({ configured }) => configured)
  const chosen = useWorkbench(chosenModelId)
  const current = useWorkbench(currentModel)
  const configure = useWorkbench((state) => state.configure)
  const refresh = useWorkbench((state) => state.refreshModels)
  const tierName = tierNameOf(chosen)
  const name = current?.name ?? t('model.none')
  const shown = tierName ? `${t(`tier.${tierName}`)}, ${name}` : name
  const choose = (modelId: string) => configure({ modelId })
  return (
    <Menu
      side="top"
      width="w-80"
      onOpenChange={(open) => open && refresh()}
      trigger={
        <PickerButton label={`${t('composer.model')}: ${shown}`}>
          <span className="truncate">{shown}</span>
        </PickerButton>
      }
    >
      {tiers.length > 0 && (
        <>
          <MenuLabel>{t('tier.all')}</MenuLabel>
          <MenuChoice
            tall
            value={chosen}
            options={tiers.map((tier) => ({ value: tierId(tier.name), label: <TierLine tier={tier} /> }))}
            onChoose={choose}
          />
          <MenuSeparator />
          <MenuLabel>{t('model.all')}</MenuLabel>
        </>
      )}
      <MenuChoice
        tall
        value={chosen}
        options={models.map((model) => ({ value: model.id, label: <ModelLine model={model} /> }))}
        onChoose={choose}
      />
      <MenuSeparator />
      <DeepChoices />
    </Menu>
  )
}

/** What it stands for now, and for what when that does not answer. */
function TierLine({ tier: { name, current, modelIds } }: { readonly tier: Tier }) {
  const t = useTranslate()
  const now = useWorkbench((state) => modelName(state, current))
  const others = useWorkbench((state) =>
    modelIds
      .filter((id) => id !== current)
      .map((id) => modelName(state, id))
      .join(', '),
  )
  return (
    <>
      <span className="block text-n12">{t(`tier.${name}`)}</span>
      <span className="block text-n10 text-small">
        {t('tier.now', { model: now })}
        {others !== '' && ` · ${t('tier.others', { models: others })}`}
      </span>
    </>
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
