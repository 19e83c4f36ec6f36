// One picture a genre. A poster is cropped to its frame, so what matters lies between 70 and 330.

import {
  bar,
  between,
  disc,
  hills,
  type Ink,
  line,
  type Motif,
  path,
  rays,
  ring,
  stars,
  times,
  turned,
} from "./shapes";

export const MOTIFS: Record<string, Motif> = {
  action: (random) => {
    const [x, y] = [between(random, 150, 250), between(random, 190, 260)];
    return [...rays("mid", x, y, 12, random() * 30), disc("accent", x, y, 78), disc("glow", x, y, 40)];
  },
  adventure: (random) => [
    disc("accent", between(random, 130, 270), 150, 68),
    hills(random, "mid", 235),
    hills(random, "shade", 285),
    path("light", `M185 400C130 350 290 330 ${between(random, 190, 220)} 268C300 330 180 350 262 400z`),
    hills(random, "ground", 365),
  ],
  animation: (random) =>
    times(5, (i) => {
      const x = 70 + i * 65;
      const y = 300 - Math.abs(Math.sin((i + random() * 0.2) * 0.9)) * 190;
      const ink: Ink[] = ["mid", "light", "accent", "glow", "light"];
      return disc(ink[i] ?? "light", x, y, 30 + i * 7);
    }),
  biography: (random) => {
    const lean = between(random, -16, 16);
    return [
      ["ellipse", "mid", { cx: 200, cy: 200, rx: 140, ry: 175 }],
      ["ellipse", "light", { cx: 200, cy: 200, rx: 118, ry: 152 }],
      path("shade", `M95 345C105 265 150 250 ${200 + lean} 250S300 265 305 345C260 372 140 372 95 345z`),
      disc("accent", 200 + lean, 180, 58),
    ];
  },
  comedy: (random) =>
    times(4, (i) => {
      const inks: Ink[] = ["mid", "accent", "light", "glow"];
      const width = 170 - i * 38;
      const d = `M${200 - width} ${130 + i * 14}A${width} ${width} 0 0 0 ${200 + width} ${130 + i * 14}z`;
      return turned(path(inks[i] ?? "mid", d), -8 + random() * 8 + i * 3);
    }),
  crime: (random) => {
    const x = between(random, 130, 180);
    return [
      path("glow", `M${x} 0L330 400L40 400z`),
      ...times(9, (i) => turned(bar("shade", -100, 20 + i * 44, 600, 24), -6)),
      ["ellipse", "ground", { cx: 205, cy: 345, rx: 80, ry: 20 }],
      path("accent", "M190 345C185 280 178 245 205 238S240 285 222 345z"),
      disc("accent", 206, 215, 21),
      path("accent", "M172 204L242 204L232 194L226 174L188 174L182 194z"),
    ];
  },
  documentary: (random) => [
    ring("mid", 200, 200, 150, 16),
    ring("light", 200, 200, 116, 6),
    disc("shade", 200, 200, 96),
    ...times(6, (i) =>
      turned(path("accent", "M200 200L200 104A96 96 0 0 1 268 132z"), i * 60 + random() * 8),
    ),
    disc("glow", 200, 200, 26),
  ],
  drama: (random) => {
    const shift = between(random, 20, 60);
    return [
      path("light", `M200 ${80 - shift / 3}A110 110 0 0 0 200 ${300 - shift / 3}z`),
      path("accent", `M200 ${80 + shift}A110 110 0 0 1 200 ${300 + shift}z`),
      disc("ground", 158, 160 - shift / 3, 9),
      disc("ground", 242, 160 + shift, 9),
    ];
  },
  family: (random) => [
    disc("glow", between(random, 110, 290), 110, 42),
    ...times(3, (i) => {
      const inks: Ink[] = ["mid", "accent", "light"];
      const [x, y] = [85 + i * 80, 230 - (i % 2) * 40 + between(random, -12, 12)];
      return path(inks[i] ?? "mid", `M${x} 400L${x} ${y}L${x + 40} ${y - 48}L${x + 80} ${y}L${x + 80} 400z`);
    }),
    ...times(3, (i) => bar("ground", 113 + i * 80, 270, 24, 32)),
  ],
  fantasy: (random) => [
    ...stars(random, 26, 250),
    disc("glow", 220, 150, 92),
    disc("ground", 220 + between(random, 30, 48), 132, 84),
    path(
      "mid",
      "M110 400L110 280L122 250L134 280L134 310L166 310L166 220L182 180L198 220L198 310L232 310L232 260L246 226L260 260L260 400z",
    ),
    bar("accent", 176, 242, 12, 22),
    path("shade", "M0 400L0 352C100 330 300 330 400 352L400 400z"),
  ],
  history: (random) => [
    disc("accent", between(random, 160, 240), 165, 74),
    path("light", "M70 150L200 84L330 150z"),
    bar("light", 78, 158, 244, 14),
    ...times(5, (i) => bar(i === between(random, 0, 6) ? "mid" : "light", 92 + i * 48, 180, 24, 140)),
    bar("light", 74, 326, 252, 16),
    bar("mid", 54, 348, 292, 60),
  ],
  horror: (random) => [
    path("light", "M60 205C120 100 280 100 340 205C280 310 120 310 60 205z"),
    disc("accent", 200, 205, 66),
    ["ellipse", "ground", { cx: 200, cy: 205, rx: between(random, 10, 22), ry: 60 }],
    disc("glow", 222, 182, 8),
    ...times(9, (i) =>
      path("shade", `M${i * 50 - 25} 0L${i * 50} ${between(random, 40, 96)}L${i * 50 + 25} 0z`),
    ),
    ...times(9, (i) =>
      path("shade", `M${i * 50 - 25} 400L${i * 50} ${between(random, 304, 360)}L${i * 50 + 25} 400z`),
    ),
  ],
  music: (random) =>
    times(13, (i) => {
      const height = between(random, 40, 240) * (1 - Math.abs(i - 6) / 12);
      const inks: Ink[] = ["light", "mid", "accent"];
      return bar(inks[i % 3] ?? "light", 70 + i * 20.5, 200 - height / 2, 12, height);
    }),
  musical: (random) => [
    path("mid", `M${between(random, 20, 110)} 0L120 340L300 340z`),
    path("light", `M${between(random, 290, 380)} 0L100 340L280 340z`),
    ["ellipse", "glow", { cx: 200, cy: 340, rx: 118, ry: 26 }],
    path("accent", "M200 210C170 260 140 300 132 336L268 336C260 300 230 260 200 210z"),
    disc("shade", 200, 184, 24),
  ],
  mystery: (random) => [
    ...times(4, (i) => ring("shade", 200, 180, 90 + i * 46 + between(random, -6, 6), 14)),
    disc("glow", 200, 165, 58),
    path("glow", "M176 200L146 330L254 330L224 200z"),
    disc("accent", 200, 165, 22),
  ],
  romance: (random) => {
    const gap = between(random, 48, 66);
    return [
      disc("accent", 200 - gap, 190, 96),
      disc("light", 200 + gap, 190, 96),
      path("glow", lens(200 - gap, 200 + gap, 190, 96)),
      ...times(3, (i) =>
        line("mid", `M0 ${318 + i * 24}Q100 ${296 + i * 24} 200 ${318 + i * 24}T400 ${318 + i * 24}`, 7),
      ),
    ];
  },
  "science fiction": (random) => {
    const tilt = between(random, -30, -12);
    return [
      ...stars(random, 40),
      disc("accent", 200, 200, 84),
      path("shade", "M200 116A84 84 0 0 1 200 284A120 120 0 0 0 200 116z"),
      turned(
        ["ellipse", "light", { cx: 200, cy: 200, rx: 150, ry: 34, "stroke-width": 9, class: "line" }],
        tilt,
      ),
      turned(path("accent", "M116 200A84 84 0 0 1 284 200z"), tilt),
      disc("glow", between(random, 90, 140), between(random, 80, 110), 15),
    ];
  },
  sport: (random) => [
    ...times(5, (i) => ring(i % 2 ? "light" : "mid", 60, 400, 110 + i * 56, 24)),
    disc("accent", between(random, 220, 290), between(random, 110, 160), 44),
  ],
  thriller: (random) => [
    ...times(7, (i) => {
      const drift = i * between(random, 5, 9);
      return disc(
        i % 2 ? "ground" : i === 4 ? "accent" : "light",
        200 + drift - 20,
        200 - drift / 2,
        160 - i * 24,
      );
    }),
    disc("accent", 222, 184, 9),
  ],
  war: (random) => [
    disc("accent", between(random, 140, 260), 190, 80),
    bar("shade", 0, 258, 400, 150),
    ...times(7, (i) => {
      const height = between(random, 30, 120);
      return turned(bar("ground", 62 + i * 44, 282 - height, 12, height + 60), between(random, -5, 5));
    }),
    ...times(3, (i) => line("mid", `M0 ${290 + i * 30}L400 ${282 + i * 30}`, 3)),
  ],
  western: (random) => [
    disc("accent", between(random, 160, 240), 190, 104),
    ...times(4, (i) => bar("ground", 0, 200 + i * 20, 400, 3 + i * 3)),
    path(
      "mid",
      "M0 300L60 300L74 230L140 230L156 300L262 300L280 206L330 206L346 300L400 300L400 400L0 400z",
    ),
    path("shade", "M0 344C120 320 280 340 400 326L400 400L0 400z"),
    path(
      "ground",
      "M120 372L120 262Q126 250 132 262L132 306L146 306L146 280Q152 270 158 280L158 318L132 318L132 372z",
    ),
  ],
};

/** Where two discs of one size overlap. */
function lens(left: number, right: number, y: number, r: number): string {
  const half = Math.sqrt(r * r - ((right - left) / 2) ** 2);
  const middle = (left + right) / 2;
  const [top, bottom] = [(y - half).toFixed(1), (y + half).toFixed(1)];
  return `M${middle} ${top}A${r} ${r} 0 0 1 ${middle} ${bottom}A${r} ${r} 0 0 1 ${middle} ${top}z`;
}
