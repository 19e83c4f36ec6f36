import { type Page, pageOf } from "./page";

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

/** A page of films. */
export type FilmPage = Omit<Page, "entries"> & { films: Film[] };

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

/** The films of a list, without what is none. */
export function readFilms(json: unknown): Film[] {
  return (Array.isArray(json) ? json : []).flatMap((one) => readFilm(one) ?? []);
}

/** The page that a body is; undefined when it is none. */
export function readPage(json: unknown): FilmPage | undefined {
  const page = pageOf(json, "films");
  return page && { films: readFilms(page.entries), next: page.next, total: page.total };
}
