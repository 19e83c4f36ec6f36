import { type ReactNode, useId, useState } from "react";
import { createPortal } from "react-dom";

/** The bar above GraphiQL. It is in the page from the start, and needs to know what GraphiQL has open. */
export function Tools({ children }: { children: ReactNode }) {
  const bar = document.getElementById("tools");
  return bar && createPortal(children, bar);
}

/** What is rarely needed: on a phone it is behind a press. */
export function Fold({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        className="fold"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? "Less" : "More"}
      </button>
      <div id={id} className="folded" data-open={open || undefined}>
        {children}
      </div>
    </>
  );
}
