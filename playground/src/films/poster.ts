import type { Film } from "../shared/film";
import { COMMON_MOTIFS } from "./common-motifs";
import { HOUSE_MOTIFS } from "./house-motifs";
import { MOTIFS } from "./motifs";
import { paletteOf, telling } from "./palette";
import { seeded } from "./random";
import {
  bar,
  between,
  disc,
  type Ink,
  type Motif,
  type Random,
  ring,
  type Shape,
  times,
  turned,
} from "./shapes";

const SVG = "http://www.w3.org/2000/svg";

/** Which ink is printed where the motif names one: as it is, by day, and in other tones of the same. */
const PRINTS: Partial<Record<Ink, Ink>>[] = [
  {},
  { ground: "glow", shade: "light", mid: "mid", light: "shade", glow: "ground" },
  { ground: "shade", shade: "ground", mid: "light", light: "glow" },
  { ground: "mid", shade: "ground", mid: "shade" },
];

/** What lies over the picture. */
const GRAINS: Motif[] = [
  () => [],
  () => [],
  (random) => {
    const lean = between(random, -40, 40);
    return times(14, (i) => turned(bar("ground", -100, -90 + i * 42, 600, 2), lean));
  },
  (random) => {
    const step = between(random, 26, 38);
    return times(64, (i) => disc("ground", (i % 8) * 54 + 11, Math.floor(i / 8) * 54 + 11, step / 8));
  },
  (random) =>
    times(3, (i) => ring("ground", between(random, 0, 400), between(random, 0, 400), 60 + i * 70, 3)),
];

/** The picture of a film, and how it is hung: the same for the same film, at every look. */
export interface Drawing {
  shapes: Shape[];
  /** Of the picture on its square: mirrored, turned a little, and nearer or farther. */
  transform: string;
}

export function drawingOf(film: Film): Drawing {
  const random = seeded(film.id);
  const print = PRINTS[between(random, 0, PRINTS.length - 1)] ?? {};
  const grain = GRAINS[between(random, 0, GRAINS.length - 1)];
  const inked = ([tag, ink, attributes]: Shape): Shape => [tag, print[ink] ?? ink, attributes];
  const shapes = [
    bar("ground", -100, -100, 600, 600),
    ...motifOf(film, random)(random),
    ...(grain?.(random) ?? []),
  ];
  const [side, lean, size] = [random() < 0.5 ? -1 : 1, (random() - 0.5) * 8, 1 + random() * 0.22];
  const transform = `translate(200 200) rotate(${lean.toFixed(1)}) scale(${(side * size).toFixed(2)} ${size.toFixed(2)}) translate(-200 -200)`;
  return { shapes: shapes.map(inked), transform };
}

function motifOf({ genres }: Film, random: Random): Motif {
  const genre = telling(genres).find((name) => Object.hasOwn(MOTIFS, name));
  const own = genre === undefined ? undefined : MOTIFS[genre];
  const choice = own ? [own, ...(COMMON_MOTIFS[genre ?? ""] ?? [])] : HOUSE_MOTIFS;
  return choice[between(random, 0, choice.length - 1)] ?? (() => []);
}

/** The poster of a film; undefined draws that of an empty house. It is decoration, and says so. */
export function poster(film: Film | undefined): SVGSVGElement {
  const nobody = { id: 0, name: "", studio: "", genres: [], likes: 0, dislikes: 0 };
  const { shapes, transform } = drawingOf(film ?? nobody);
  const svg = element("svg", {
    class: "poster",
    viewBox: "0 0 400 400",
    preserveAspectRatio: "xMidYMid slice",
    "aria-hidden": "true",
  });
  const picture = element("g", { transform });
  for (const [tag, ink, attributes] of shapes) {
    picture.append(element(tag, { ...attributes, class: `${ink} ${attributes.class ?? ""}`.trim() }));
  }
  svg.append(picture);
  return svg as SVGSVGElement;
}

/** Tints an element with the film's colours. */
export function tint(element: HTMLElement, film: Film | undefined): void {
  const { hue, accent, chroma } = film ? paletteOf(film) : { hue: 22, accent: 85, chroma: 0.9 };
  element.style.setProperty("--hue", String(hue));
  element.style.setProperty("--accent-hue", String(accent));
  element.style.setProperty("--chroma", String(chroma));
}

function element(tag: string, attributes: Record<string, number | string>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, typeof value === "number" ? String(Math.round(value * 10) / 10) : value);
  }
  return made;
}
