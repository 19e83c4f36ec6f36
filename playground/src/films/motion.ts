/** How a ticket goes. */
export type Way = "left" | "right" | "up" | "none";

const WAYS: Record<Exclude<Way, "none">, string> = {
  left: "translateX(-7rem) rotate(-5deg)",
  right: "translateX(7rem) rotate(5deg)",
  up: "translateY(-3rem)",
};

function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Takes an element away; who asked for no motion sees none. */
export async function leave(element: HTMLElement, way: Way): Promise<void> {
  if (way === "none" || isCalm()) return;
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
