import { parseJson } from "../shared/json";
import { placeholder } from "../shared/secrets";
import { inputOf, row } from "./inputs";
import type { Field } from "./schema";

/** The form that writes a body, and what was filled in where the body has a placeholder. */
export class BodyFields {
  readonly rows: HTMLElement[];
  #fields: Field[];
  #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  #changed: (body: string) => void;

  constructor(fields: Field[], changed: (body: string) => void) {
    this.#fields = fields;
    this.#changed = changed;
    this.rows = fields.map((field) => {
      const id = `field-${field.name}`;
      const input = inputOf(id, field);
      input.addEventListener("input", () => this.write());
      this.#inputs.set(field.name, input);
      return row(id, field, input);
    });
  }

  /** Writes the body anew. */
  write(): void {
    this.#changed(
      bodyText(this.#fields, new Map([...this.#inputs].map(([name, { value }]) => [name, value]))),
    );
  }

  secrets(): Map<string, string> {
    const secret = this.#fields.filter(({ as }) => as === "secret");
    return new Map(secret.map(({ name }) => [name, this.#inputs.get(name)?.value ?? ""]));
  }
}

/**
 * What the fields say, as JSON. What is not of its form goes out as text: the server has an opinion on that. A secret is
 * not written into the text.
 */
export function bodyText(fields: Field[], values: Map<string, string>): string {
  const filled = fields.filter(({ name }) => values.get(name));
  return JSON.stringify(
    Object.fromEntries(filled.map((field) => [field.name, member(field, values.get(field.name) ?? "")])),
    null,
    2,
  );
}

function member({ name, as, isNullable }: Field, value: string): unknown {
  if (as === "secret") return placeholder(name);
  if (isNullable && value === "null") return null;
  if (as === "number" && /^-?\d{1,15}(\.\d+)?$/.test(value)) return Number(value);
  if (as === "list") return value.split(",").map((part) => part.trim());
  if (as === "flag" && /^(true|false)$/.test(value)) return value === "true";
  return as === "json" ? (parseJson(value) ?? value) : value;
}
