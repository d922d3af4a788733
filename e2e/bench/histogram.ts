/** Times in buckets of 1 % width, from a microsecond on: cheap enough for a million a second. */

const PER_OCTAVE = 64
const OCTAVES = 32
const LOG = PER_OCTAVE / Math.LN2

export class Histogram {
  readonly #buckets = new Uint32Array(PER_OCTAVE * OCTAVES)
  count = 0

  /** `ms` may be anything from 0; less than a microsecond counts as one. */
  add(ms: number, times = 1): void {
    const bucket = ms <= 0.001 ? 0 : Math.floor(Math.log(ms * 1000) * LOG)
    this.#buckets[Math.min(bucket, this.#buckets.length - 1)]! += times
    this.count += times
  }

  /** Milliseconds below which the share `q` (0–1) lies; 0 where nothing was added. */
  quantile(q: number): number {
    let left = Math.ceil(this.count * q)
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket] as number
      if (left <= 0 && this.count > 0) return Math.exp((bucket + 0.5) / LOG) / 1000
    }
    return 0
  }

  addAll(other: Histogram): void {
    for (const [bucket, count] of other.#buckets.entries()) this.#buckets[bucket]! += count
    this.count += other.count
  }

  clear(): void {
    this.#buckets.fill(0)
    this.count = 0
  }
}
