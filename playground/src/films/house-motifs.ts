// For a film that names no genre, or one that nobody foresaw: what stands in a picture house itself.

import { bar, between, disc, type Ink, line, type Motif, path, rays, ring, times, turned } from "./shapes";

const curtain: Motif = (random) => [
  ...times(10, (i) => bar(i % 2 ? "mid" : "shade", i * 40, 0, 40, 400)),
  ...times(10, (i) =>
    path(i % 2 ? "mid" : "shade", `M${i * 40} 398a20 ${between(random, 12, 20)} 0 0 0 40 0z`),
  ),
  path("accent", "M0 0L400 0L400 112Q350 160 300 112Q250 160 200 112Q150 160 100 112Q50 160 0 112z"),
];

/** The leader of a reel, that counts down. */
const leader: Motif = (random) => {
  const from = between(random, 20, 340);
  const [x, y] = [200 + 300 * Math.cos((from * Math.PI) / 180), 200 + 300 * Math.sin((from * Math.PI) / 180)];
  return [
    bar("mid", 0, 0, 400, 400),
    path(
      "shade",
      `M200 200L200 -100A300 300 0 ${from > 90 && from < 270 ? 1 : 0} 1 ${x.toFixed(1)} ${y.toFixed(1)}z`,
    ),
    ring("glow", 200, 200, 132, 6),
    ring("glow", 200, 200, 104, 6),
    line("light", "M0 200L400 200M200 0L200 400", 4),
    disc("accent", 200, 200, between(random, 40, 66)),
  ];
};

/** The beam of the projector, over rows of heads. */
const beam: Motif = (random) => {
  const x = between(random, 90, 310);
  return [
    path("mid", `M${x} 40L-60 330L460 330z`),
    path("light", `M${x} 40L60 330L340 330z`),
    disc("glow", x, 44, 24),
    disc("accent", x, 44, 11),
    ...times(3, (row) =>
      times(8, (seat) =>
        disc(
          row === 1 && seat === between(random, 0, 11) ? "accent" : "ground",
          seat * 58 + row * 29 - 20,
          300 + row * 44,
          27,
        ),
      ),
    ).flat(),
    bar("ground", 0, 390, 400, 20),
  ];
};

/** Film over film. */
const strip: Motif = (random) => {
  const [turn, shift] = [between(random, -24, 24), between(random, 0, 60)];
  const reel = (x: number, ink: Ink) => [
    bar("ground", x, -120, 132, 640),
    ...times(8, (i) => bar(i % 3 === 1 ? "accent" : ink, x + 24, -110 + i * 84 + shift, 84, 64)),
    ...times(20, (i) => bar("glow", x + 7, -112 + i * 32, 9, 14)),
    ...times(20, (i) => bar("glow", x + 116, -112 + i * 32, 9, 14)),
  ];
  return [
    bar("shade", 0, 0, 400, 400),
    ...[...reel(40, "mid"), ...reel(222, "light")].map((shape) => turned(shape, turn)),
  ];
};

/** The lights over the entrance. */
const marquee: Motif = (random) => [
  ...rays("shade", 200, 400, 14, random() * 24),
  path("accent", "M52 120L348 120L372 292L28 292z"),
  path("glow", "M76 146L324 146L340 268L60 268z"),
  ...times(3, (i) => bar("shade", 96, 168 + i * 32, between(random, 90, 208), 14)),
  ...times(11, (i) => disc(i % 2 ? "glow" : "light", 62 + i * 27.6, 104, 9)),
  ...times(13, (i) => disc(i % 2 ? "light" : "glow", 34 + i * 27.6, 308, 9)),
];

/** A reel, and the film that runs off it. */
const reel: Motif = (random) => {
  const [x, turn] = [between(random, 160, 240), between(random, 0, 71)];
  return [
    path("mid", `M${x} 330Q${x + 120} 350 440 ${between(random, 300, 400)}L440 420L${x} 352z`),
    disc("light", x, 190, 150),
    disc("shade", x, 190, 134),
    ...times(5, (i) => {
      const angle = ((i * 72 + turn) * Math.PI) / 180;
      return disc("light", x + 78 * Math.cos(angle), 190 + 78 * Math.sin(angle), 36);
    }),
    disc("accent", x, 190, 28),
    disc("ground", x, 190, 9),
  ];
};

/** Rows of seats, one of them taken. */
const seats: Motif = (random) => {
  const taken = between(random, 6, 17);
  return times(24, (i) => {
    const [row, column] = [Math.floor(i / 6), i % 6];
    const [x, y] = [column * 74 - 30 + (row % 2) * 30, 60 + row * 92];
    const ink: Ink = i === taken ? "accent" : row % 2 ? "mid" : "shade";
    return [
      path(
        ink,
        `M${x} ${y + 84}L${x} ${y + 26}Q${x} ${y} ${x + 26} ${y}L${x + 40} ${y}Q${x + 66} ${y} ${x + 66} ${y + 26}L${x + 66} ${y + 84}z`,
      ),
      bar("ground", x - 4, y + 58, 74, 34),
    ];
  }).flat();
};

export const HOUSE_MOTIFS: Motif[] = [curtain, leader, beam, strip, marquee, reel, seats];
