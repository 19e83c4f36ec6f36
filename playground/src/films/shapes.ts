// What posters are drawn of: plain shapes on a square of 400.

/** Which colour of the poster: `ground` to `glow` from dark to light, `accent` against them. */
export type Ink = "ground" | "shade" | "mid" | "light" | "glow" | "accent";
/** An SVG element. */
export type Shape = [
  tag: "circle" | "rect" | "path" | "ellipse",
  ink: Ink,
  attributes: Record<string, number | string>,
];
export type Random = () => number;
export type Motif = (random: Random) => Shape[];

export const disc = (ink: Ink, cx: number, cy: number, r: number): Shape => ["circle", ink, { cx, cy, r }];
export const bar = (ink: Ink, x: number, y: number, width: number, height: number): Shape => [
  "rect",
  ink,
  { x, y, width, height },
];
export const path = (ink: Ink, d: string): Shape => ["path", ink, { d }];
export const ring = (ink: Ink, cx: number, cy: number, r: number, width: number): Shape => [
  "circle",
  ink,
  { cx, cy, r, "stroke-width": width, class: "line" },
];
export const line = (ink: Ink, d: string, width: number): Shape => [
  "path",
  ink,
  { d, "stroke-width": width, class: "line" },
];
export const turned = ([tag, ink, attributes]: Shape, degrees: number): Shape => [
  tag,
  ink,
  { ...attributes, transform: `rotate(${degrees.toFixed(1)} 200 200)` },
];
export const between = (random: Random, low: number, high: number) =>
  Math.round(low + random() * (high - low));
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

export const stars = (random: Random, count: number, below = 400): Shape[] =>
  times(count, () => disc("glow", between(random, 10, 390), between(random, 10, below), 1 + random() * 2));

export const hills = (random: Random, ink: Ink, top: number): Shape => {
  const peaks = times(5, (i) => `L${i * 100 + between(random, -20, 20)} ${top + between(random, -45, 45)}`);
  return path(ink, `M-40 420L-40 ${top}${peaks.join("")}L440 ${top}L440 420z`);
};

export const rays = (ink: Ink, cx: number, cy: number, count: number, turn: number): Shape[] =>
  times(count, (i) => {
    const [from, to] = [i, i + 0.5].map((step) => ((step / count) * 360 + turn) * (Math.PI / 180));
    const at = (angle = 0) =>
      `${(cx + 500 * Math.cos(angle)).toFixed(1)} ${(cy + 500 * Math.sin(angle)).toFixed(1)}`;
    return path(ink, `M${cx} ${cy}L${at(from)}L${at(to)}z`);
  });
