import { memo } from 'react'
import { isRunning, may } from '../../client/store/selectors.ts'
import type { Item } from '../../core/protocol/item.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { isSaid } from '../../core/state/steers.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { ItemView } from './item-view.tsx'
import { OwnSteers } from './own-steers.tsx'
import { TurnFooter } from './turn-footer.tsx'

/** One turn. It is drawn again only when its own state changed; out of sight it costs no layout. */
export const TurnView = memo(function TurnView(props: { readonly turn: Turn; readonly last: boolean }) {
  const { turn, last } = props
  const says = useWorkbench((state) => state.replay === undefined && may(state, 'turn/redirect'))
  const live = says && isRunning(turn)
  const items = inOrder(turn.items)
  return (
    <article
      id={turn.id}
      className={cx('py-3', !last && '[contain-intrinsic-size:auto_200px] [content-visibility:auto]')}
    >
      {items.map((item, index) => (
        <div key={item.id} className={gapAbove(item, items[index - 1])}>
          <ItemView item={item} turn={turn} live={live} />
        </div>
      ))}
      {last && says && <OwnSteers />}
      <TurnFooter turn={turn} last={last} />
    </article>
  )
})

/** What the model has not been told stands behind what it says meanwhile: where it will join. */
function inOrder(items: readonly Item[]): readonly Item[] {
  const waits = (item: Item) => item.type === 'userMessage' && !isSaid(item)
  return items.some(waits) ? [...items.filter((item) => !waits(item)), ...items.filter(waits)] : items
}

/** Tool lines stand close together, everything else apart. */
function gapAbove(item: Item, before: Item | undefined): string {
  if (!before || item.type === 'opaque' || item.type === 'context') return ''
  return item.type === 'toolCall' && before.type === 'toolCall' ? 'mt-0' : 'mt-2'
}
