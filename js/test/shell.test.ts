import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { addressOf } from "../src/lab/address";
import { DEFAULTS, preferencesIn } from "../src/lab/preferences";
import { speak, trans } from "../src/lab/translation";

const SCHEMA = JSON.parse(
  readFileSync(new URL("../src/lab/schema/plugin.json", import.meta.url), "utf8"),
);

describe("settings", () => {
  test("what the schema says by default is what holds without settings", () => {
    const properties = Object.entries(SCHEMA.properties as Record<string, { default: unknown }>);

    expect(Object.fromEntries(properties.map(([name, one]) => [name, one.default]))).toEqual(
      DEFAULTS,
    );
  });

  test("values that are no settings are passed over", () => {
    expect(preferencesIn({ tellAlerts: "yes", sidebarSide: "top", confirmStop: false })).toEqual({
      ...DEFAULTS,
      confirmStop: false,
    });
  });
});

describe("words", () => {
  afterEach(() => speak(null));

  test("without a translator they stand as they are written, values in their places", () => {
    expect(trans.__("Run %1 of %2, %1", "a%2", 3)).toBe("Run a%2 of 3, a%2");
    expect(trans._n("%1 run of %2", "%1 runs of %2", 1, "digits")).toBe("1 run of digits");
    expect(trans._n("%1 run of %2", "%1 runs of %2", 4, "digits")).toBe("4 runs of digits");
    expect(trans.__("100 %, %9")).toBe("100 %, %9");
  });

  test("with a translator they are said in its language", () => {
    const german = { __: (text: string) => `[${text}]`, _n: (one: string) => `(${one})` };
    const asked: string[] = [];
    speak({
      load: (domain) => {
        asked.push(domain);
        return german;
      },
    });

    expect([trans.__("Runs"), trans._n("run", "runs", 2)]).toEqual(["[Runs]", "(run)"]);
    expect(asked).toEqual(["nbtrack"]);
  });
});

test("the address of a run leads over its notebook, whatever its name", () => {
  const address = addressOf(
    "http://localhost:8888/user/ada/",
    "a b/c?#.ipynb",
    "ada/dig its/runs/1",
  );

  expect(address).toBe(
    "http://localhost:8888/user/ada/lab/tree/a%20b/c%3F%23.ipynb?nbtrack=ada/dig%20its/runs/1",
  );
});
