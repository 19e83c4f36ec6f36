import { type Field, fieldOf, lookUp, resolved, type Schema, written } from "./schema";

/** A place that a request is made of. */
export interface Parameter extends Field {
  in: (typeof PLACES)[number];
  /** Of a list: whether its name stands before each of its values. */
  isRepeated: boolean;
}

/** One call, as the document of the server describes it. */
export interface Endpoint {
  /** Its `operationId`. */
  id: string;
  group: string;
  method: string;
  /** With `{name}` where a parameter of the path goes. */
  path: string;
  title: string;
  about: string;
  parameters: Parameter[];
  /** What is sent. */
  body: Field[] | undefined;
  /** Whether QUERY (RFC 10008) takes the parameters of the address as a form. */
  takesQuery: boolean;
}

interface ParameterObject {
  $ref?: string;
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  explode?: boolean;
  example?: unknown;
  schema?: Schema;
}

interface Operation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: ParameterObject[];
  requestBody?: { $ref?: string; content?: Record<string, { schema?: Schema; example?: unknown }> };
  responses?: Record<string, { $ref?: string; content?: Record<string, unknown>; headers?: object }>;
}

/** A media type of bodies. */
export const FORM = "application/x-www-form-urlencoded";
const PLACES = ["query", "path", "header"] as const;
const METHODS = ["get", "post", "put", "patch", "delete", "head"] as const;

/** All calls of a document (OpenAPI 3.1), in groups by their first tag. An event stream has no end, and so no form. */
export function endpointsOf(document: unknown): Endpoint[] {
  const { paths, tags } = Object(document) as { paths?: unknown; tags?: { name: string }[] };
  const bodies = new Map<string, Field[]>();
  const all = Object.entries(Object(paths)).flatMap(([path, given]) => {
    const item = Object(given) as Record<string, unknown>;
    const shared = (item.parameters ?? []) as ParameterObject[];
    return METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      if (!operation || isStream(document, operation)) return [];
      return [endpointOf(document, path, method, operation, shared, bodies)];
    });
  });
  const order = [...(tags ?? []).map(({ name }) => titled(name)), ...all.map(({ group }) => group)];
  return all.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
}

function endpointOf(
  document: unknown,
  path: string,
  method: string,
  operation: Operation,
  shared: ParameterObject[],
  bodies: Map<string, Field[]>,
): Endpoint {
  const { operationId = `${method}-${path}`, tags, summary, description = "" } = operation;
  const parameters = [...shared, ...(operation.parameters ?? [])].flatMap((parameter) =>
    parameterOf(document, parameter, method),
  );
  return {
    id: operationId,
    group: titled(tags?.[0] ?? "others"),
    method: method.toUpperCase(),
    path,
    title: summary ?? operationId,
    about: description,
    parameters,
    body: bodyOf(document, operation, method, bodies),
    takesQuery: takesQuery(document, operation),
  };
}

function parameterOf(document: unknown, given: ParameterObject, method: string): Parameter[] {
  const parameter = given.$ref === undefined ? given : (lookUp(document, given.$ref) as ParameterObject);
  const { name, description, required, explode = true } = parameter;
  const place = PLACES.find((known) => known === parameter.in);
  if (!place) return [];
  const schema = resolved(document, parameter.schema);
  const field = fieldOf(name, schema, description ?? schema.description, place !== "path" && required);
  const hint = written(parameter.example) ?? field.hint;
  const known = {
    ...field,
    hint,
    in: place,
    isRepeated: field.as === "list" && place === "query" && explode,
  };
  // What removes something has no id of its own accord.
  const isFilled = place === "path" && method !== "delete";
  return [isFilled ? { ...known, value: hint ?? "1" } : known];
}

/** Two calls that take the same share their fields, and with them what was typed. */
function bodyOf(
  document: unknown,
  { requestBody }: Operation,
  method: string,
  bodies: Map<string, Field[]>,
): Field[] | undefined {
  const body =
    requestBody?.$ref === undefined
      ? requestBody
      : (lookUp(document, requestBody.$ref) as typeof requestBody);
  const json = body?.content?.["application/json"];
  if (!json) return undefined;
  const known = json.schema?.$ref && bodies.get(json.schema.$ref + method);
  if (known) return known;
  const { properties = {}, required = [], example, examples } = resolved(document, json.schema);
  const values = Object(json.example ?? example ?? examples?.[0]) as Record<string, unknown>;
  const fields = Object.entries(properties).map(([name, property]) => {
    const schema = resolved(document, property);
    const field = fieldOf(name, schema, schema.description, required.includes(name));
    const hint = written(values[name]) ?? field.hint;
    // A change begins with nothing to change, and a secret is one's own.
    return method === "post" && field.as !== "secret" && values[name] !== undefined
      ? { ...field, value: hint }
      : { ...field, hint };
  });
  const first = (field: Field) => (required.includes(field.name) ? 0 : 1);
  fields.sort((a, b) => first(a) - first(b));
  if (json.schema?.$ref) bodies.set(json.schema.$ref + method, fields);
  return fields;
}

/** A document of OpenAPI 3.1 has no place for QUERY: the header `Accept-Query` of an answer tells of it. */
function takesQuery(document: unknown, { responses = {} }: Operation): boolean {
  return Object.values(responses).some(({ headers }) => {
    const { "Accept-Query": given } = Object(headers) as Record<string, { $ref?: string; example?: unknown }>;
    const header = given?.$ref === undefined ? given : (lookUp(document, given.$ref) as typeof given);
    return String(header?.example).includes(FORM);
  });
}

function isStream(document: unknown, { responses = {} }: Operation): boolean {
  return Object.values(responses).some((given) => {
    const { content } = given.$ref === undefined ? given : (lookUp(document, given.$ref) as typeof given);
    return content !== undefined && "text/event-stream" in content;
  });
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What is put together from the path and the parameters that are sent; the values are by name. */
export function addressOf({ path, parameters }: Endpoint, values: Map<string, string>): string {
  let address = path;
  const query: string[] = [];
  for (const { name, in: place, isRepeated } of parameters) {
    const value = values.get(name);
    // One that nobody has filled in stays as it is written.
    if (place === "path" && value !== undefined) {
      address = address.replace(`{${name}}`, () => encodeURIComponent(value));
    } else if (place === "query" && value !== undefined) {
      const parts = isRepeated ? value.split(",").map((part) => part.trim()) : [value];
      // A comma means itself, and can be read so.
      query.push(...parts.map((part) => `${name}=${encodeURIComponent(part).replaceAll("%2C", ",")}`));
    }
  }
  return query.length ? `${address}?${query.join("&")}` : address;
}

/** The headers among the parameters that are sent. */
export function headersOf({ parameters }: Endpoint, values: Map<string, string>): Record<string, string> {
  const headers = parameters.filter(({ in: place, name }) => place === "header" && values.has(name));
  return Object.fromEntries(headers.map(({ name }) => [name, values.get(name) ?? ""]));
}
