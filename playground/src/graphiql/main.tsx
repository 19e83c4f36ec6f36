import "../shared/base.css";
import "../shared/parts.css";
import "./page.css";
import { showWho } from "../shared/who.ts";

// The editor is asked for at once and not after GraphiQL has asked for it.
void import("monaco-graphql/esm/monaco-editor.js");
void import("./start.tsx");
showWho();
