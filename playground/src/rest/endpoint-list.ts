import { byId, create } from "../shared/dom";
import { ENDPOINTS, type Endpoint } from "./endpoints";

/** The endpoints to choose from; the address remembers which, so that a reload and a link show it again. */
export function listEndpoints(chosen: (endpoint: Endpoint) => void): Endpoint {
  const links = new Map<string, HTMLAnchorElement>();
  for (const group of new Set(ENDPOINTS.map((endpoint) => endpoint.group))) {
    const items = ENDPOINTS.filter((endpoint) => endpoint.group === group).map((endpoint) => {
      const link = create(
        "a",
        { href: `#${endpoint.id}` },
        create("span", { class: "method", "data-method": endpoint.methods[0] }, endpoint.methods[0] ?? ""),
        create(
          "span",
          { class: "what" },
          endpoint.title,
          create("span", { class: "path mono" }, endpoint.path),
        ),
      );
      links.set(endpoint.id, link);
      return create("li", {}, link);
    });
    byId("endpoints").append(create("h2", {}, group), create("ul", {}, ...items));
  }
  const mark = () => {
    const asked = location.hash.slice(1);
    const endpoint = ENDPOINTS.find(({ id }) => id === asked) ?? (ENDPOINTS[0] as Endpoint);
    for (const [id, link] of links) {
      if (id !== endpoint.id) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "true");
        // On a phone the list goes sideways.
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    return endpoint;
  };
  addEventListener("hashchange", () => chosen(mark()));
  return mark();
}
