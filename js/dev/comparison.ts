/** A made-up comparison that answers as a kernel would: `?compare=12&group=lr`. */
import type { Answer, Ask, Handlers, Source } from "../src/data";
import type { BandHead, ChartHead, ComparedRun, Comparison, Draw, LineHead } from "../src/protocol";
import { NO_BYTES } from "../src/protocol";

const KEYS = ["train/loss", "val/loss", "val/accuracy", "lr"];
const STEPS = 120;
const RATES = [0.1, 0.03, 0.01];
const OPTIMIZERS = ["adam", "sgd"];
const STATES = ["finished", "finished", "running", "failed", "crashed", "killed"];
const HOSTILE = "<img src=x onerror=alert(1)>";

export class FakeComparison implements Source {
  readonly live = true;
  private readonly runs: readonly ComparedRun[];

  constructor(
    count: number,
    private readonly groupBy: readonly string[],
  ) {
    this.runs = Array.from({ length: count }, (_, i) => madeUp(i, count));
  }

  open(handlers: Handlers): () => void {
    this.tell = (message) => handlers.message(message, NO_BYTES);
    handlers.connected();
    return () => {};
  }

  async send(ask: Ask): Promise<Answer> {
    await new Promise((resolve) => setTimeout(resolve, 30));
    if (ask.op === "hello") this.tell(this.message());
    if (ask.op === "draw") return this.draw(ask);
    return { reply: { op: "reply", id: "" }, bytes: NO_BYTES };
  }

  private tell: (message: Comparison) => void = () => {};

  private message(): Comparison {
    return {
      ...{ op: "comparison", version: 1, uid: "compare-dev", sequence: 1, full: true },
      ...{ runs: this.runs, order: this.runs.map((run) => run.uid), total: this.runs.length },
      keys: KEYS.map((key, i) => {
        const goal = i < 2 ? "minimize" : i === 2 ? "maximize" : "";
        return { key, runs: this.runs.length, goal, hidden: false };
      }),
      ...{ shown: [], x: "step", group_by: this.groupBy, band: "std" },
    };
  }

  private draw(ask: Omit<Draw, "id">): Answer {
    const wanted = new Set(ask.runs ?? this.runs.map((run) => run.uid));
    const runs = this.runs.filter((run) => wanted.has(run.uid));
    const label = (run: ComparedRun) =>
      ask.group_by.map((field) => run.config[field.replace("config.", "")] ?? "").join(", ");
    const groups = [...new Set(runs.map(label))].sort();
    const numbers: number[] = [];
    const charts = ask.keys.map((key): ChartHead => {
      const lines = runs.map((run): LineHead => {
        const values = curve(run, key);
        numbers.push(...values.map((_, step) => step), ...values);
        const group = groups.indexOf(label(run));
        return { uid: run.uid, group, points: STEPS, count: STEPS };
      });
      const bands =
        ask.group_by.length === 0
          ? []
          : groups.map((name, group): BandHead => {
              const members = runs
                .filter((run) => label(run) === name)
                .map((run) => curve(run, key));
              numbers.push(...bandOf(members));
              return { group, points: STEPS };
            });
      return { key, runs: runs.length, lines, bands, trouble: "" };
    });
    const bytes = new DataView(new Float64Array(numbers).buffer);
    return { reply: { op: "reply", id: "", charts, groups }, bytes };
  }
}

function madeUp(i: number, count: number): ComparedRun {
  const [lr = 0.1, optimizer = "adam"] = [RATES[i % 3], OPTIMIZERS[i % 2]];
  const run = {
    ...{ uid: `20260101-120000-${String(count - i).padStart(8, "0")}`, id: `run${i}` },
    ...{ name: i === 3 ? HOSTILE : `brave-otter-${count - i}`, project: "digits" },
    ...{ state: STATES[i % STATES.length] ?? "finished", started: 1.76e9 - i * 60, ended: null },
    ...{ active: 60, step: STEPS, group: i % 2 ? "one" : "two", job_type: "", tags: [] },
    config: { lr, optimizer, "net.depth": 2 + (i % 4), seed: i, batch: 32, data: "digits" },
    summary: {},
  };
  const last = Object.fromEntries(KEYS.map((key) => [key, curve(run, key).at(-1) ?? 0]));
  return { ...run, summary: last };
}

function curve({ config }: Pick<ComparedRun, "config">, key: string): number[] {
  const [lr, seed, depth] = [Number(config.lr), Number(config.seed), Number(config["net.depth"])];
  return Array.from({ length: STEPS }, (_, step) => {
    const noise = 0.05 * Math.sin(step * (1.3 + 0.1 * seed) + seed);
    const decay = Math.exp(-step * lr * 0.5) + 0.05 * depth;
    if (key === "lr") return lr * 0.99 ** step;
    if (key === "val/accuracy") return 1 - 0.7 * decay + noise * 0.4;
    return (key === "val/loss" ? 2.4 : 2.2) * decay + noise + 0.3;
  });
}

function bandOf(members: readonly (readonly number[])[]): number[] {
  const steps = Array.from({ length: STEPS }, (_, step) => step);
  const at = (step: number) => members.map((values) => values[step] as number);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const means = steps.map((step) => mean(at(step)));
  const deviations = steps.map((step, i) => {
    const square = at(step).reduce((sum, value) => sum + (value - (means[i] as number)) ** 2, 0);
    return Math.sqrt(square / (members.length - 1));
  });
  const edge = (sign: number) => means.map((value, i) => value + sign * (deviations[i] as number));
  return [...steps, ...steps.map(() => members.length), ...means, ...edge(-1), ...edge(1)];
}
