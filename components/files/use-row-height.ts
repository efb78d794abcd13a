import { useWorkbench } from '../workbench/store-provider.tsx'
import { useMediaQuery } from '../workbench/use-media-query.ts'

/** The height of `--row` in pixels: what a virtual list has to know beforehand. */
export function useRowHeight(): number {
  const comfortable = useWorkbench((state) => state.density === 'comfortable')
  const touch = useMediaQuery('(pointer: coarse)')
  if (touch) return 44
  return comfortable ? 32 : 28
}
