/** A made-up training run: losses with noise and spikes, a schedule, NaN, a noisy console. */
import type { BlockHead, Json, JsonObject, Line, RunHead } from "../src/protocol";

interface TrainingOptions {
  readonly uid: string;
  readonly steps: number;
  /** So many equal charts instead of the usual ones, to measure. */
  readonly charts: number;
  readonly end: string;
  readonly empty: boolean;
  /** Whether nothing goes on in it, though it is open. */
  readonly idle: boolean;
  /** So many more lines of the console. */
  readonly lines: number;
}

export interface Grown {
  readonly key: string;
  readonly stream: "metric" | "system";
  readonly steps: number[];
  readonly times: number[];
  readonly values: number[];
}

const STEP_S = 0.35;
const EPOCH = 100;
const TOTAL = 5000;

export class Training {
  readonly uid: string;
  readonly started = Date.now() / 1000 - 460;
  readonly lines: Line[] = [];
  readonly edited: { name?: string; notes?: string; tags?: readonly string[] } = {};
  state: string;
  step = -1;
  private readonly series = new Map<string, Grown>();
  private readonly random = generator(7);
  readonly idle: boolean;
  private readonly charts: number;

  constructor(options: TrainingOptions) {
    this.uid = options.uid;
    this.charts = options.charts;
    this.idle = options.idle;
    this.state = options.end;
    if (options.empty) return;
    this.say("stdout", "Loading \x1b[1mdigits\x1b[0m … 1,437 training and 360 validation images");
    this.say(
      "stderr",
      "UserWarning: \x1b[33mlr_scheduler.step()\x1b[0m called before optimizer.step()",
    );
    this.say("stdout", "<img src=x onerror=alert(1)> </span><script>alert('log line')</script>");
    this.say("nbtrack", 'nbtrack: GPU power is not recorded: NVML answers "Not Supported".');
    for (let i = 0; i < options.lines; i++) this.say(i % 97 ? "stdout" : "stderr", longLine(i));
    this.advance(options.steps);
  }

  snapshot(): readonly Grown[] {
    return [...this.series.values()];
  }

  advance(rows: number): { blocks: BlockHead[]; columns: number[][]; lines: Line[] } {
    const before = this.lines.length;
    const blocks: BlockHead[] = [];
    const columns: number[][] = [];
    for (let i = 0; i < rows; i++) {
      this.step++;
      for (const [stream, row] of this.rows()) {
        const keys = Object.keys(row);
        const time = this.step * STEP_S;
        const step = stream === "metric" ? this.step : Number.NaN;
        blocks.push({ stream, keys, rows: 1 });
        columns.push([step], [time], ...keys.map((key) => [row[key] as number]));
        for (const key of keys) this.grow(stream, key, step, time, row[key] as number);
      }
      this.print();
    }
    if (this.step >= TOTAL) this.state = "finished";
    return { blocks, columns, lines: this.lines.slice(before) };
  }

  private rows(): ["metric" | "system", Record<string, number>][] {
    const rows: ["metric" | "system", Record<string, number>][] = [["metric", this.row()]];
    if (this.charts === 0 && this.step % EPOCH === EPOCH - 1) rows.push(["metric", this.epoch()]);
    if (this.step % 12 === 0) rows.push(["system", this.machine()]);
    return rows;
  }

  private row(): Record<string, number> {
    const t = this.step;
    const noise = () => this.random() + this.random() + this.random() - 1.5;
    if (this.charts > 0) {
      const row: Record<string, number> = {};
      for (let i = 0; i < this.charts; i++) row[`m/${i}`] = Math.sin(t / (20 + i)) + 0.3 * noise();
      return row;
    }
    const progress = t / TOTAL;
    const loss = 0.08 + 2.2 * Math.exp(-t / 420) + 0.09 * noise() * Math.exp(-t / 1500);
    const broken = t > 640 && t < 655;
    return {
      "train/loss": t === 903 ? 4.1 : broken ? Number.NaN : Math.max(0.004, loss),
      "train/accuracy": Math.min(1, 1 - 0.88 * Math.exp(-t / 380) + 0.018 * noise()),
      "train/grad_norm": t === 903 ? Infinity : Math.exp(0.4 * noise() - t / 2500) * 1.4,
      lr: t < 200 ? (3e-4 * t) / 200 : 1.5e-4 * (1 + Math.cos(Math.PI * progress)),
      throughput: 9400 + 300 * noise() - (t % EPOCH < 4 ? 3500 : 0),
      epoch: Math.floor(t / EPOCH),
    };
  }

  private epoch(): Record<string, number> {
    const t = this.step;
    return {
      "val/loss": 0.16 + 2.1 * Math.exp(-t / 450) + 0.02 * this.random() + t / 60000,
      "val/accuracy": 0.968 - 0.85 * Math.exp(-t / 400) + 0.006 * this.random(),
      'val/<b>bold</b> & "quotes"': this.random(),
    };
  }

  private machine(): Record<string, number> {
    const t = this.step;
    return {
      cpu: 61 + 22 * Math.sin(t / 90) + 9 * this.random(),
      memory_percent: 43 + 4 * Math.sin(t / 600) + this.random(),
      "proc.memory.availableMB": 18_400 - 900 * Math.sin(t / 600),
      "proc.cpu.percent": 48 + 12 * this.random(),
      "proc.memory.rssMB": 620 + 480 * (1 - Math.exp(-t / 300)) + 6 * this.random(),
      "proc.cpu.threads": 14 + Math.floor(3 * this.random()),
      "disk./.usagePercent": 61.2,
      "disk./.usageGB": 571 + t / 900,
      "disk.nvme0n1.in": 2.1 * t,
      "disk.nvme0n1.out": 40 * Math.floor(t / EPOCH),
      "network.sent": 41_000 * t,
      "network.recv": 52_000 * t,
      ...this.gpu(0, t),
      ...this.gpu(1, t - 40),
    };
  }

  private gpu(index: number, t: number): Record<string, number> {
    const readings = {
      gpu: 88 + 8 * this.random() - (t % EPOCH < 12 ? 60 : 0),
      memoryAllocated: 71 + index,
      memoryAllocatedBytes: 17.1e9 + 3e8 * index,
      temp: 58 + 9 * (1 - Math.exp(-Math.max(t, 0) / 500)) + this.random(),
      powerWatts: 262 + 30 * this.random(),
      smClock: 2520 - 15 * Math.floor(4 * this.random()),
    };
    return Object.fromEntries(
      Object.entries(readings).map(([name, value]) => [`gpu.${index}.${name}`, value]),
    );
  }

  private print(): void {
    const t = this.step;
    if (t % 10 === 0) {
      const loss = this.series.get("train/loss")?.values.at(-1) ?? 0;
      this.say(
        "stdout",
        `step \x1b[1m${String(t).padStart(5)}\x1b[0m  loss \x1b[36m${loss.toFixed(4)}\x1b[0m  ${(9400 + 200 * this.random()).toFixed(0)} samples/s`,
      );
    }
    if (t % EPOCH === EPOCH - 1) {
      this.say(
        "stdout",
        `\x1b[32m✔ epoch ${Math.floor(t / EPOCH)}\x1b[0m  val/accuracy \x1b[1;32m${(this.series.get("val/accuracy")?.values.at(-1) ?? 0).toFixed(4)}\x1b[0m  \x1b[2m(best so far)\x1b[0m`,
      );
    }
    if (t === 903)
      this.say(
        "stderr",
        "\x1b[1;31mRuntimeWarning\x1b[0m: overflow encountered in exp; gradient is \x1b[7m inf \x1b[0m, step skipped",
      );
    if (t === 640)
      this.say(
        "stderr",
        "\x1b[38;5;208mloss is NaN\x1b[0m for 15 steps: \x1b[48;2;60;20;20m\x1b[38;2;255;190;190m scaler halved \x1b[0m",
      );
  }

  private say(stream: Line["stream"], text: string): void {
    const time = this.started + Math.max(0, this.step) * STEP_S;
    this.lines.push({ number: this.lines.length, time, stream, text });
  }

  private grow(stream: Grown["stream"], key: string, step: number, time: number, value: number) {
    let grown = this.series.get(key);
    if (!grown) {
      grown = { key, stream, steps: [], times: [], values: [] };
      this.series.set(key, grown);
    }
    grown.steps.push(step);
    grown.times.push(time);
    grown.values.push(value);
  }
}

export function runHead(training: Training): RunHead {
  const running = training.state === "running";
  const active = Math.max(0, training.step) * STEP_S;
  return {
    uid: training.uid,
    id: "k3v9x2ab",
    entity: "ada",
    project: "digits",
    name: training.edited.name ?? "brave-otter-12",
    notes: training.edited.notes ?? NOTES,
    tags: training.edited.tags ?? ["baseline", "cosine", "<i>tag</i>"],
    group: "sweep-3",
    job_type: "train",
    state: training.state as RunHead["state"],
    reason: training.state === "killed" ? "stopped from the panel" : "",
    started: training.started,
    ended: running ? null : training.started + active,
    seen: Date.now() / 1000,
    active,
    ticking: running && !training.idle,
    step: training.step < 0 ? null : training.step,
    rows: training.step + 1,
    notebook: "experiments/digits/01-quickstart.ipynb",
    host: "workstation",
    user: "ada",
    environment: ENVIRONMENT,
    config: CONFIG,
    summary: summaryOf(training),
    pinned: ["optimizer.lr"],
    notices: [
      {
        level: "warning",
        cause: "step-order",
        text: "run.log() got step 90 after step 120: the row is not stored.\nSteps only grow. Give late values an axis of their own with define_metric.",
        count: 3,
        time: training.started + 40,
        kind: "notice",
        title: "",
      },
      {
        level: "error",
        cause: "alert 1",
        text: "Gradient norm is infinite at step 903; the step was skipped.",
        count: 1,
        time: training.started + 316,
        kind: "alert",
        title: "Loss spiked",
      },
      {
        level: "info",
        cause: "alert 2",
        text: "val/accuracy reached 0.95.",
        count: 1,
        time: training.started + 350,
        kind: "alert",
        title: "New best",
      },
    ],
  };
}

function longLine(i: number): string {
  return i % 97
    ? `batch ${i} of 1000000  loss 0.${String((i * 7919) % 10000).padStart(4, "0")}  lr 3.0e-4`
    : `\x1b[33mWARNING\x1b[0m data loader is behind by ${i % 13} batches`;
}

const NOTES = `# Why this run

Two hidden layers, **cosine schedule**, see [the paper](https://arxiv.org/abs/1608.03983).

- \`lr\` from 3e-4, *warm-up* of 200 steps
- [ ] try dropout 0.2
- <b onclick="alert(1)">This is text, not markup.</b> [click](javascript:alert(1))

\`\`\`
python train.py --lr 3e-4
\`\`\``;

const ENVIRONMENT: JsonObject = {
  os: "Linux-6.8.0-31-generic-x86_64-with-glibc2.39",
  python: "CPython 3.11.9",
  executable: "/home/ada/venvs/digits/bin/python",
  nbtrack: "0.1.0",
  program: "experiments/digits/train.py",
  args: ["--lr", "3e-4", "--epochs", "50"],
  command: "python experiments/digits/train.py --lr 3e-4 --epochs 50",
  root: "/home/ada/work",
  host: "workstation",
  username: "ada",
  git: {
    remote: "https://github.com/ada/digits.git",
    commit: "4f2a9c1e8d7b6a5f4e3d2c1b0a99887766554433",
    branch: "main",
    dirty: true,
  },
  cpu: "AMD Ryzen 9 7950X 16-Core Processor",
  cpu_count: 16,
  cpu_count_logical: 32,
  memory: { total: 67_430_866_944 },
  disk: { "/": { total: 983_349_346_304, used: 511_101_108_224 } },
  gpu: "NVIDIA GeForce RTX 4090",
  gpu_count: 2,
  gpu_devices: [
    { name: "NVIDIA GeForce RTX 4090", memory_total: 25_757_220_864 },
    { name: "NVIDIA GeForce RTX 4090", memory_total: 25_757_220_864 },
  ],
};

const CONFIG: JsonObject = {
  model: { kind: "mlp", hidden: [128, 64], dropout: 0.1, activation: "gelu" },
  optimizer: { name: "adamw", lr: 0.0003, weight_decay: 1e-5, betas: [0.9, 0.999] },
  batch_size: 64,
  epochs: 50,
  seed: 7,
  data: { name: "sklearn.digits", split: 0.8, "<script>alert(1)</script>": true },
  amp: false,
  checkpoint: null,
};

function summaryOf(training: Training): JsonObject {
  const summary: Record<string, Json> = {};
  for (const { key, stream, values } of training.snapshot()) {
    const last = values.at(-1) ?? Number.NaN;
    if (stream !== "metric") continue;
    summary[key] = Number.isFinite(last) ? last : "NaN";
    if (key.startsWith("val/")) summary[key] = aggregates(values);
  }
  return summary;
}

function aggregates(values: readonly number[]): JsonObject {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { min: Math.min(...values), max: Math.max(...values), mean, last: values.at(-1) ?? 0 };
}

/** Numbers that look random and are the same each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
