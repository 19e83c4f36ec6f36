/** A film, as the server writes it. */
export interface Film {
  id: number;
  name: string;
  studio: string;
  /** Missing when nobody knows it. */
  year?: number;
  genres: string[];
  likes: number;
  dislikes: number;
}

/** The film that a body is; undefined when it is none. */
export function readFilm(json: unknown): Film | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const film = json as Partial<Film>;
  const isFilm =
    typeof film.id === "number" &&
    typeof film.name === "string" &&
    typeof film.studio === "string" &&
    typeof film.likes === "number" &&
    typeof film.dislikes === "number" &&
    Array.isArray(film.genres) &&
    film.genres.every((genre) => typeof genre === "string");
  return isFilm ? (film as Film) : undefined;
}
