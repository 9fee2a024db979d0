/**
 * One organisation's machine in miniature: a folder for what is `/etc/sumus`, `/var/lib/sumus` and
 * `/var/backups/sumus` there, a `sumus` and a `systemctl` that starts and stops the node as the unit
 * does. Commands of docs/operating run on it as they stand.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "@sumus/assert";
import { ROOT } from "../deploy/files.ts";
import type { Role } from "../node-process.ts";
import type { Block } from "./pages.ts";

const MAIN = join(ROOT, "apps/cli/src/main.ts");
/** Where it does not stand below another folder already. */
const PLACES = /(?<![\w/])\/(?:etc|var\/lib|var\/backups)\/sumus/g;

/** Waits for the process itself: one that ended stays a zombie where nobody buries it. */
const SYSTEMCTL = `#!/bin/bash
set -eu
[ "$2" = "sumus@$ROLE" ] || { echo "no unit $2 on this machine" >&2; exit 5; }
alive() { [ -f "$PLACE/pid" ] && grep -q '^State:.[^Z]' "/proc/$(cat "$PLACE/pid")/status" 2>/dev/null; }
stop() {
  if alive; then kill "-\${1:-TERM}" "$(cat "$PLACE/pid")"; fi
  while alive; do sleep 0.05; done
}
start() {
  alive && return
  setsid "$NODE" "$MAIN" node run --role "$ROLE" --config "$PLACE/etc/sumus/$ROLE.yaml" \\
    >>"$PLACE/log" 2>&1 </dev/null &
  echo $! >"$PLACE/pid"
  until curl --fail --silent --output /dev/null "http://127.0.0.1:$OPERATOR_PORT/health"; do
    alive || { tail -n 5 "$PLACE/log" >&2; exit 1; }
    sleep 0.05
  done
}
case "$1" in
  start) start ;;
  stop) stop ;;
  kill) stop KILL ;;
  restart) stop; start ;;
esac
`;

export class Machine {
  readonly role: Role;
  readonly #place: string;
  readonly #ports: { readonly node: number; readonly operator: number };
  readonly #urls: Readonly<Record<Role, string>>;
  readonly #environment: Readonly<Record<string, string>>;

  /**
   * @param options `place`: an empty folder; `environment`: where the machine's PostgreSQL is
   */
  constructor(options: {
    readonly role: Role;
    readonly place: string;
    readonly operatorPort: number;
    readonly urls: Readonly<Record<Role, string>>;
    readonly environment: Readonly<Record<string, string>>;
  }) {
    const { role, place, urls, operatorPort } = options;
    this.role = role;
    this.#place = place;
    this.#urls = urls;
    this.#ports = { node: Number(new URL(urls[role]).port), operator: operatorPort };
    this.#environment = {
      ...options.environment,
      PATH: `${place}/bin:${process.env["PATH"] ?? ""}`,
      HOME: place,
      PLACE: place,
      ROLE: role,
      NODE: process.execPath,
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
      MAIN,
      OPERATOR_PORT: String(operatorPort),
    };
    for (const folder of ["bin", "etc", "var/lib/sumus"])
      mkdirSync(join(place, folder), { recursive: true });
    const program = (name: string, text: string): void =>
      writeFileSync(join(place, "bin", name), text, { mode: 0o755 });
    program("systemctl", SYSTEMCTL);
    program("sumus", '#!/bin/bash\nexec "$NODE" "$MAIN" "$@"\n');
  }

  get log(): string {
    const path = join(this.#place, "log");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** A file of /etc/sumus. */
  read(name: string): string {
    return readFileSync(join(this.#place, "etc/sumus", name), "utf8").trim();
  }

  /** What the other organisation, or somebody with an editor, puts into /etc/sumus. */
  write(name: string, text: string): void {
    writeFileSync(join(this.#place, "etc/sumus", name), text, { mode: 0o600 });
  }

  /** The configuration as somebody fills it in: this machine's places, addresses and ports. */
  fillIn(): void {
    const name = `${this.role}.yaml`;
    this.write(name, `${this.#here(this.read(name)).replace("8080", String(this.#ports.node))}\n`);
  }

  /** Runs a block of a page and gives what it printed; a command that fails ends the test. */
  async run({ place, text }: Block): Promise<string> {
    const child = spawn("bash", ["-euo", "pipefail", "-c", this.#here(text)], {
      cwd: ROOT,
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        said += part;
      });
    }
    const [status] = await once(child, "close");
    assert(
      status === 0,
      `${place}, on the ${this.role}'s machine, ends with 0: ${status}\n${text}\n${said}`,
    );
    return said;
  }

  /** A command that no page has, such as the accident. */
  async do(text: string): Promise<string> {
    return await this.run({ place: "the test", heading: "", words: [], text });
  }

  #here(text: string): string {
    return text
      .replaceAll(PLACES, (path) => this.#place + path)
      .replaceAll("9464", String(this.#ports.operator))
      .replaceAll("https://leader.example", this.#urls.leader)
      .replaceAll("https://helper.example", this.#urls.helper);
  }
}
