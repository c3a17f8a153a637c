/** The kinds of files that runs leave as. */
import { trans } from "./translation";

export type Form = "csv" | "json" | "parquet" | "html";
export type What = "runs" | "rows" | "report";

export interface Export {
  readonly form: Form;
  readonly what: What;
}

export const EXPORTS: readonly Export[] = [
  { form: "parquet", what: "rows" },
  { form: "csv", what: "rows" },
  { form: "json", what: "rows" },
  { form: "csv", what: "runs" },
  { form: "parquet", what: "runs" },
  { form: "json", what: "runs" },
  { form: "html", what: "report" },
];

const FORMATS: Readonly<Record<Form, string>> = {
  csv: "CSV",
  json: "JSON",
  parquet: "Parquet",
  html: "HTML",
};

/** How a kind of file is called. */
export function exportWord({ form, what }: Export): string {
  if (what === "report") return trans.__("A report, as one HTML file");
  if (what === "rows") return trans.__("All that was logged, as %1", FORMATS[form]);
  return trans.__("A row per run, as %1", FORMATS[form]);
}
