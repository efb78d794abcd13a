import { memo } from 'react'
import type { Item } from '../../core/protocol/item.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { cx } from '../ui/cx.ts'
import { ItemView } from './item-view.tsx'
import { TurnFooter, type TurnPlace } from './turn-footer.tsx'

/** One turn. It is drawn again only when its own state changed; out of sight it costs no layout. */
export const TurnView = memo(function TurnView({ turn, last, rewinds }: TurnPlace & { readonly turn: Turn }) {
  return (
    <article
      id={turn.id}
      className={cx('py-3', !last && '[contain-intrinsic-size:auto_200px] [content-visibility:auto]')}
    >
      {turn.items.map((item, index) => (
        <div key={item.id} className={gapAbove(item, turn.items[index - 1])}>
          <ItemView item={item} />
        </div>
      ))}
      <TurnFooter turn={turn} last={last} rewinds={rewinds} />
    </article>
  )
})

/** Tool lines stand close together, everything else apart. */
function gapAbove(item: Item, before: Item | undefined): string {
  if (!before || item.type === 'opaque' || item.type === 'context') return ''
  return item.type === 'toolCall' && before.type === 'toolCall' ? 'mt-0' : 'mt-2'
}
