import type { Film } from "../shared/film";

/** What a film's colours are made of. */
export interface Palette {
  /** Degrees, of what tells most about the film. */
  hue: number;
  /** Degrees, of a colour that stands against the first. */
  accent: number;
  /** How colourful: films were grey before they were painted, and painted before they were printed. */
  chroma: number;
}

const HUES: Record<string, number> = {
  action: 38,
  adventure: 152,
  animation: 335,
  biography: 62,
  comedy: 88,
  crime: 245,
  documentary: 190,
  drama: 262,
  family: 135,
  fantasy: 292,
  history: 72,
  horror: 22,
  music: 318,
  musical: 350,
  mystery: 275,
  romance: 8,
  "science fiction": 215,
  sport: 165,
  thriller: 305,
  war: 112,
  western: 52,
};

export function paletteOf({ id, year, genres }: Film): Palette {
  const [first, second] = telling(genres);
  const hue = hueOf(first ?? "") + ((id * 7) % 21) - 10;
  const accent = second === undefined ? hue + 150 + ((id * 11) % 60) : apart(hue, hueOf(second));
  return { hue: round(hue), accent: round(accent), chroma: chromaOf(year) };
}

/** Other words for what can be drawn. */
const ALIASES: Record<string, string> = {
  biographical: "biography",
  concert: "music",
  fantastic: "fantasy",
  historical: "history",
  noir: "crime",
  romantic: "romance",
  "sci-fi": "science fiction",
  sports: "sport",
  suspense: "thriller",
};

/** What a genre says by its words, where it is no known one itself: `Romantic Comedy` is both. */
function words(genre: string): string[] {
  const name = genre.toLowerCase();
  if (Object.hasOwn(HUES, name)) return [name];
  const known = name
    .split(/[\s/&,]+/)
    .map((word) => (Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? word) : word))
    .filter((word) => Object.hasOwn(HUES, word));
  return known.length ? known : [name];
}

/** Most films are dramas: what else they are comes first. */
export function telling(genres: string[]): string[] {
  const names = genres.flatMap(words);
  return [...names.filter((name) => name !== "drama"), ...names.filter((name) => name === "drama")];
}

function hueOf(genre: string): number {
  const known = HUES[genre];
  if (known !== undefined) return known;
  let hash = 0;
  for (const letter of genre) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return hash;
}

/** Two neighbours on the wheel would be one colour to the eye. */
function apart(hue: number, other: number): number {
  const distance = Math.abs(((other - hue + 540) % 360) - 180);
  return distance < 60 ? other + 140 : other;
}

function chromaOf(year: number | undefined): number {
  if (year === undefined) return 0.7;
  if (year < 1936) return 0.16;
  if (year < 1954) return 0.5;
  if (year < 1970) return 0.85;
  return 1.1;
}

function round(degrees: number): number {
  return ((Math.round(degrees) % 360) + 360) % 360;
}
