import type { Film } from "../shared/film";
import { CURTAIN, MOTIFS, type Shape } from "./motifs";
import { paletteOf, telling } from "./palette";
import { seeded } from "./random";

const SVG = "http://www.w3.org/2000/svg";

/** The shapes of a film's poster: the same for the same film, through every visit. */
export function shapesOf(film: Film): Shape[] {
  const genre = telling(film.genres).find((name) => Object.hasOwn(MOTIFS, name));
  const motif = (genre !== undefined && MOTIFS[genre]) || CURTAIN;
  return [["rect", "ground", { width: 400, height: 400 }], ...motif(seeded(film.id))];
}

/** The poster of a film; undefined draws the curtain of an empty house. It is decoration, and says so. */
export function poster(film: Film | undefined): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 400 400");
  svg.setAttribute("preserveAspectRatio", "xMidYMid slice");
  svg.setAttribute("aria-hidden", "true");
  const nobody = { id: 0, name: "", studio: "", genres: [], likes: 0, dislikes: 0 };
  for (const [tag, ink, attributes] of shapesOf(film ?? nobody)) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name !== "class")
        shape.setAttribute(name, typeof value === "number" ? String(round(value)) : value);
    }
    shape.setAttribute("class", `${ink} ${attributes.class ?? ""}`.trim());
    svg.append(shape);
  }
  return svg;
}

/** Tints an element with the film's colours. */
export function tint(element: HTMLElement, film: Film | undefined): void {
  const { hue, accent, chroma } = film ? paletteOf(film) : { hue: 22, accent: 85, chroma: 0.9 };
  element.style.setProperty("--hue", String(hue));
  element.style.setProperty("--accent-hue", String(accent));
  element.style.setProperty("--chroma", String(chroma));
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
