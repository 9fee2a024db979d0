/**
 * Progress on standard error: a bar that rewrites its line on a terminal, plain lines now and then
 * elsewhere. Steps shorter than a second say nothing.
 */

import type { Progress, ProgressStep } from "@sumus/lab";
import type { Output } from "./output.ts";

const QUIET_MS = 1000;
/** Between two pictures of a bar. */
const REDRAW_MS = 100;
/** Between two plain lines of one step. */
const PLAIN_MS = 10_000;
const BAR_CELLS = 24;
const CLEAR_LINE = "\r\u001b[2K";

/** What a step shows at a moment. */
export interface StepState {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
}

function formatLeft(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s left`;
  return `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s left`;
}

/** `people asked ███░░ 1,200 of 8,455, 310 a second, 23 s left` */
export function formatStep(state: StepState, withBar: boolean): string {
  const { name, done, total, elapsedMs } = state;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const cells = Math.round(share * BAR_CELLS);
  const bar = withBar ? ` ${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)}` : ":";
  const counts = `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const parts = [counts];
  if (rate > 0) parts.push(`${Math.round(rate).toLocaleString("en")} a second`);
  if (rate > 0 && done < total) parts.push(formatLeft((total - done) / rate));
  return `${name}${bar} ${parts.join(", ")}`;
}

interface ActiveStep {
  readonly name: string;
  readonly total: number;
  readonly beganMs: number;
  done: number;
  saidMs: number;
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
    } else if (now - step.saidMs >= PLAIN_MS) {
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
    begin: (name, total): ProgressStep => {
      const now = nowMs();
      const step: ActiveStep = { name, total, beganMs: now, done: 0, saidMs: now };
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
