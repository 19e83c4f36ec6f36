import { byId } from "../shared/dom";
import { announce } from "./words";

/** The link on the stub: it is copied, or followed where the page may not write to the clipboard. */
export function copyLinks(): void {
  const link = byId<HTMLAnchorElement>("link");
  link.addEventListener("click", async (event) => {
    // Then the address can be copied.
    if (!navigator.clipboard) return;
    event.preventDefault();
    await navigator.clipboard.writeText(link.href).then(
      () => {
        link.textContent = "Copied";
        announce("The link is copied.");
        setTimeout(() => {
          link.textContent = "Copy link";
        }, 2_000);
      },
      () => location.assign(link.href),
    );
  });
}
