import "graphiql/setup-workers/vite";
// Not graphiql/style.css: that has the editor's style a second time, and 280 kB of fonts.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./graphiql.css";
import "./phone.css";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const root = document.getElementById("graphiql");
if (root) createRoot(root).render(<App />);
