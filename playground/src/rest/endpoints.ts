import { ACCOUNT_ENDPOINTS } from "./account-endpoints";
import type { Field } from "./body-fields";
import { FILM_ENDPOINTS } from "./film-endpoints";

/** A place that a request is made of. */
export interface Parameter {
  name: string;
  in: "query" | "path";
  /** What it means. */
  about: string;
  /** What stands there at first; undefined sends nothing. */
  value?: string;
}

/** One endpoint, as `openapi.json` describes it. */
export interface Endpoint {
  id: string;
  group: string;
  /** The first one is chosen at first; every other one can be tried too, as a refusal is an answer. */
  methods: string[];
  /** With `{name}` where a parameter of the path goes. */
  path: string;
  title: string;
  about: string;
  parameters: Parameter[];
  /** What is sent. */
  body?: Field[];
}

export const ENDPOINTS: Endpoint[] = [...FILM_ENDPOINTS, ...ACCOUNT_ENDPOINTS];

/** What is put together from the path and the parameters that are sent; the values are by name. */
export function addressOf({ path, parameters }: Endpoint, values: Map<string, string>): string {
  let address = path;
  const query: string[] = [];
  for (const parameter of parameters) {
    const value = values.get(parameter.name);
    // One that nobody has filled in stays as it is written: what removes something has no id of its own accord.
    if (parameter.in === "path" && value !== undefined) {
      address = address.replace(`{${parameter.name}}`, () => encodeURIComponent(value));
    } else if (parameter.in === "query" && value !== undefined) {
      query.push(`${parameter.name}=${encodeURIComponent(value)}`);
    }
  }
  return query.length ? `${address}?${query.join("&")}` : address;
}
