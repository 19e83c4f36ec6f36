import { GraphiQL } from "graphiql";
import { CopyButtons } from "./CopyButtons.tsx";
import { EDITOR_THEMES } from "./editor-themes.ts";
import { EXPLORER_PLUGIN } from "./explorer.tsx";
import { fetcher } from "./fetcher.ts";
import { HISTORY_PLUGIN } from "./history.tsx";
import { NoAnswer } from "./NoAnswer.tsx";
import { PriceTag } from "./PriceTag.tsx";
import { QuotaMeter } from "./QuotaMeter.tsx";
import { RestoreTabs } from "./RestoreTabs.tsx";
import { SystemTheme } from "./SystemTheme.tsx";
import { reliableStorage } from "./storage.ts";
import { TabRoles } from "./TabRoles.tsx";
import { Fold, Tools } from "./Tools.tsx";
import { sampleTabs } from "./tabs.ts";

// Outside of the component: a new list would close what is open.
const plugins = [HISTORY_PLUGIN, EXPLORER_PLUGIN];
const defaultTabs = sampleTabs();
const storage = reliableStorage();
/** A phone has no room for what most operations do not need. */
const tools = matchMedia("(max-width: 48rem)").matches ? false : "variables";

export function App() {
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      defaultTabs={defaultTabs}
      defaultEditorToolsVisibility={tools}
      editorTheme={EDITOR_THEMES}
      isHeadersEditorEnabled
      // Headers hold secrets.
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
    >
      {/* GraphiQL's own mark stands where the room is needed; its name is in the header. */}
      <GraphiQL.Logo>
        <span />
      </GraphiQL.Logo>
      <NoAnswer />
      <TabRoles />
      <SystemTheme />
      <Tools>
        <PriceTag />
        <Fold>
          <CopyButtons />
          <RestoreTabs />
        </Fold>
        <QuotaMeter />
      </Tools>
    </GraphiQL>
  );
}
