/** Copies the text of an element; where the page may not write to the clipboard, selects it instead. */
export async function copyText(button: HTMLElement, source: HTMLElement): Promise<void> {
  // Pressed twice, it still knows what it was called.
  const label = button.dataset.label ?? button.textContent ?? "";
  button.dataset.label = label;
  const copied = await navigator.clipboard?.writeText(source.textContent ?? "").then(
    () => true,
    () => false,
  );
  if (!copied) getSelection()?.selectAllChildren(source);
  button.textContent = copied ? "Copied" : "Selected";
  setTimeout(() => {
    button.textContent = label;
  }, 2_000);
}
