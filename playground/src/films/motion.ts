/** How a ticket goes. */
export type Way = "left" | "right" | "up" | "down";

const WAYS: Record<Way, string> = {
  left: "translateX(-7rem) rotate(-5deg)",
  right: "translateX(7rem) rotate(5deg)",
  up: "translateY(-3rem)",
  down: "translateY(3rem)",
};

function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Takes an element away; who asked for no motion sees none. */
export async function leave(element: HTMLElement, way: Way): Promise<void> {
  if (isCalm()) return;
  const away = { opacity: 0, transform: WAYS[way] };
  await play(element, [away], { duration: 170, easing: "ease-in", fill: "forwards" });
}

/** Brings it back. */
export async function enter(element: HTMLElement): Promise<void> {
  for (const animation of element.getAnimations()) animation.cancel();
  if (isCalm()) return;
  await play(element, [{ opacity: 0, transform: "translateY(1.25rem)" }, {}], {
    duration: 260,
    easing: "cubic-bezier(0.2, 0.8, 0.2, 1)",
  });
}

/** Makes a number jump once. */
export function bump(element: HTMLElement): void {
  if (isCalm()) return;
  element.animate([{ transform: "translateY(-0.35em)", opacity: 0.2 }, {}], {
    duration: 240,
    easing: "ease-out",
  });
}

async function play(
  element: HTMLElement,
  frames: Keyframe[],
  options: KeyframeAnimationOptions,
): Promise<void> {
  // A page in the background plays nothing, and an animation that is cut off ends in an error: neither may stop us.
  if (document.hidden) return;
  await element.animate(frames, options).finished.catch(() => {});
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** Changes a list, and lets what has another place then move there. What has the focus keeps it. */
export function glide(list: HTMLElement, change: () => void): void {
  const tops = () =>
    new Map(
      [...list.children].map((one) => [(one as HTMLElement).dataset.film, one.getBoundingClientRect().top]),
    );
  const focused = document.activeElement?.closest<HTMLElement>("[data-film]");
  const kept = focused && list.contains(focused) ? focused.dataset.film : undefined;
  const before = tops();
  change();
  if (kept !== undefined)
    list.querySelector<HTMLElement>(`[data-film="${kept}"] a`)?.focus({ preventScroll: true });
  if (isCalm() || document.hidden) return;
  const after = tops();
  for (const one of list.children) {
    const film = (one as HTMLElement).dataset.film;
    const way = (before.get(film) ?? 0) - (after.get(film) ?? 0);
    if (before.has(film) && way)
      one.animate([{ transform: `translateY(${way}px)` }, {}], { duration: 320, easing: "ease-out" });
  }
}
