import { type TabsState, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { sampleTabs } from "./tabs.ts";

type TabState = TabsState["tabs"][number];

/** Puts the sample tabs in front. A tab of the visitor's own stays, and so does a sample that was changed. */
export function RestoreTabs() {
  const { tabs, activeTabIndex } = useGraphiQL(({ tabs, activeTabIndex }) => ({ tabs, activeTabIndex }));
  const { moveTab, changeTab, closeTab } = useGraphiQLActions();

  const restore = () => {
    const samples = sampleTabs();
    const untouched = new Set(samples.map(({ query }) => query));
    const active = tabs[activeTabIndex];
    const kept = tabs.filter((tab) => tab === active || !(untouched.has(tab.query ?? "") || isEmpty(tab)));
    moveTab([...samples.map(newTab), ...kept]);
    changeTab(0);
    // It had to be there for the move, as the one that is shown.
    if (active && (untouched.has(active.query ?? "") || isEmpty(active))) {
      closeTab(samples.length + kept.indexOf(active));
    }
  };
  return (
    <button type="button" onClick={restore}>
      Restore the sample tabs
    </button>
  );
}

function isEmpty({ query, variables }: TabState): boolean {
  return !query?.trim() && !variables?.trim();
}

function newTab({ query, variables }: { query: string; variables: string | null }, index: number): TabState {
  const title = /^(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? "";
  return {
    id: `sample-${Date.now()}-${index}`,
    hash: [query, variables ?? "", ""].join("|"),
    title,
    query,
    variables,
    headers: null,
    operationName: title,
    response: null,
  };
}
