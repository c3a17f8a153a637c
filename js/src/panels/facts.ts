/** Facts of a run in two columns, and which of them there are of its program and its machine. */
import { formatCount } from "../chart";
import type { Json, JsonObject, RunHead } from "../protocol";
import { h } from "./dom";
import { copyButton } from "./saving";
import { arrange } from "./staying";
import { isObject, written } from "./values-table";

/** A name, what is shown, and what can be copied. Without anything to show it is left out. */
export type Fact = readonly [name: string, value: string | HTMLElement, copy?: string];

export class FactsTable {
  readonly element: HTMLElement;
  private readonly list = h("dl", { class: "nbt-table" });
  private readonly rows = new Map<string, HTMLElement>();

  constructor(title: string) {
    const head = h("div", { class: "nbt-table-head" }, h("h3", {}, title));
    const attributes = { class: "nbt-table-box", "aria-label": title };
    this.element = h("section", attributes, head, this.list);
  }

  /** What does not change is left alone, so that text can be selected. */
  show(all: readonly Fact[]): void {
    const facts = all.filter(([, value]) => value !== "");
    this.element.hidden = facts.length === 0;
    arrange(
      this.list,
      facts.map(([name]) => this.row(name)),
    );
    for (const fact of facts) fill(this.row(fact[0]).lastElementChild as HTMLElement, fact);
  }

  private row(name: string): HTMLElement {
    const row = this.rows.get(name) ?? h("div", {}, h("dt", {}, name), h("dd"));
    this.rows.set(name, row);
    return row;
  }
}

function fill(cell: HTMLElement, [name, value, copy]: Fact): void {
  if (typeof value !== "string") {
    // An element that changes by itself stays; a fresh one only where it says something else.
    if (cell.contains(value)) return;
    if (cell.textContent === value.textContent && !value.querySelector("button")) return;
    cell.replaceChildren(value);
  } else if (cell.firstChild?.textContent !== value) {
    const button = copy === undefined ? [] : [copyButton(name.toLowerCase(), () => copy)];
    cell.replaceChildren(h("span", {}, value), ...button);
  }
}

/** What ran. */
export function programOf(run: RunHead): Fact[] {
  const { environment = {} } = run;
  const git = objectOf(environment.git);
  const command = textOf(environment.command);
  const commit = textOf(git.commit);
  return [
    ["Notebook", run.notebook ?? ""],
    ["Program", run.notebook === null ? textOf(environment.program) : ""],
    ["Command", command, command],
    ["Folder", textOf(environment.root)],
    ["Git repository", textOf(git.remote)],
    ["Git commit", commit && gitWords(git, commit), commit],
    ["Python", textOf(environment.python)],
    ["Executable", textOf(environment.executable)],
    ["nbtrack", textOf(environment.nbtrack)],
  ];
}

function gitWords(git: JsonObject, commit: string): string {
  const branch = textOf(git.branch);
  const dirty = git.dirty === true ? ", with changes" : "";
  return `${commit.slice(0, 12)}${branch && ` on ${branch}`}${dirty}`;
}

/** What it ran on. */
export function machineOf(run: RunHead): Fact[] {
  const { environment = {} } = run;
  const memory = objectOf(environment.memory);
  return [
    ["Host", run.host],
    ["OS", textOf(environment.os)],
    ["CPU", textOf(environment.cpu)],
    ["CPU cores", coresOf(environment)],
    ["Memory", limited(sizeOf(memory.total), sizeOf(memory.limit))],
    ...Object.entries(objectOf(environment.disk)).map(
      ([path, disk]): Fact => [`Disk ${path}`, diskOf(objectOf(disk))],
    ),
    ["GPU", gpusOf(environment)],
    ["CUDA", textOf(environment.cuda) || textOf(environment.cuda_version)],
  ];
}

function coresOf({ cpu_count, cpu_count_logical, cpu_limit }: JsonObject): string {
  if (typeof cpu_count !== "number") return "";
  const threads = typeof cpu_count_logical === "number" ? ` (${cpu_count_logical} threads)` : "";
  return `${formatCount(cpu_count)}${threads}${limited("", textOf(cpu_limit ?? ""))}`;
}

function limited(total: string, limit: string): string {
  return limit === "" ? total : `${total}, of which ${limit} may be used`;
}

function diskOf({ total, used }: JsonObject): string {
  const all = sizeOf(total);
  return all && used !== undefined ? `${sizeOf(used)} of ${all} used` : all;
}

function gpusOf({ gpu, gpu_count, gpu_devices }: JsonObject): string {
  const devices = Array.isArray(gpu_devices) ? gpu_devices.map((one) => objectOf(one)) : [];
  const names = devices.map((one) => {
    const memory = sizeOf(one.memory_total ?? one.memoryTotal ?? one.memory);
    return `${textOf(one.name)}${memory && `, ${memory}`}`;
  });
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const said = [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name));
  if (said.length > 0) return said.join("\n");
  const count = typeof gpu_count === "number" && gpu_count > 1 ? `${gpu_count} × ` : "";
  return textOf(gpu) && count + textOf(gpu);
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? "" : written(value, String);
}

/** Bytes in the unit that fits, as memory is sold and disks are not: powers of 1,024. */
export function sizeOf(bytes: Json | undefined): string {
  if (typeof bytes !== "number" || !Number.isFinite(bytes)) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
