/** What a person has set in JupyterLab's settings editor, as it stands at this moment. */
import type { ISettingRegistry } from "@jupyterlab/settingregistry";

/** The plugin whose schema lies beside this file. */
export const SETTINGS = "nbtrack-lab:plugin";

export interface Preferences {
  readonly tellFinished: boolean;
  readonly tellFailed: boolean;
  readonly tellAlerts: boolean;
  readonly sidebarSide: "left" | "right";
  readonly confirmStop: boolean;
}

/** What holds until the settings are there, and where there are none. */
export const DEFAULTS: Preferences = {
  tellFinished: true,
  tellFailed: true,
  tellAlerts: false,
  sidebarSide: "left",
  confirmStop: true,
};

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
  };
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
