import type { ReactNode } from "react";
import { createPortal } from "react-dom";

/** The bar above GraphiQL. It is in the page from the start, and needs to know what GraphiQL has open. */
export function Tools({ children }: { children: ReactNode }) {
  const bar = document.getElementById("tools");
  return bar && createPortal(children, bar);
}
