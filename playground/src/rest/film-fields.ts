import { create } from "../shared/dom";

const FIELDS = [
  { name: "name", value: "Night Train", about: "1 to 200 characters" },
  { name: "studio", value: "Kadr", about: "1 to 200 characters" },
  { name: "year", value: "1959", about: "from 1888; may be left out" },
  { name: "genres", value: "Drama, Thriller", about: "with commas between; may be left out" },
];

/** The form for a film that writes the body; an empty field is left out of it. */
export function filmFields(changed: (body: string) => void): HTMLElement[] {
  const inputs = new Map<string, HTMLInputElement>();
  const write = () => changed(bodyOf(new Map([...inputs].map(([name, input]) => [name, input.value]))));
  const rows = FIELDS.map(({ name, value, about }) => {
    const id = `film-${name}`;
    const input = create("input", { id, value, autocomplete: "off", "aria-describedby": `${id}-about` });
    input.addEventListener("input", write);
    inputs.set(name, input);
    return create(
      "div",
      { class: "parameter" },
      create("label", { for: id, class: "mono" }, name),
      input,
      create("span", { id: `${id}-about`, class: "soft" }, about),
    );
  });
  write();
  return rows;
}

/** What the fields say, as JSON. A year that is no number goes out as text: the server has an opinion on that. */
export function bodyOf(values: Map<string, string>): string {
  const film: Record<string, unknown> = {};
  for (const [name, value] of values) {
    if (value === "") continue;
    if (name === "year" && /^-?\d{1,15}$/.test(value)) film[name] = Number(value);
    else if (name === "genres") film[name] = value.split(",").map((genre) => genre.trim());
    else film[name] = value;
  }
  return JSON.stringify(film, null, 2);
}
