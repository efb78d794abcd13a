/** From here on handling each piece alone takes so much of the server's time that all of them wait for each other. */
const busyPerSecond = 5000
const windowMs = 100

/** How many pieces of models' text the server reads at the moment, over all threads. */
export class StreamLoad {
  #since = Number.NEGATIVE_INFINITY
  #pieces = 0
  #isBusy = false

  /** A piece was read at that time, in monotonic milliseconds: whether there are too many to handle each alone. */
  piece(at: number): boolean {
    const ms = at - this.#since
    if (ms >= windowMs) {
      this.#isBusy = (this.#pieces / ms) * 1000 > busyPerSecond
      this.#since = at
      this.#pieces = 0
    }
    this.#pieces++
    return this.#isBusy
  }
}
