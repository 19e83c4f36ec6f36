import { useEffect } from "react";

/**
 * Makes a list of buttons of GraphiQL's tabs, one of them the current one.
 *
 * GraphiQL writes a tab around two buttons, to choose and to close; what is within a tab cannot be reached by those who
 * hear the page.
 */
export function TabRoles() {
  useEffect(() => {
    const header = document.querySelector(".graphiql-session-header");
    if (!header) return;
    const mend = () => {
      header.querySelector(".graphiql-tabs")?.setAttribute("role", "list");
      for (const tab of header.querySelectorAll(".graphiql-tab")) {
        if (tab.getAttribute("role") !== "listitem") tab.setAttribute("role", "listitem");
        if (tab.hasAttribute("aria-selected")) tab.removeAttribute("aria-selected");
        const current = String(tab.classList.contains("graphiql-tab-active"));
        const button = tab.querySelector(".graphiql-tab-button");
        if (button?.getAttribute("aria-current") !== current) button?.setAttribute("aria-current", current);
      }
      const panel = document.getElementById("graphiql-session");
      if (panel?.getAttribute("role") !== "region") panel?.setAttribute("role", "region");
    };
    mend();
    // React writes what changes, and new tabs.
    const observer = new MutationObserver(mend);
    observer.observe(header, { subtree: true, childList: true, attributeFilter: ["class", "aria-selected"] });
    return () => observer.disconnect();
  }, []);
  return null;
}
