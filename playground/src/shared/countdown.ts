/** Tells every second how many are left, and then that none is. */
export class Countdown {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts anew; what was running is forgotten.
   *
   * The end is a point in time: a page that slept in between is not late by its sleep.
   */
  start(seconds: number, tick: (left: number) => void, end: () => void): void {
    this.stop();
    const until = performance.now() + seconds * 1000;
    const step = () => {
      const left = until - performance.now();
      if (left <= 0) {
        this.#timer = undefined;
        end();
        return;
      }
      tick(Math.ceil(left / 1000));
      // To the next whole second, so that none is shown twice or left out.
      this.#timer = setTimeout(step, left % 1000 || 1000);
    };
    step();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Seconds as on a clock: `0:07`, `1:12`, `1:00:00`. */
export function clock(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** Seconds for the ear: `1 minute 12 seconds`. */
export function inWords(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "hour"],
    [Math.floor((seconds % 3600) / 60), "minute"],
    [seconds % 60, "second"],
  ] as const;
  const words = parts.flatMap(([count, unit]) =>
    count ? [`${count} ${unit}${count === 1 ? "" : "s"}`] : [],
  );
  return words.join(" ") || "0 seconds";
}
