/** Choices that are the same each time for the same seed (mulberry32). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer below a bound. */
  below(bound) {
    return Math.floor(this.next() * bound);
  }

  /** Whether something that is as likely as that happens. */
  is(likely) {
    return this.next() < likely;
  }

  of(choices) {
    return choices[this.below(choices.length)];
  }
}
