/**
 * A simulated user of a drawing program that does not exist, with what KUserFeedback's data sources would
 * report of them. Nobody's data: the shares below are made up to look like a desktop program's, and
 * measure nothing. The same seed gives the same people.
 */

import type { SeededRandom } from "../town/seeded-random.ts";

/** A document as KUserFeedback sends it: scalars and maps are objects, lists are lists. */
export interface FeedbackDocument {
  readonly applicationVersion: { readonly value: string };
  readonly qtVersion: { readonly value: string };
  readonly platform: { readonly os: string; readonly version: string };
  readonly compiler: { readonly type: string; readonly version: string };
  readonly startCount: { readonly value: number };
  /** In seconds. */
  readonly usageTime: { readonly value: number };
  readonly screens: readonly Screen[];
  readonly cpu: { readonly architecture: string; readonly count: number };
  readonly locale: { readonly region: string; readonly language: string };
  readonly opengl: { readonly type: string; readonly vendor: string };
  /** The share of all selections that were of a tool; what was never used is not in it. */
  readonly tools: Readonly<Record<string, { readonly property: number }>>;
}

interface Screen {
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
  readonly devicePixelRatio: number;
}

/** What a user chose, in the order of KUserFeedback's slider. */
export const TELEMETRY_MODES = [
  "noTelemetry",
  "basicSystemInformation",
  "basicUsageStatistics",
  "detailedSystemInformation",
  "detailedUsageStatistics",
] as const;
type TelemetryMode = (typeof TELEMETRY_MODES)[number];

/** Values and how many of a hundred or so have them. */
type Shares<T> = readonly (readonly [value: T, weight: number])[];

const MODES: Shares<TelemetryMode> = [
  ["noTelemetry", 35],
  ["basicSystemInformation", 20],
  ["basicUsageStatistics", 20],
  ["detailedSystemInformation", 15],
  ["detailedUsageStatistics", 10],
];

/** Versions of the program with the Qt they were built with. */
const VERSIONS: Shares<readonly [version: string, qt: string]> = [
  [["5.2.2", "6.8.2"], 34],
  [["5.2.1", "6.8.1"], 16],
  [["5.2.0", "6.8.0"], 8],
  [["5.1.4", "6.6.3"], 17],
  [["5.1.3", "6.6.2"], 6],
  [["5.0.9", "6.5.3"], 8],
  [["4.4.2", "5.15.13"], 7],
  [["4.2.8", "5.15.2"], 4],
];

/** Systems with the compiler that builds for them. */
const SYSTEMS: Shares<readonly [os: string, version: string, compiler: string, release: string]> = [
  [["linux", "ubuntu-24.04", "GCC", "13.3"], 18],
  [["linux", "ubuntu-22.04", "GCC", "11.4"], 9],
  [["linux", "arch", "GCC", "15.1"], 12],
  [["linux", "fedora-42", "GCC", "15.1"], 9],
  [["linux", "fedora-41", "GCC", "14.2"], 3],
  [["linux", "debian-12", "GCC", "12.2"], 8],
  [["linux", "debian-13", "GCC", "14.2"], 5],
  [["linux", "opensuse-tumbleweed", "GCC", "15.1"], 6],
  [["windows", "11", "MSVC", "1940"], 18],
  [["windows", "10", "MSVC", "1940"], 7],
  [["macos", "15.5", "Clang", "17.0"], 5],
];

const SCREEN_COUNTS: Shares<number> = [
  [1, 63],
  [2, 31],
  [3, 6],
];

/** Sizes with what they are scaled by. */
const SCREENS: Shares<readonly [width: number, height: number, ratio: number]> = [
  [[1920, 1080, 1], 44],
  [[1920, 1080, 1.25], 6],
  [[2560, 1440, 1], 14],
  [[2560, 1440, 1.5], 4],
  [[3840, 2160, 1.5], 6],
  [[3840, 2160, 2], 6],
  [[1366, 768, 1], 8],
  [[1920, 1200, 1], 5],
  [[1600, 900, 1], 3],
  [[3440, 1440, 1], 4],
];

const PROCESSORS: Shares<readonly [architecture: string, count: number]> = [
  [["x86_64", 4], 18],
  [["x86_64", 8], 30],
  [["x86_64", 12], 17],
  [["x86_64", 16], 18],
  [["x86_64", 32], 7],
  [["arm64", 8], 7],
  [["arm64", 12], 3],
];

const LOCALES: Shares<readonly [language: string, region: string]> = [
  [["English", "UnitedStates"], 21],
  [["English", "UnitedKingdom"], 7],
  [["German", "Germany"], 15],
  [["German", "Austria"], 3],
  [["French", "France"], 10],
  [["Spanish", "Spain"], 5],
  [["Spanish", "Mexico"], 3],
  [["Portuguese", "Brazil"], 8],
  [["Italian", "Italy"], 5],
  [["Russian", "Russia"], 4],
  [["Chinese", "China"], 5],
  [["Japanese", "Japan"], 4],
  [["Polish", "Poland"], 4],
  [["Dutch", "Netherlands"], 3],
  [["Ukrainian", "Ukraine"], 2],
  [["Turkish", "Turkey"], 1],
];

const GRAPHICS: Shares<readonly [type: string, vendor: string]> = [
  [["GL", "intel"], 42],
  [["GL", "amd"], 29],
  [["GL", "nvidia"], 24],
  [["GLES", "other"], 5],
];

/** Tools: of a hundred users so many use one, and those so often beside the others. */
const TOOLS: readonly (readonly [tool: string, users: number, weight: number])[] = [
  ["brush", 96, 40],
  ["eraser", 88, 18],
  ["selection", 74, 14],
  ["fill", 61, 9],
  ["colour picker", 57, 10],
  ["line", 33, 5],
  ["text", 24, 6],
];

/** Starts so far: half of all users have fewer than 24; the others up to thousands. */
const STARTS = { median: 24, sigma: 1.25, max: 5000 };
/** Minutes a start, of each user's own habit. */
const MINUTES = { median: 22, sigma: 0.8, max: 600 };

const DPI = 96;
const WORD_VALUES = 2 ** 32;

function pick<T>(shares: Shares<T>, random: SeededRandom): T {
  const total = shares.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.below(total);
  for (const [value, weight] of shares) {
    if (left < weight) return value;
    left -= weight;
  }
  throw new RangeError("expected a draw below the sum of the weights, got another");
}

/** Above 0, up to 1. */
function uniform(random: SeededRandom): number {
  return (random.below(WORD_VALUES) + 1) / WORD_VALUES;
}

/** exp of a normal deviate: many small values, few large ones. */
function logNormal({ median, sigma }: typeof STARTS, random: SeededRandom): number {
  // Box and Muller's transformation.
  const radius = Math.sqrt(-2 * Math.log(uniform(random)));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * uniform(random)));
}

function drawScreens(random: SeededRandom): Screen[] {
  return Array.from({ length: pick(SCREEN_COUNTS, random) }, () => {
    const [width, height, devicePixelRatio] = pick(SCREENS, random);
    return { width, height, dpi: Math.round(DPI * devicePixelRatio), devicePixelRatio };
  });
}

function drawTools(random: SeededRandom): FeedbackDocument["tools"] {
  const used = TOOLS.flatMap(([tool, users, weight]) => {
    const isUsed = random.below(100) < users;
    const often = logNormal({ median: weight, sigma: 0.6, max: Infinity }, random);
    return isUsed ? [[tool, often] as const] : [];
  });
  const total = used.reduce((sum, [, often]) => sum + often, 0);
  return Object.fromEntries(
    used.map(([tool, often]) => [tool, { property: Number((often / total).toFixed(4)) }]),
  );
}

/** Draws one user: what they chose to tell, and what there is to tell. */
export function drawFeedbackUser(random: SeededRandom): {
  readonly telemetryMode: TelemetryMode;
  readonly document: FeedbackDocument;
} {
  const telemetryMode = pick(MODES, random);
  const [version, qt] = pick(VERSIONS, random);
  const [os, system, compiler, release] = pick(SYSTEMS, random);
  const starts = Math.min(STARTS.max, Math.max(1, Math.round(logNormal(STARTS, random))));
  const minutes = Math.min(MINUTES.max, logNormal(MINUTES, random));
  const [architecture, count] = pick(PROCESSORS, random);
  const [language, region] = pick(LOCALES, random);
  const [type, vendor] = pick(GRAPHICS, random);
  return {
    telemetryMode,
    document: {
      applicationVersion: { value: version },
      qtVersion: { value: qt },
      platform: { os, version: system },
      compiler: { type: compiler, version: release },
      startCount: { value: starts },
      usageTime: { value: Math.round(starts * minutes * 60) },
      screens: drawScreens(random),
      cpu: { architecture, count },
      locale: { region, language },
      opengl: { type, vendor },
      tools: drawTools(random),
    },
  };
}
