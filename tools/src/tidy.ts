/**
 * Proves what no linter knows of this house: who may stand on whom, that every package declares
 * what it uses, that pure floors read no clock and draw no chance, and that documents point at
 * files that exist.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** What the packages of a floor may stand on [ARCHITECTURE.md, "The floors"]. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  foundation: ["foundation"],
  protocols: ["foundation", "protocols"],
  domain: ["foundation", "protocols", "domain"],
  platform: ["foundation", "platform"],
  services: ["foundation", "protocols", "domain", "platform"],
  vault: ["foundation", "protocols", "domain", "platform"],
  pages: ["foundation", "protocols", "domain"],
  lab: ["foundation", "protocols", "domain", "platform", "vault", "services", "pages"],
  apps: ["foundation", "protocols", "domain", "platform", "vault", "services", "pages", "lab"],
  tests: [
    "foundation",
    "protocols",
    "domain",
    "platform",
    "vault",
    "services",
    "pages",
    "lab",
    "apps",
  ],
  bench: ["foundation", "protocols", "domain", "platform", "vault", "services", "lab"],
  tools: ["foundation", "protocols"],
};
const PURE_FLOORS: readonly string[] = ["foundation", "protocols", "domain"];
const FILE_LINES_MAX = 800;

/** What a pure floor must not name; `*-node.ts` files hold the one exception, native crypto. */
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|fetch)\(?/;
const WASM = /\bWebAssembly\.(Module|Instance|Memory)\b/;

interface Package {
  readonly name: string;
  readonly floor: string;
  readonly path: string;
  readonly dependencies: ReadonlySet<string>;
  readonly references: ReadonlySet<string>;
}

const problems: string[] = [];
const packages = findPackages();
const byName = new Map(packages.map((found) => [found.name, found]));
for (const found of packages) {
  checkDependencies(found);
  for (const file of globSync(`${found.path}/src/**/*.{ts,tsx}`)) checkSource(found, file);
}
checkRootReferences();
for (const file of globSync(
  "{*.md,docs/**/*.md,{foundation,protocols,domain,platform,services,apps}/*/README.md,{vault,pages,lab,tests,bench,tools}/README.md}",
)) {
  checkLinks(file);
}

for (const problem of problems) process.stderr.write(`tidy: ${problem}\n`);
process.stdout.write(`tidy: ${packages.length} packages, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkDependencies({ name, floor, path, dependencies, references }: Package): void {
  for (const dependency of dependencies) {
    const target = byName.get(dependency);
    if (!target) {
      if (dependency.startsWith("@sumus/"))
        problems.push(`${path} depends on unknown ${dependency}`);
      continue;
    }
    if (!FLOORS[floor]?.includes(target.floor)) {
      problems.push(`${name} (${floor}) must not stand on ${dependency} (${target.floor})`);
    }
    if (!references.has(target.path)) {
      problems.push(`${path}/tsconfig.json lacks a reference to ${target.path}`);
    }
  }
  for (const reference of references) {
    const target = packages.find((candidate) => candidate.path === reference);
    if (target && !dependencies.has(target.name)) {
      problems.push(`${path}/tsconfig.json references ${reference}, which package.json lacks`);
    }
  }
}

function checkSource(owner: Package, file: string): void {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").length;
  if (lines > FILE_LINES_MAX && !file.includes("/generated/")) {
    problems.push(`${file} has ${lines} lines, at most ${FILE_LINES_MAX}`);
  }
  if (/\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/.test(text) && !file.endsWith("tools/src/tidy.ts")) {
    problems.push(`${file} has a TODO without its issue number`);
  }
  for (const [, specifier] of text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
    if (specifier) checkImport(owner, file, specifier);
  }
  const tested = file.endsWith(".test.ts");
  if (PURE_FLOORS.includes(owner.floor) && !tested && !file.endsWith("-node.ts")) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const impure = IMPURE.exec(code);
    if (impure) problems.push(`${file} names ${impure[1]}; take time and chance as parameters`);
    if (WASM.test(code) && owner.name !== "@sumus/kernels") {
      problems.push(`${file} names WebAssembly; only foundation/kernels may`);
    }
  }
}

function checkImport(owner: Package, file: string, specifier: string): void {
  if (specifier.startsWith(".")) {
    const target = normalize(join(dirname(file), specifier));
    if (relative(owner.path, target).startsWith("..")) {
      problems.push(`${file} reaches into ${target}; import the package by its name`);
    }
    return;
  }
  const name = /^@sumus\/[^/]+/.exec(specifier)?.[0];
  if (name && name !== owner.name && !owner.dependencies.has(name)) {
    problems.push(`${file} imports ${name}, which ${owner.path}/package.json does not declare`);
  }
}

function checkRootReferences(): void {
  const references = readReferences("tsconfig.json");
  for (const { path } of packages) {
    if (!references.has(path)) problems.push(`tsconfig.json lacks a reference to ${path}`);
  }
}

function checkLinks(file: string): void {
  const text = readFileSync(file, "utf8").replaceAll(/```[\s\S]*?```/g, "");
  for (const [, link] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (!link || /^[a-z]+:/.test(link)) continue;
    if (!existsSync(join(dirname(file), link))) problems.push(`${file} links to missing ${link}`);
  }
}

function findPackages(): Package[] {
  const found: Package[] = [];
  for (const floor of Object.keys(FLOORS)) {
    for (const manifestPath of globSync([`${floor}/package.json`, `${floor}/*/package.json`])) {
      const path = dirname(manifestPath);
      const manifest = readJson(manifestPath);
      const dependencies = Object.keys((manifest["dependencies"] as object | undefined) ?? {});
      found.push({
        name: String(manifest["name"]),
        floor,
        path,
        dependencies: new Set(dependencies),
        references: readReferences(join(path, "tsconfig.json")),
      });
    }
  }
  return found;
}

/** Paths from the root of what a tsconfig references. */
function readReferences(path: string): Set<string> {
  const references = readJson(path)["references"] as { path: string }[] | undefined;
  return new Set((references ?? []).map((reference) => join(dirname(path), reference.path)));
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}
