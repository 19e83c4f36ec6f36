import { useGraphiQL } from "@graphiql/react";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { isSubscription } from "./operation.ts";

/** Says what to do where the answer will stand, until there is one. */
export function NoAnswer() {
  const { tab, isFetching, operationName } = useGraphiQL(
    ({ tabs, activeTabIndex, isFetching, operationName }) => ({
      tab: tabs[activeTabIndex],
      isFetching,
      operationName,
    }),
  );
  const [place, setPlace] = useState<Element | null>(null);
  useEffect(() => setPlace(document.querySelector(".graphiql-response")), []);
  if (!place || !tab || tab.response || isFetching) return null;
  const query = tab.query?.trim() ?? "";
  const isLive = isSubscription({ query, operationName: operationName ?? null });
  return createPortal(
    <div className="no-answer">
      <p className="what">{query ? "No answer yet" : "An empty tab"}</p>
      <p>{query ? (isLive ? LIVE : RUN) : WRITE}</p>
    </div>,
    place,
  );
}

const RUN = "Press the round button, or Ctrl + Enter in the editor. What it will cost stands at the top.";
const LIVE = "Press the round button, and what happens from then on is told here until you press it again.";
const WRITE =
  "Write an operation, or choose one of the sample tabs; Restore the sample tabs brings them back.";
