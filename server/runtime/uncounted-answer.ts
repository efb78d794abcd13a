import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'

/** Characters to a token when the backend does not count for us. */
const charsPerToken = 4

/** An answer until its backend says how many tokens it took, which one that is cut never does. */
export class UncountedAnswer {
  readonly request: ModelRequest
  /** The backend began to work on it. */
  heard = false
  isCounted = false
  #chars = 0

  constructor(request: ModelRequest) {
    this.request = request
  }

  /** It has output. */
  get said(): boolean {
    return this.#chars > 0
  }

  get outputTokens(): number {
    return Math.ceil(this.#chars / charsPerToken)
  }

  saw(event: ModelEvent): void {
    switch (event.type) {
      case 'heard':
        this.heard = true
        return
      case 'usage':
        this.isCounted = true
        return
      case 'steersApplied':
        // Another response goes on, which is counted by itself.
        this.isCounted = false
        this.#chars = 0
        return
      case 'textDelta':
      case 'reasoningDelta':
        this.#chars += event.text.length
        return
      case 'toolCallDelta':
        this.#chars += event.delta.length
        return
    }
  }
}
