/**
 * Progress on standard error: a bar that rewrites its line on a terminal, plain lines now and then
 * elsewhere. Steps shorter than a second say nothing.
 */

import type { Progress, ProgressStep } from "@sumus/lab";
import type { Output } from "./output.ts";

const QUIET_MS = 1000;
/** Between two pictures of a bar. */
const REDRAW_MS = 100;
/** Between two plain lines of one step: a quarter of its time so far, within these bounds. */
const PLAIN_MS = { min: 10_000, max: 60_000, share: 0.25 };
const BAR_CELLS = 24;
const CLEAR_LINE = "\r\u001b[2K";

/** What a step shows at a moment. */
export interface StepState {
  readonly name: string;
  /** What is counted: `people`. */
  readonly unit: string;
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
}

/** No finer than anybody can use: `23 s left`, `4 min left`, `1 h 5 min left`. */
function formatLeft(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

function formatRate(rate: number): string {
  return rate.toLocaleString("en", { maximumFractionDigits: rate < 10 ? 1 : 0 });
}

/** `people asked ███░░ 1,200 of 8,455, 310 people/s, 24 s left` */
export function formatStep(state: StepState, withBar: boolean): string {
  const { name, unit, done, total, elapsedMs } = state;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const cells = Math.round(share * BAR_CELLS);
  const bar = withBar ? ` ${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)}` : ":";
  const counts = `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const parts = [counts];
  if (rate > 0) parts.push(`${formatRate(rate)} ${unit}/s`);
  if (rate > 0 && done < total) parts.push(formatLeft((total - done) / rate));
  return `${name}${bar} ${parts.join(", ")}`;
}

interface ActiveStep {
  readonly name: string;
  readonly unit: string;
  readonly total: number;
  readonly beganMs: number;
  done: number;
  saidMs: number;
}

function plainPauseMs(elapsedMs: number): number {
  return Math.min(PLAIN_MS.max, Math.max(PLAIN_MS.min, elapsedMs * PLAIN_MS.share));
}

/** Shows one step at a time; a step begun while another runs takes the line until it ends. */
export function createProgressBar(output: Output, nowMs: () => number): Progress {
  const steps: ActiveStep[] = [];
  let drawnMs = 0;
  let lineShown = false;
  const clear = (): void => {
    if (lineShown) process.stderr.write(CLEAR_LINE);
    lineShown = false;
  };
  const stateOf = (step: ActiveStep): StepState => ({ ...step, elapsedMs: nowMs() - step.beganMs });
  const draw = (step: ActiveStep): void => {
    const now = nowMs();
    if (now - step.beganMs < QUIET_MS || steps.at(-1) !== step) return;
    if (output.live) {
      if (now - drawnMs < REDRAW_MS) return;
      drawnMs = now;
      lineShown = true;
      const line = formatStep(stateOf(step), true).slice(0, output.columns() - 1);
      process.stderr.write(CLEAR_LINE + line);
    } else if (now - step.saidMs >= plainPauseMs(now - step.beganMs)) {
      step.saidMs = now;
      output.say(formatStep(stateOf(step), false));
    }
  };
  const end = (step: ActiveStep): void => {
    const index = steps.indexOf(step);
    if (index < 0) return;
    steps.splice(index, 1);
    clear();
    const state = stateOf(step);
    if (state.elapsedMs < QUIET_MS) return;
    const seconds = (state.elapsedMs / 1000).toFixed(1);
    output.say(`${step.name}: ${step.done.toLocaleString("en")} in ${seconds} s`);
  };
  return {
    begin: (name, total, unit): ProgressStep => {
      const now = nowMs();
      const step: ActiveStep = { name, unit, total, beganMs: now, done: 0, saidMs: now };
      steps.push(step);
      return {
        advance: (count) => {
          step.done += count;
          draw(step);
        },
        end: () => end(step),
      };
    },
    note: (text) => {
      clear();
      output.say(text);
    },
  };
}
