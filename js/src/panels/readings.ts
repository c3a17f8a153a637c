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
  | "rate"
  | "plain";

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
  plain: formatValue,
};

const UNITS: Partial<Record<Quantity, Unit>> = {
  percent: "percent",
  bytes: "bytes",
  mebibytes: "mebibytes",
  gibibytes: "gibibytes",
};

export function placeOf(key: string): KeyPlace {
  const { section, title, quantity, label } = known(key);
  return {
    section,
    title,
    format: FORMATS[quantity],
    unit: UNITS[quantity] ?? "plain",
    bounds: quantity === "percent" ? PERCENT : undefined,
    ...(label === undefined ? {} : { label, chart: `${section}/${title}` }),
  };
}

function known(key: string): Known {
  if (Object.hasOwn(KNOWN, key)) return KNOWN[key] as Known;
  return disk(key) ?? gpu(key) ?? { section: "Other readings", title: key, quantity: "plain" };
}

function disk(key: string): Known | null {
  const [, which, reading] = /^disk\.(.+)\.(\w+)$/.exec(key) ?? [];
  return device("Disks", which, reading, DISK);
}

function gpu(key: string): Known | null {
  const [, process, number, reading] = /^gpu\.(process\.)?(\d+)\.(\w+)$/.exec(key) ?? [];
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
