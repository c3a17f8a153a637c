/**
 * The extension's words in the language of the page. Whoever shows words asks `trans` when it
 * shows them; without a translator they stay as they are written.
 */
import type { ITranslator, TranslationBundle } from "@jupyterlab/translation";

/** Name of the language packs' part that is about nbtrack. */
const DOMAIN = "nbtrack";

type Value = string | number;

/** Words as they are written, with the values in their places. */
export const asWritten: TranslationBundle = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, count, ...values) => filled(count === 1 ? one : many, [count, ...values]),
};

let bundle: TranslationBundle = asWritten;

/**
 * `trans.__("Open run %1", name)`, and `trans._n("%1 run", "%1 runs", count)`, where `%1` is
 * the count itself.
 */
export const trans: TranslationBundle = {
  __: (text, ...values) => bundle.__(text, ...values),
  _n: (one, many, count, ...values) => bundle._n(one, many, count, ...values),
};

/** Speaks the language of the page from now on. */
export function speak(translator: ITranslator | null): void {
  bundle = translator?.load(DOMAIN) ?? asWritten;
}

function filled(text: string, values: readonly Value[]): string {
  return text.replace(/%(\d+)/g, (place, number) => String(values[Number(number) - 1] ?? place));
}
