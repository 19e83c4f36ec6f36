import { expect, test } from "vitest";
import { readDraft } from "./draft";
import { MOTIFS } from "./motifs";
import { paletteOf, telling } from "./palette";
import { shapesOf } from "./poster";

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
  expect(shapesOf(film(7, ["War"]))).toEqual(shapesOf(film(7, ["War"])));
  expect(shapesOf(film(7, ["War"]))).not.toEqual(shapesOf(film(8, ["War"])));
});

test("every genre can be drawn, and one that nobody foresaw as well", () => {
  for (const genre of [...Object.keys(MOTIFS), "constructor", "Kaiju", ""]) {
    for (const id of [1, 620, 2 ** 40]) {
      const numbers = shapesOf(film(id, [genre])).flatMap(([, , attributes]) => Object.values(attributes));
      expect(JSON.stringify(numbers), genre).not.toMatch(/NaN|null|undefined|Infinity/);
    }
  }
});

test("what a film is besides a drama comes first", () => {
  expect(telling(["Drama", "Western"])).toEqual(["western", "drama"]);
  expect(telling(["Drama"])).toEqual(["drama"]);
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
