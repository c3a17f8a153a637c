/** What readings of the machine are called, and which of them are drawn together. */
import { formatCount, formatMebibytes, formatValue, type Unit } from "../chart";
import type { KeyPlace } from "./chart-grid";

const MEBIBYTE = 2 ** 20;
const PERCENT: readonly [number, number] = [0, 100];

type Quantity =
  | "percent"
  | "bytes"
  | "mebibytes"
  | "gibibytes"
  | "count"
  | "celsius"
  | "watt"
  | "megahertz"
  | "rate";

interface Known {
  readonly section: string;
  readonly title: string;
  readonly quantity: Quantity;
  /** Which of several devices, drawn in one chart. */
  readonly label?: string;
}

const KNOWN: Readonly<Record<string, Known>> = {
  cpu: { section: "Machine", title: "CPU", quantity: "percent" },
  memory_percent: { section: "Machine", title: "Memory in use", quantity: "percent" },
  "proc.memory.availableMB": {
    section: "Machine",
    title: "Memory available",
    quantity: "mebibytes",
  },
  "proc.cpu.percent": { section: "This process", title: "CPU", quantity: "percent" },
  "proc.memory.rssMB": { section: "This process", title: "Memory", quantity: "mebibytes" },
  "proc.memory.percent": { section: "This process", title: "Share of memory", quantity: "percent" },
  "proc.cpu.threads": { section: "This process", title: "Threads", quantity: "count" },
  "network.sent": {
    section: "Network",
    title: "Traffic since the start",
    quantity: "bytes",
    label: "sent",
  },
  "network.recv": {
    section: "Network",
    title: "Traffic since the start",
    quantity: "bytes",
    label: "received",
  },
};

/** Of each disk's path, or device. */
const DISK: Readonly<Record<string, readonly [string, Quantity]>> = {
  usagePercent: ["In use", "percent"],
  usageGB: ["Space in use", "gibibytes"],
  in: ["Read since the start", "mebibytes"],
  out: ["Written since the start", "mebibytes"],
};

/** Of each device: `gpu.0.gpu`; the first four also of this process: `gpu.process.0.gpu`. */
const GPU: Readonly<Record<string, readonly [string, Quantity]>> = {
  gpu: ["Utilization", "percent"],
  memory: ["Memory access", "percent"],
  memoryAllocated: ["Memory in use", "percent"],
  memoryAllocatedBytes: ["Memory", "bytes"],
  temp: ["Temperature", "celsius"],
  powerWatts: ["Power", "watt"],
  powerPercent: ["Power, of its limit", "percent"],
  enforcedPowerLimitWatts: ["Power limit", "watt"],
  fanSpeed: ["Fan", "percent"],
  smClock: ["SM clock", "megahertz"],
  memoryClock: ["Memory clock", "megahertz"],
  encoderUtilization: ["Encoder", "percent"],
  correctedMemoryErrors: ["Memory errors, corrected", "count"],
  uncorrectedMemoryErrors: ["Memory errors, not corrected", "count"],
  pcieLinkGen: ["PCIe generation", "count"],
  pcieLinkWidth: ["PCIe lanes", "count"],
  pcieSentMBps: ["PCIe, sent", "rate"],
  pcieReceivedMBps: ["PCIe, received", "rate"],
};

const FORMATS: Readonly<Record<Quantity, (value: number) => string>> = {
  percent: (value) => (Number.isFinite(value) ? `${value.toFixed(1)} %` : formatValue(value)),
  bytes: (value) => formatMebibytes(value / MEBIBYTE),
  mebibytes: formatMebibytes,
  gibibytes: (value) => formatMebibytes(value * 1024),
  count: formatCount,
  celsius: (value) => `${formatValue(value)} °C`,
  watt: (value) => `${formatValue(value)} W`,
  megahertz: (value) => `${formatValue(value)} MHz`,
  rate: (value) => `${formatValue(value)} MB/s`,
};

const UNITS: Partial<Record<Quantity, Unit>> = {
  percent: "percent",
  bytes: "bytes",
  mebibytes: "mebibytes",
  gibibytes: "gibibytes",
};

/** One of several processes of a run has its label behind the name: `cpu/l:worker-1`. */
const PROCESS = /^(.+?)\/l:(.*)$/s;

export function placeOf(key: string): KeyPlace {
  const [, name = key, process] = PROCESS.exec(key) ?? [];
  const found = known(name);
  if (!found) return { section: "Other readings", title: key, format: formatValue, unit: "plain" };
  const { section, title, quantity } = found;
  const label = [found.label, process].filter(Boolean).join(" · ");
  return {
    section,
    title,
    format: FORMATS[quantity],
    unit: UNITS[quantity] ?? "plain",
    bounds: quantity === "percent" ? PERCENT : undefined,
    chart: `${section}/${title}`,
    ...(label && { label }),
  };
}

function known(name: string): Known | null {
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name] as Known;
  return disk(name) ?? gpu(name);
}

function disk(name: string): Known | null {
  const [, which, reading] = /^disk\.(.+)\.(\w+)$/.exec(name) ?? [];
  return device("Disks", which, reading, DISK);
}

function gpu(name: string): Known | null {
  const [, process, number, reading] = /^gpu\.(process\.)?(\d+)\.(\w+)$/.exec(name) ?? [];
  const section = process ? "GPU, this process" : "GPU";
  return device(section, number && `GPU ${number}`, reading, GPU);
}

function device(
  section: string,
  label: string | undefined,
  reading: string | undefined,
  readings: Readonly<Record<string, readonly [string, Quantity]>>,
): Known | null {
  if (!label || !reading || !Object.hasOwn(readings, reading)) return null;
  const [title, quantity] = readings[reading] as readonly [string, Quantity];
  return { section, title, quantity, label };
}
