/** Taking something out of the panel: files, the clipboard; and saying what failed. */
import { h, setText } from "./dom";
import { icon } from "./icons";

/** Offers bytes or text as a file of the browser's. */
export function saveAs(name: string, parts: BlobPart[], type: string): void {
  const [, stem = name, ending = "txt"] = /^(.+)\.(\w+)$/.exec(name) ?? [];
  download(fileName(stem, ending), new Blob(parts, { type: `${type};charset=utf-8` }));
}

/** A name for a file, made of a key. */
export function fileName(key: string, ending: string): string {
  const plain = key.replace(/[^\w.-]+/g, "-").replace(/^[.-]+|-+$/g, "");
  return `${plain.slice(0, 80) || "chart"}.${ending}`;
}

/** Hands a file to the reader. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Puts a picture into the clipboard; false where the page may not, say without https. */
export async function copyPicture(
  type: "image/png" | "text/plain",
  blob: Promise<Blob>,
): Promise<boolean> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
    return true;
  } catch {
    return false;
  }
}

/** A button that copies a text, and says for a moment that it did. */
export function copyButton(what: string, text: () => string): HTMLButtonElement {
  const button = h(
    "button",
    { type: "button", class: "nbt-mini", title: `Copy ${what}`, "aria-label": `Copy ${what}` },
    icon("copy"),
  );
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.replaceChildren(icon(copied ? "check" : "error"));
    button.title = copied ? "Copied" : "The browser does not allow copying";
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.title = `Copy ${what}`;
    }, 1500);
  });
  return button;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

/** Pages without a secure connection have no clipboard of their own. */
function copiedByHand(text: string): boolean {
  const area = h("textarea", { class: "nbt-spoken", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** What failed and why, with a way to try again. */
export function trouble(text: string, retry: (() => void) | null): HTMLElement {
  const words = h("span", { class: "nbt-trouble-text" });
  setText(words, text);
  const box = h("div", { class: "nbt-trouble", role: "alert" }, icon("warning"), words);
  if (retry) {
    const button = h("button", { type: "button", class: "nbt-button" }, "Retry");
    button.addEventListener("click", retry);
    box.append(button);
  }
  return box;
}

/** The words of an error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
