/** All numbers, one after the other, as an answer carries them. */
export function joined(parts: readonly Float64Array[]): DataView {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new DataView(all.buffer);
}
