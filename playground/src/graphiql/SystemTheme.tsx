import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

/** Takes the editors along when the system turns dark or light; GraphiQL does so for the rest of the page alone. */
export function SystemTheme() {
  const { theme } = useGraphiQL(({ theme }) => ({ theme }));
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (theme) return;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(null);
    scheme.addEventListener("change", follow);
    return () => scheme.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}
