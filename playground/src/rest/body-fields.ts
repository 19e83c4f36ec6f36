import { create } from "../shared/dom";
import { placeholder } from "../shared/secrets";

/** A member of a body. */
export interface Field {
  name: string;
  /** What it means. */
  about: string;
  /** What stands there at first; an empty field is left out of the body. */
  value?: string;
  /** How it is written; as a string where nothing is said. */
  as?: "number" | "list" | "flag" | "secret";
}

/** The form that writes a body, and what was filled in where the body has a placeholder. */
export class BodyFields {
  readonly rows: HTMLElement[];
  #fields: Field[];
  #inputs = new Map<string, HTMLInputElement>();
  #changed: (body: string) => void;

  constructor(fields: Field[], changed: (body: string) => void) {
    this.#fields = fields;
    this.#changed = changed;
    this.rows = fields.map((field) => this.#row(field));
  }

  /** Writes the body anew. */
  write(): void {
    this.#changed(bodyOf(this.#fields, new Map([...this.#inputs].map(([name, { value }]) => [name, value]))));
  }

  secrets(): Map<string, string> {
    const secret = this.#fields.filter(({ as }) => as === "secret");
    return new Map(secret.map(({ name }) => [name, this.#inputs.get(name)?.value ?? ""]));
  }

  #row({ name, about, value = "", as }: Field): HTMLElement {
    const id = `field-${name}`;
    const input = create("input", {
      id,
      value,
      type: as === "secret" ? "password" : "text",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-describedby": `${id}-about`,
    });
    input.addEventListener("input", () => this.write());
    this.#inputs.set(name, input);
    return create(
      "div",
      { class: "parameter" },
      create("label", { for: id, class: "mono" }, name),
      input,
      create("span", { id: `${id}-about`, class: "soft" }, about),
    );
  }
}

/**
 * What the fields say, as JSON. What is not of its form goes out as text: the server has an opinion on that. A secret is
 * not written into the text.
 */
export function bodyOf(fields: Field[], values: Map<string, string>): string {
  const filled = fields.filter(({ name }) => values.get(name));
  return JSON.stringify(
    Object.fromEntries(filled.map((field) => [field.name, written(field, values.get(field.name) ?? "")])),
    null,
    2,
  );
}

function written({ name, as }: Field, value: string): unknown {
  if (as === "number" && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (as === "list") return value.split(",").map((part) => part.trim());
  if (as === "flag" && /^(true|false)$/.test(value)) return value === "true";
  return as === "secret" ? placeholder(name) : value;
}
