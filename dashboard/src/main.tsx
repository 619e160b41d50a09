import "@fontsource-variable/geist-mono/index.css";
import "@fontsource-variable/instrument-sans/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { App } from "./app";
import { beginTheme } from "./frame/theme";

beginTheme();
createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
