/** What a person has set in JupyterLab's settings editor, as it stands at this moment. */
import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import type { ChartHabits } from "../data";

/** The plugin whose schema lies beside this file. */
export const SETTINGS = "nbtrack-lab:plugin";

export interface Preferences {
  readonly tellFinished: boolean;
  readonly tellFailed: boolean;
  readonly tellAlerts: boolean;
  readonly sidebarSide: "left" | "right";
  readonly confirmStop: boolean;
  /** Points that a line of a chart may have. */
  readonly chartPoints: number;
  /** From 0 to 1. */
  readonly chartSmoothing: number;
  readonly chartAxis: ChartHabits["axis"];
}

/** What holds until the settings are there, and where there are none. */
export const DEFAULTS: Preferences = {
  tellFinished: true,
  tellFailed: true,
  tellAlerts: false,
  sidebarSide: "left",
  confirmStop: true,
  chartPoints: 2_000,
  chartSmoothing: 0,
  chartAxis: "auto",
};

/** Least and greatest, as the schema says, too. */
const POINTS = [200, 10_000] as const;
const SMOOTHING = [0, 0.99] as const;
const AXES: readonly ChartHabits["axis"][] = ["auto", "step", "time", "wall"];

/** What settings say; a value of another type is passed over. */
export function preferencesIn(said: { readonly [name: string]: unknown }): Preferences {
  const flag = (name: keyof Preferences) =>
    typeof said[name] === "boolean" ? said[name] : (DEFAULTS[name] as boolean);
  return {
    tellFinished: flag("tellFinished"),
    tellFailed: flag("tellFailed"),
    tellAlerts: flag("tellAlerts"),
    sidebarSide: said.sidebarSide === "right" ? "right" : "left",
    confirmStop: flag("confirmStop"),
    chartPoints: Math.round(within(said.chartPoints, POINTS, DEFAULTS.chartPoints)),
    chartSmoothing: within(said.chartSmoothing, SMOOTHING, DEFAULTS.chartSmoothing),
    chartAxis: AXES.find((axis) => axis === said.chartAxis) ?? DEFAULTS.chartAxis,
  };
}

/** How charts are drawn; without a wish for points the server's own option holds. */
export function chartHabitsIn({
  chartPoints,
  chartSmoothing,
  chartAxis,
}: Preferences): ChartHabits {
  const points = chartPoints === DEFAULTS.chartPoints ? null : chartPoints;
  return { points, smoothing: chartSmoothing, axis: chartAxis };
}

function within(value: unknown, [low, high]: readonly [number, number], usual: number): number {
  return typeof value === "number" && value >= low && value <= high ? value : usual;
}

type Listener = (preferences: Preferences) => void;

let current = DEFAULTS;
const listeners: Listener[] = [];

export function preferences(): Preferences {
  return current;
}

/** Calls `listener` now and whenever a setting is changed. */
export function onPreferences(listener: Listener): void {
  listeners.push(listener);
  listener(current);
}

/** Follows the settings; nobody waits for them, and without them the defaults hold. */
export async function followSettings(registry: ISettingRegistry): Promise<void> {
  const settings = await registry.load(SETTINGS).catch((error: Error) => {
    console.warn("nbtrack: the settings cannot be read:", error.message);
  });
  if (!settings) return;
  const take = () => {
    current = preferencesIn(settings.composite);
    for (const listener of listeners) listener(current);
  };
  settings.changed.connect(take);
  take();
}
