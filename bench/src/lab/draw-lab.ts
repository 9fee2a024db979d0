/**
 * The lab's record as a picture: a bar a run, divided by who spent the CPU time, and the reach. One SVG
 * that loads nothing; it reads on light and on dark pages.
 */
import type { LabRow } from "../lab.ts";

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 150;
const TOP = 64;
const ROW = 34;
const BAR = 20;
const AXIS_MS = 6;

/** Readable on white and on black alike. */
const COLOURS: Readonly<Record<keyof LabRow["cpuMsPerPerson"], string>> = {
  map: "#b45309",
  encode: "#d97706",
  client: "#7c8a99",
  leader: "#2563eb",
  helper: "#0891b2",
  storage: "#7c3aed",
};

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328}.soft{fill:#59636e;font-size:12px}
.axis{stroke:#8c959f;stroke-width:1}.reach{stroke:#cf222e;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}.axis{stroke:#59636e}}`;

/** Draws towns in the order of their size, those of one store together. */
export function drawLab(rows: readonly LabRow[]): string {
  const sorted = rows.toSorted((one, other) => {
    return one.store.localeCompare(other.store) || one.people - other.people;
  });
  const height = TOP + sorted.length * ROW + 44;
  const title = "CPU-milliseconds a person, over all processes, of a study of three tasks";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>${STYLE}</style>
<text x="0" y="16">${title}</text>
${legend()}
${sorted.map((row, index) => bar(row, TOP + index * ROW)).join("\n")}
${axis(TOP + sorted.length * ROW + 4)}
</svg>
`;
}

function x(milliseconds: number): number {
  return rounded(LEFT + (milliseconds / AXIS_MS) * (WIDTH - LEFT - RIGHT));
}

function bar(row: LabRow, top: number): string {
  const middle = top + BAR / 2 + 4;
  const name = `${row.people.toLocaleString("en")}, ${row.store}`;
  let spent = 0;
  const pieces = parts(row).map(([part, milliseconds]) => {
    const begin = x(spent);
    spent += milliseconds;
    const width = rounded(x(spent) - begin);
    const tip = `<title>${part}: ${milliseconds} ms</title>`;
    return `<rect x="${begin}" y="${top}" width="${width}" height="${BAR}" fill="${COLOURS[part]}">${tip}</rect>`;
  });
  const speed = `${Math.round(row.peoplePerSecond).toLocaleString("en")} people/s, ${(row.rssMb / 1000).toFixed(1)} GB`;
  return [
    `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${name}</text>`,
    ...pieces,
    `<text x="${x(spent) + 8}" y="${middle}">${spent.toFixed(2)}</text>`,
    `<text class="soft" x="${WIDTH}" y="${middle}" text-anchor="end">${speed}</text>`,
  ].join("\n");
}

function parts({ cpuMsPerPerson }: LabRow): [keyof LabRow["cpuMsPerPerson"], number][] {
  const names = Object.keys(COLOURS) as (keyof LabRow["cpuMsPerPerson"])[];
  return names.map((name) => [name, cpuMsPerPerson[name]]);
}

function legend(): string {
  const names = Object.entries(COLOURS);
  const step = (WIDTH - LEFT - RIGHT) / names.length;
  return names
    .map(([name, colour], index) => {
      const left = rounded(LEFT + index * step);
      const square = `<rect x="${left}" y="31" width="11" height="11" fill="${colour}"/>`;
      return `${square}<text class="soft" x="${left + 15}" y="41">${name}</text>`;
    })
    .join("\n");
}

function axis(y: number): string {
  const ticks = Array.from({ length: AXIS_MS + 1 }, (_, milliseconds) => {
    return `<text class="soft" x="${x(milliseconds)}" y="${y + 16}" text-anchor="middle">${milliseconds}</text>`;
  });
  const reach = `<line class="reach" x1="${x(AXIS_MS)}" y1="${TOP - 8}" x2="${x(AXIS_MS)}" y2="${y}"/>`;
  const says = `<text class="soft" x="${x(AXIS_MS)}" y="${y + 32}" text-anchor="middle">the reach</text>`;
  return `<line class="axis" x1="${LEFT}" y1="${y}" x2="${x(AXIS_MS)}" y2="${y}"/>
${ticks.join("\n")}
${reach}
${says}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
