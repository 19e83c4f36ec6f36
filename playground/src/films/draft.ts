/** What is sent for a new film. */
export interface Draft {
  name: string;
  studio: string;
  year?: number | string;
  genres?: string[];
}

/** Reads the form. A year that is no number is sent as it stands: the server says what is wrong with it. */
export function readDraft(form: FormData): Draft {
  const text = (field: string) => String(form.get(field) ?? "");
  const draft: Draft = { name: text("name"), studio: text("studio") };
  const year = text("year").trim();
  if (year) draft.year = /^-?\d{1,9}$/.test(year) ? Number(year) : year;
  const genres = text("genres")
    .split(",")
    .map((genre) => genre.trim())
    .filter(Boolean);
  if (genres.length) draft.genres = genres;
  return draft;
}
