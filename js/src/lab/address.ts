/** What an address says of a run. Knows nothing of JupyterLab. */

const PARAMETER = "nbtrack";
const FRAGMENT = /^#nbtrack-cell=([0-9a-z-]{1,64})$/;

/** The path that an address of this server's pages says, or null. */
export function pathIn(address: string, baseUrl: string): string | null {
  if (!URL.canParse(address) || !URL.canParse(baseUrl)) return null;
  const [url, base] = [new URL(address), new URL(baseUrl)];
  const isHere = url.origin === base.origin && url.pathname.startsWith(base.pathname);
  return (isHere && url.searchParams.get(PARAMETER)) || null;
}

/** An address without what is to be opened; all else in it stays as it was written. */
export function withoutPath(address: string): string {
  const [, before = "", query, hash = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) ?? [];
  const kept = (query ?? "")
    .slice(1)
    .split("&")
    .filter((part) => part !== "" && part.split("=")[0] !== PARAMETER);
  return before + (kept.length > 0 ? `?${kept.join("&")}` : "") + hash;
}

/** The address at which this server shows a run, over the notebook that made it. */
export function addressOf(baseUrl: string, notebook: string, path: string): string {
  const quoted = (text: string) => text.split("/").map(encodeURIComponent).join("/");
  return `${baseUrl.replace(/\/$/, "")}/lab/tree/${quoted(notebook)}?${PARAMETER}=${quoted(path)}`;
}

/** The run whose cell the fragment of a page's address asks for, or null. */
export function runInFragment(hash: string): string | null {
  return FRAGMENT.exec(hash)?.[1] ?? null;
}

/** The address of a notebook's page that shows the cell of a run there; "" for no cell. */
export function pageOf(baseUrl: string, notebook: string, uid: string): string {
  const path = notebook.split("/").map(encodeURIComponent).join("/");
  return `${baseUrl.replace(/\/$/, "")}/notebooks/${path}${uid && `#nbtrack-cell=${uid}`}`;
}
