/** What the development page's run answers to questions: files, cells and lines, made up. */
import { type Answer, type Ask, lineTest, RequestError } from "../src/data";
import { type CellHead, NO_BYTES, type Reply, toBytes } from "../src/protocol";
import type { Training } from "./training";

export function lookUp(ask: Ask, training: Training): Answer | null {
  const { lines } = training;
  if (ask.op === "lines") {
    const found = ask.spans.flatMap(([first = 0, count = 0]) => lines.slice(first, first + count));
    return answer({ lines: found });
  }
  if (ask.op === "find") {
    if (ask.search.includes("(?=")) {
      throw new RequestError(
        "UsageError",
        `'${ask.search}' is no regular expression that RE2 knows`,
      );
    }
    const test = lineTest(ask);
    const found = lines.filter(test).map((line) => line.number);
    return answer({ total: found.length }, toBytes(found.slice(0, 100_000)));
  }
  if (ask.op === "files") {
    const files = Object.entries(FILES).map(([name, text]) => ({
      name,
      size: typeof text === "string" ? new TextEncoder().encode(text).length : text.length,
      time: training.started,
    }));
    return answer({ files, total: files.length });
  }
  if (ask.op === "file") {
    const content = FILES[ask.name];
    if (content === undefined)
      throw new RequestError("UsageError", `the run has no file ${ask.name}`);
    const all = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const part = all.slice(ask.offset, ask.offset + ask.length);
    return answer({ total: all.length }, new DataView(part.buffer));
  }
  if (ask.op === "cells") {
    const cells = training.state === "empty" ? [] : CELLS(training.started);
    return answer({ cells: cells.slice(ask.first), total: cells.length });
  }
  return null;
}

function answer(reply: Partial<Reply>, bytes: DataView = NO_BYTES): Answer {
  return { reply: { op: "reply", id: "", ...reply }, bytes };
}

const FIT = `for epoch in range(config.epochs):
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        run.log({"train/loss": loss.item()})
    run.log({"val/accuracy": evaluate(model)})`;

const CELLS = (started: number): CellHead[] => {
  const cell = (number: number, source: string, rest: Partial<CellHead> = {}): CellHead => ({
    ...{ number, cell: `c${number}`, count: number + 1, source, started: started + 30 * number },
    ...{ duration: 0.4 + number, status: "ok", error: "" },
    ...rest,
  });
  return [
    cell(0, "import nbtrack\nimport torch\nfrom sklearn.datasets import load_digits", {
      started: null,
      status: "before",
    }),
    cell(1, "run = nbtrack.init(project='digits', config={'lr': 3e-4})\nrun.display()"),
    cell(2, FIT.replace("loss.item()", "loss"), {
      status: "error",
      error: "TypeError: cannot log a tensor that requires grad",
      cell: "fit",
    }),
    cell(3, FIT, { cell: "fit", duration: 421 }),
    cell(4, "# <img src=x onerror=alert(1)>\nrun.summary['best'] = 0.97"),
  ];
};

/** A picture of 1 by 1 pixel. */
const PIXEL = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  ),
  (letter) => letter.charCodeAt(0),
);

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "code/model.py": "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n",
  "code/train.py": `${FIT}\n`,
  "checkpoints/last.pt": Uint8Array.from({ length: 4000 }, (_, i) => i % 256),
  "checkpoints/best.pt": Uint8Array.from({ length: 4000 }, (_, i) => i % 251),
  "config.json": JSON.stringify({ lr: 3e-4, layers: [128, 64], schedule: { kind: "cosine" } }),
  "diff.patch":
    "diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -1,3 +1,3 @@\n import torch\n-lr = 1e-3\n+lr = 3e-4\n",
  "notebook.ipynb": JSON.stringify({
    cells: [
      { cell_type: "markdown", source: ["# Digits\n", "A small net."], metadata: {} },
      { cell_type: "code", source: ["import nbtrack\n", "run = nbtrack.init()"], metadata: {} },
    ],
    metadata: {},
    nbformat: 4,
  }),
  "plots/confusion.png": PIXEL,
  "requirements.txt": "nbtrack==0.1.0\nnumpy==2.1.3\ntorch==2.5.1\nscikit-learn==1.5.2\n",
  "<img src=x onerror=alert(1)>.txt": "<script>alert(1)</script>",
};
