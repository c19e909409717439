/** Chance that can be repeated: the same seed, the same draws. */

/** Of 32 bits; from the environment when somebody wants a run again. */
export function drawn_seed() {
  const given = Number(process.env.QUITTANCE_TEST_SEED);
  return Number.isInteger(given) && given > 0 ? given : (Date.now() ^ (process.pid << 12)) >>> 0;
}

/** A generator of evenly drawn integers below a bound (mulberry32). */
export class Chance {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  below(bound) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % bound;
  }

  /** True in so many cases of a hundred. */
  percent(chance) {
    return this.below(100) < chance;
  }
}
