import "graphiql/setup-workers/vite";
import "../shared/base.css";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./graphiql.css";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const main = document.getElementById("main");
if (main) createRoot(main).render(<App />);
