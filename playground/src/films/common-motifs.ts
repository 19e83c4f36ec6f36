// More pictures for the genres that every second film has, so that neighbours do not look alike.

import { bar, between, disc, type Ink, line, type Motif, path, times, turned } from "./shapes";

/** A window at night, and somebody in it. */
const nightWindow: Motif = (random) => {
  const x = between(random, 90, 150);
  const head = x + between(random, 50, 120);
  return [
    bar("shade", 0, 0, 400, 400),
    bar("glow", x, 70, 170, 220),
    path(
      "accent",
      `M${head - 44} 290C${head - 44} 230 ${head - 24} 216 ${head} 216S${head + 44} 230 ${head + 44} 290z`,
    ),
    disc("accent", head, 186, 28),
    bar("ground", x + 80, 70, 10, 220),
    bar("ground", x, 168, 170, 10),
    bar("light", x - 20, 290, 210, 16),
    path("mid", `M${x} 306L${x + 170} 306L${x + 240} 420L${x - 70} 420z`),
  ];
};

/** Two who do not look at each other. */
const apart: Motif = (random) => {
  const gap = between(random, 78, 104);
  const figure = (ink: Ink, x: number, y: number) => [
    disc(ink, x, y, 50),
    path(
      ink,
      `M${x - 92} 420C${x - 92} ${y + 90} ${x - 50} ${y + 68} ${x} ${y + 68}S${x + 92} ${y + 90} ${x + 92} 420z`,
    ),
  ];
  return [
    disc("mid", between(random, 120, 280), 150, 120),
    ...figure("light", 200 - gap, between(random, 150, 190)),
    ...figure("accent", 200 + gap, between(random, 190, 230)),
  ];
};

/** Somebody's umbrella in the rain. */
const rain: Motif = (random) => [
  ...times(16, (i) => {
    const [x, y] = [i * 27 + between(random, -8, 8), between(random, -20, 300)];
    return line("mid", `M${x} ${y}L${x - 16} ${y + 70}`, 5);
  }),
  path(
    "accent",
    "M90 210A110 110 0 0 1 310 210Q282 192 255 210Q228 192 200 210Q172 192 145 210Q118 192 90 210z",
  ),
  line("light", `M200 100L200 330Q200 ${between(random, 352, 372)} 180 352`, 9),
  bar("shade", 0, 370, 400, 40),
];

/** A bow tie with dots. */
const bowTie: Motif = (random) => {
  const lean = between(random, -14, 14);
  const dots = times(6, (i) =>
    disc("glow", [104, 128, 152, 248, 272, 296][i] ?? 0, between(random, 172, 232), 9),
  );
  return [
    path("mid", "M0 400L0 250L140 140L200 250L260 140L400 250L400 400z"),
    ...[
      path("accent", "M200 200L84 136Q72 200 84 268z"),
      path("accent", "M200 200L316 136Q328 200 316 268z"),
      ...dots,
      disc("light", 200, 201, 34),
    ].map((shape) => turned(shape, lean)),
  ];
};

/** Balloons on their strings. */
const balloons: Motif = (random) => {
  const inks: Ink[] = ["mid", "light", "accent", "glow", "shade"];
  return inks.flatMap((ink, i) => {
    const [x, y] = [78 + i * 61, between(random, 96, 200)];
    return [
      line("light", `M${x} ${y + 50}Q${x + 20} 300 200 420`, 3),
      ["ellipse", ink, { cx: x, cy: y, rx: 44, ry: 54 }],
      disc("glow", x - 14, y - 20, 7),
    ];
  });
};

/** A bowler hat and a moustache, and nobody between them. */
const bowler: Motif = (random) => {
  const tip = between(random, -12, 12);
  return [
    disc("mid", 200, 200, 168),
    turned(path("accent", "M112 156A88 96 0 0 1 288 156z"), tip),
    turned(bar("accent", 78, 150, 244, 20), tip),
    turned(bar("shade", 112, 134, 176, 16), tip),
    path(
      "glow",
      "M200 266C180 240 132 246 112 284C148 300 186 296 200 278C214 296 252 300 288 284C268 246 220 240 200 266z",
    ),
  ];
};

/** What is left of a bang. */
const bang: Motif = (random) => {
  const star = (outer: number, inner: number) => {
    const turn = random() * Math.PI;
    const points = times(24, (i) => {
      const [angle, radius] = [turn + (i * Math.PI) / 12, i % 2 ? inner : outer * (0.82 + random() * 0.3)];
      return `${(200 + radius * Math.cos(angle)).toFixed(1)} ${(200 + radius * Math.sin(angle)).toFixed(1)}`;
    });
    return `M${points.join("L")}z`;
  };
  return [
    path("shade", star(230, 130)),
    path("accent", star(170, 96)),
    path("glow", star(104, 58)),
    disc("accent", 200, 200, 22),
  ];
};

/** Something that is faster than the eye. */
const speed: Motif = (random) => {
  const y = between(random, 150, 240);
  const streaks = times(9, (i) =>
    bar(i % 2 ? "mid" : "shade", -120 + between(random, 0, 120), 20 + i * 42, 340, 16),
  );
  return [
    ...streaks,
    path("light", `M-140 ${y - 40}L250 ${y - 40}L250 ${y + 40}L-140 ${y + 40}z`),
    disc("accent", 262, y, 62),
    disc("glow", 262, y, 24),
  ].map((shape) => turned(shape, -18));
};

export const COMMON_MOTIFS: Record<string, Motif[]> = {
  action: [bang, speed],
  comedy: [bowTie, balloons, bowler],
  drama: [nightWindow, apart, rain],
};
