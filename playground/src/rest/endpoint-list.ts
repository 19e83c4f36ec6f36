import { explain, sendIfThere } from "../shared/api";
import { byId, create } from "../shared/dom";
import { type Endpoint, endpointsOf } from "./endpoints";

/**
 * Lists the calls of the server's own document, `/openapi.json`, to choose from; the address remembers which, so that a
 * reload and a link show it again. `missing` is called when the document is not to be had.
 */
export async function listEndpoints(
  chosen: (endpoint: Endpoint) => void,
  missing: () => void,
): Promise<void> {
  const answer = await sendIfThere({ method: "GET", url: "/openapi.json" });
  const endpoints = answer?.ok ? endpointsOf(answer.json) : [];
  const [first] = endpoints;
  if (!first) {
    const again = create("button", { class: "plain", type: "button" }, "Try again");
    again.addEventListener("click", () => void listEndpoints(chosen, missing));
    const why = answer && !answer.ok ? explain(answer) : "No answer: the server or your network is gone.";
    const text = `The list of endpoints is not to be had. ${why} Calls can be written by hand all the same.`;
    byId("endpoints").replaceChildren(create("p", { role: "alert" }, text), again);
    return missing();
  }
  const links = new Map(endpoints.map((endpoint) => [endpoint.id, linkTo(endpoint)]));
  const groups = [...new Set(endpoints.map(({ group }) => group))].flatMap((group) => [
    create("h2", {}, group),
    create(
      "ul",
      {},
      ...endpoints
        .filter((endpoint) => endpoint.group === group)
        .map(({ id }) => create("li", {}, links.get(id) ?? "")),
    ),
  ]);
  byId("endpoints").replaceChildren(...groups);
  const mark = () => {
    const asked = location.hash.slice(1);
    const endpoint = endpoints.find(({ id }) => id === asked) ?? first;
    for (const [id, link] of links) {
      if (id !== endpoint.id) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "true");
        // On a phone the list goes sideways.
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    chosen(endpoint);
  };
  addEventListener("hashchange", mark);
  mark();
}

function linkTo({ id, method, title, path }: Endpoint): HTMLAnchorElement {
  const what = create("span", { class: "what" }, title, create("span", { class: "path mono" }, path));
  return create(
    "a",
    { href: `#${id}` },
    create("span", { class: "method", "data-method": method }, method),
    what,
  );
}
