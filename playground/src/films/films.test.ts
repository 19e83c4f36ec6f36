import { expect, test } from "vitest";
import { readDraft } from "./draft";
import { MOTIFS } from "./motifs";
import { paletteOf, telling } from "./palette";
import { drawingOf } from "./poster";
import { before, rating } from "./top";

const film = (id: number, genres: string[], year?: number) => ({
  id,
  name: "A",
  studio: "B",
  genres,
  likes: 0,
  dislikes: 0,
  ...(year !== undefined && { year }),
});

test("a film has the same poster at every visit, and another than its neighbour", () => {
  expect(drawingOf(film(7, ["War"]))).toEqual(drawingOf(film(7, ["War"])));
  expect(drawingOf(film(7, ["War"]))).not.toEqual(drawingOf(film(8, ["War"])));
});

test("every genre can be drawn, and one that nobody foresaw as well", () => {
  for (const genre of [...Object.keys(MOTIFS), "constructor", "Kaiju", ""]) {
    for (const id of [...Array(40).keys(), 620, 2 ** 40]) {
      const numbers = drawingOf(film(id, [genre])).shapes.flatMap(([, , attributes]) =>
        Object.values(attributes),
      );
      expect(JSON.stringify(numbers), genre).not.toMatch(/NaN|null|undefined|Infinity/);
    }
  }
});

test("films of one genre, or of none, do not look alike", () => {
  for (const genres of [["Western"], []]) {
    const drawings = Array.from({ length: 60 }, (_, id) => JSON.stringify(drawingOf(film(id + 1, genres))));
    expect(new Set(drawings).size).toBe(60);
  }
});

test("the top is in the order that the server has", () => {
  const voted = (id: number, likes: number, dislikes: number) => ({ ...film(id, []), likes, dislikes });
  const films = [voted(1, 1, 0), voted(2, 90, 10), voted(3, 0, 9), voted(4, 90, 900)];
  const ids = (order: "likes" | "rating") =>
    films.toSorted((a, b) => before(order, a, b)).map(({ id }) => id);
  expect(ids("likes")).toEqual([2, 4, 1, 3]);
  expect(ids("rating")).toEqual([2, 1, 4, 3]);
  // docs/rest.md: 90 likes of 100 votes are 0.83, and 1 of 1 is 0.21.
  expect(rating({ likes: 90, dislikes: 10 }) / 1e9).toBeCloseTo(0.83, 2);
  expect(rating({ likes: 1, dislikes: 0 }) / 1e9).toBeCloseTo(0.21, 2);
});

test("what a film is besides a drama comes first", () => {
  expect(telling(["Drama", "Western"])).toEqual(["western", "drama"]);
  expect(telling(["Drama"])).toEqual(["drama"]);
  expect(telling(["Romantic Comedy", "Thriller/Suspense", "Film noir", "Kaiju"])).toEqual([
    "romance",
    "comedy",
    "thriller",
    "thriller",
    "crime",
    "kaiju",
  ]);
});

test("colours are on the wheel, and old films are grey", () => {
  for (let id = 1; id < 400; id += 13) {
    const { hue, accent } = paletteOf(film(id, ["Horror", "Romance"], 1980));
    expect(hue).toBeGreaterThanOrEqual(0);
    expect(hue).toBeLessThan(360);
    expect(Math.abs(((accent - hue + 540) % 360) - 180)).toBeGreaterThan(40);
  }
  expect(paletteOf(film(1, [], 1922)).chroma).toBeLessThan(paletteOf(film(1, [], 1999)).chroma);
});

test("the form is read as a film, and the server judges it", () => {
  const form = new FormData();
  for (const [name, value] of Object.entries({
    name: " A ",
    studio: "",
    year: " 1999 ",
    genres: "Drama, ,War,",
  })) {
    form.set(name, value);
  }
  expect(readDraft(form)).toEqual({ name: " A ", studio: "", year: 1999, genres: ["Drama", "War"] });
  form.set("year", "soon");
  form.set("genres", "");
  expect(readDraft(form)).toEqual({ name: " A ", studio: "", year: "soon" });
});
