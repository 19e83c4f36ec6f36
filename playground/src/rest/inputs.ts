import { create } from "../shared/dom";
import type { Field } from "./schema";

/** What a field is written into: a choice where there is one, and text for all else, so that wrong values can be sent too. */
export function inputOf(
  id: string,
  { as, options, value, hint }: Field,
): HTMLInputElement | HTMLSelectElement {
  const described = { id, "aria-describedby": `${id}-about` };
  if (options.length) {
    const choices = options.map((option) => create("option", { selected: option === value }, option));
    return create("select", described, create("option", { value: "" }, "not sent"), ...choices);
  }
  return create("input", {
    ...described,
    value: value ?? "",
    placeholder: as === "secret" ? undefined : hint,
    type: as === "secret" ? "password" : "text",
    inputmode: as === "number" ? "numeric" : undefined,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
}

/** The line of a field: its name, where it is written, and what it means. `before` stands before the name. */
export function row(
  id: string,
  { name, about }: Field,
  input: HTMLElement,
  ...before: HTMLElement[]
): HTMLElement {
  return create(
    "div",
    { class: "parameter" },
    ...before,
    create("label", { for: id, class: "mono" }, name),
    input,
    create("span", { id: `${id}-about`, class: "soft" }, ...prose(about)),
  );
}

/** Text with what stands between backticks as code. */
export function prose(text: string): (Node | string)[] {
  return text.split("`").map((part, index) => (index % 2 ? create("code", {}, part) : part));
}
