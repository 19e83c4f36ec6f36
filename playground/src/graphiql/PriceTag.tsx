import { useGraphiQL } from "@graphiql/react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { current, subscribe } from "../shared/session.ts";
import { askPrice, hasPrice, type Price, priceInWords } from "./price.ts";
import { readObject } from "./typed-json.ts";

/** Milliseconds without a key: who types on is not asked for. */
const REST = 800;
/** Seconds after which it is asked again whether it would pass. */
const LONGEST = 3600;

/** What the operation of the tab that is shown would cost, and whether it would pass: told before it is run. */
export function PriceTag() {
  const { tab, operationName, isFetching } = useGraphiQL(
    ({ tabs, activeTabIndex, operationName, isFetching }) => ({
      tab: tabs[activeTabIndex],
      operationName,
      isFetching,
    }),
  );
  const session = useSyncExternalStore(subscribe, current);
  const { query, variables, headers } = tab ?? {};
  const [price, setPrice] = useState<Price>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another caller has other quotas, and a call that has run leaves less.
  useEffect(() => {
    setPrice(undefined);
    if (isFetching) return;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const operation = { query: query ?? "", variables: readObject(variables), operationName };
        if (!hasPrice(operation)) return;
        const typed = Object.entries(readObject(headers) ?? {}).map(([name, value]) => [name, String(value)]);
        const told = await askPrice(operation, Object.fromEntries(typed), stop.signal);
        if (stop.signal.aborted) return;
        setPrice(told);
        const wait = told?.refusal?.extensions.retryAfter;
        if (wait !== undefined && wait <= LONGEST) timer = setTimeout(ask, wait * 1000);
      } catch {
        // Running it says what is wrong.
      }
    };
    let timer = setTimeout(ask, REST);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query, variables, headers, operationName, session, isFetching]);

  if (!price) return null;
  return (
    <span className={price.passes ? "price" : "price over"} title={price.refusal?.message}>
      {priceInWords(price)}
    </span>
  );
}
