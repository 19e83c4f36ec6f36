// What a form needs to know of a value, from JSON Schema as OpenAPI 3.1 uses it.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
}

/** How a value is written: a secret as a string that is not shown, and what has no form of its own as JSON. */
export type As = "text" | "number" | "flag" | "list" | "secret" | "json";

/** A place that is filled in. */
export interface Field {
  name: string;
  /** What it means, and what it may be. */
  about: string;
  as: As;
  /** What alone it may be, where that is a closed list. */
  options: string[];
  /** Whether `null` may be written. */
  isNullable: boolean;
  /** What stands there at first; undefined sends nothing. */
  value?: string | undefined;
  /** What it might be, shown as long as nothing stands there. */
  hint?: string | undefined;
}

/** References that lead to references, at most. */
const DEEPEST = 20;

/** What a reference such as `#/components/schemas/Film` leads to; nothing where it leads nowhere. */
export function lookUp(document: unknown, reference: string): object {
  const found = reference
    .replace(/^#\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((at, part) => Object(at)[part], document);
  return Object(found);
}

/** The schema without references, with its one alternative that is not null, and with all that it is made of. */
export function resolved(document: unknown, schema: Schema = {}, depth = 0): Schema {
  if (depth > DEEPEST) return {};
  const { $ref, oneOf, anyOf, allOf, ...own } = schema;
  const others = (oneOf ?? anyOf ?? []).filter(({ type }) => type !== "null");
  const isNullable = others.length < (oneOf ?? anyOf ?? []).length;
  const parts = [
    ...($ref === undefined ? [] : [lookUp(document, $ref) as Schema]),
    ...(allOf ?? []),
    // What may be one of several has no form of its own.
    ...(others.length === 1 ? others : []),
  ].map((part) => resolved(document, part, depth + 1));
  const whole = Object.assign({}, ...parts, own) as Schema;
  const properties = Object.assign({}, ...[...parts, own].map((part) => part.properties));
  const required = [...parts, own].flatMap((part) => part.required ?? []);
  if (Object.keys(properties).length) Object.assign(whole, { properties, required });
  if (isNullable && whole.type !== undefined) whole.type = [...types(whole), "null"];
  return whole;
}

/** The field for a value; `description` is that of the place, which says more than that of its type. */
export function fieldOf(
  name: string,
  schema: Schema,
  description = schema.description,
  isRequired = false,
): Field {
  const options = (schema.enum ?? []).filter((one) => one !== null).map(String);
  const as = asOf(schema);
  const words = (description ?? "").replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
  const parts = [words, limitsOf(schema, words), isRequired && "required"];
  return {
    name,
    about: parts.filter(Boolean).join("; "),
    as,
    options: as === "flag" ? ["true", "false"] : options,
    isNullable: types(schema).includes("null"),
    hint: written(schema.example ?? schema.examples?.[0] ?? schema.default),
  };
}

/** A value as one writes it into a field. */
export function written(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function types({ type = [] }: Schema): string[] {
  return [type].flat();
}

function asOf(schema: Schema): As {
  const [type] = types(schema).filter((one) => one !== "null");
  if (schema.format === "password") return "secret";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "flag";
  if (type === "array")
    return types(schema.items ?? {}).includes("object") || schema.items?.$ref ? "json" : "list";
  return type === "object" ? "json" : "text";
}

/** What it may be, as far as its description does not say so. */
function limitsOf(schema: Schema, words: string): string {
  const says = (limit: number | undefined) => limit === undefined || new RegExp(`\\b${limit}\\b`).test(words);
  const { minimum, maximum, minLength, maxLength, maxItems, format } = schema;
  const parts = [
    !says(maximum) ? range(minimum, maximum) : says(minimum) ? "" : range(minimum, undefined),
    says(maxLength) ? "" : `${range(minLength, maxLength)} characters`,
    says(maxItems) ? "" : `at most ${maxItems}`,
    asOf(schema) === "list" && !/comma/.test(words) ? "with commas between" : "",
    format === "date-time" ? "such as 2026-01-31T12:00:00Z" : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function range(from: number | undefined, to: number | undefined): string {
  if (from === undefined) return `at most ${to}`;
  return to === undefined ? `from ${from}` : `${from} to ${to}`;
}
