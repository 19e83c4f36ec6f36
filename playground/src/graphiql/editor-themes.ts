import type { editor } from "monaco-editor/esm/vs/editor/editor.api.js";

/** GraphiQL's names for its two themes, and ours. */
export const EDITOR_THEMES = { dark: "filmgate-dark", light: "filmgate-light" };

/** As GraphiQL's own, but every text with a contrast of 4.5 to 1 and more on the house's ground. */
export const EDITOR_THEME_DATA: Record<keyof typeof EDITOR_THEMES, editor.IStandaloneThemeData> = {
  dark: theme("vs-dark", { ground: "#1f1d25", accent: "#ff9d8f", faint: "#b5aebf", comment: "#93c47d" }),
  light: theme("vs", { ground: "#ffffff", accent: "#9c1f18", faint: "#57525e", comment: "#00690a" }),
};

interface Palette {
  ground: string;
  accent: string;
  /** Line numbers. */
  faint: string;
  comment: string;
}

function theme(
  base: "vs" | "vs-dark",
  { ground, accent, faint, comment }: Palette,
): editor.IStandaloneThemeData {
  return {
    base,
    inherit: true,
    rules: [
      { token: "argument.identifier.gql", foreground: base === "vs" ? "#5552c0" : "#a5a0ff" },
      { token: "comment", foreground: comment },
      ...(base === "vs" ? [{ token: "number", foreground: "#066b46" }] : []),
    ],
    colors: {
      "editor.background": "#ffffff00",
      "scrollbar.shadow": "#ffffff00",
      "editorLineNumber.foreground": faint,
      "editorLineNumber.dimmedForeground": faint,
      "textLink.foreground": accent,
      "textLink.activeForeground": accent,
      "editorLink.activeForeground": accent,
      "editorHoverWidget.background": ground,
      "editorSuggestWidget.background": ground,
      "editorSuggestWidget.selectedBackground": `${accent}19`,
      "editorSuggestWidget.selectedForeground": accent,
      "editorSuggestWidget.highlightForeground": accent,
      "editorSuggestWidget.focusHighlightForeground": accent,
      "editorWidget.background": ground,
      "quickInput.background": ground,
      "quickInputList.focusBackground": `${accent}19`,
      "quickInputList.focusForeground": base === "vs" ? "#333333" : "#ffffff",
      "list.hoverBackground": `${accent}19`,
      "menu.background": ground,
      "menu.selectionBackground": `${accent}19`,
      "menu.selectionForeground": accent,
      focusBorder: accent,
    },
  };
}
