import { type RefObject, useEffect, useRef } from "react";

/** Mends what GraphiQL writes into an element, now and whenever it writes anew. */
export function useMending<Box extends HTMLElement>(mend: (box: Box) => void): RefObject<Box | null> {
  const ref = useRef<Box>(null);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    mend(box);
    const observer = new MutationObserver(() => mend(box));
    observer.observe(box, { subtree: true, childList: true });
    return () => observer.disconnect();
  }, [mend]);
  return ref;
}
