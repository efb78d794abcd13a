import { currentDeepWork, modelName } from '../../client/store/selectors.ts'
import { MenuCheck, MenuLabel } from '../ui/menu.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const choices = ['checks', 'plans'] as const

/** What the deep tier does beside the model that answers, in a menu. */
export function DeepChoices() {
  const t = useTranslate()
  const deep = useWorkbench(currentDeepWork)
  const tier = useWorkbench((state) => state.tiers.find(({ name }) => name === 'deep'))
  const model = useWorkbench((state) => modelName(state, tier?.current ?? ''))
  const configure = useWorkbench((state) => state.configure)
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  if (!tier || isJob) return null
  return (
    <>
      <MenuLabel>{tier.configured ? t('deep.title', { model }) : t('deep.none')}</MenuLabel>
      {choices.map((choice) => (
        <MenuCheck
          key={choice}
          checked={tier.configured && deep[choice]}
          disabled={!tier.configured}
          onChange={(checked) => configure({ deep: { ...deep, [choice]: checked } })}
        >
          <span className="block text-n12">{t(`deep.${choice}`)}</span>
          <span className="block text-n10 text-small">{t(`deep.${choice}Help`)}</span>
        </MenuCheck>
      ))}
    </>
  )
}
