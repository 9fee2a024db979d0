/** What the dispatcher asks of a bench: rows, one after the other, and how a row reads. */

export interface BenchOptions {
  /** A short run: enough to see that it works, not to be cited. */
  readonly quick: boolean;
  /** Of benches that have sizes: this one alone. */
  readonly people?: number;
  readonly store?: "pglite" | "postgres";
}

export interface Column<Row> {
  readonly title: string;
  /** In characters; the first column stands left, the others right. */
  readonly width: number;
  text(row: Row): string;
}

export interface Bench<Row extends object = object> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Whether sizes and stores can be chosen. */
  readonly isSized?: boolean;
  /** Rows in the moment they are measured; with `--json` each is a line. */
  measure(options: BenchOptions): AsyncIterable<Row>;
  /** How a row prints in the table. */
  readonly columns: readonly Column<Row>[];
  /** What to print behind the table, and whether the measurement can be trusted. */
  conclude?(rows: readonly Row[]): Conclusion;
  /** The rows as an SVG, for who reads about them. */
  draw?(rows: readonly Row[]): string;
}

export interface Conclusion {
  readonly sound: boolean;
  readonly notes: readonly string[];
  /** What a record holds beside the rows, such as a series that a row sums up. */
  readonly appendix?: Readonly<Record<string, unknown>>;
}
