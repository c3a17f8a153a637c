import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/**/*.test.ts", "src/lab/**/*.test.ts"], environment: "node" },
});
