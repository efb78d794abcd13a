import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import type { ModelProcess } from '../lib/model-process.ts'

/** What every measurement of the relay gets: one model, one server in front of it. */
export interface Setting {
  readonly model: ModelProcess
  readonly tandem: TandemProcess
  /** Fewer repetitions, for a look. */
  readonly quick: boolean
}
