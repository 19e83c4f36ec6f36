import type { GraphiQLPlugin } from "@graphiql/react";
import { lazy, Suspense } from "react";
import { useMending } from "./mending.ts";

const Content = lazy(async () => {
  const [{ explorerPlugin }] = await Promise.all([
    import("@graphiql/plugin-explorer"),
    import("@graphiql/plugin-explorer/style.css"),
  ]);
  return { default: named(explorerPlugin({ showAttribution: false }).content) };
});

/** Gives the choice of the kind of operation the name that it lacks. */
function named(Explorer: GraphiQLPlugin["content"]) {
  return () => {
    const box = useMending<HTMLDivElement>(nameSelects);
    return (
      <div ref={box} className="query-builder">
        <Explorer />
      </div>
    );
  };
}

function nameSelects(box: HTMLElement) {
  for (const select of box.querySelectorAll("select:not([aria-label])")) {
    select.setAttribute("aria-label", "Kind of operation to add");
  }
}

/** The query by ticking boxes. It is loaded when somebody opens it. */
export const EXPLORER_PLUGIN: GraphiQLPlugin = {
  title: "Explorer",
  icon: () => (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <path d="M4 5h4v4H4zM4 15h4v4H4zM11.5 7H20M11.5 17H20" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  ),
  content: () => (
    <Suspense fallback={<p>Loading</p>}>
      <Content />
    </Suspense>
  ),
};
