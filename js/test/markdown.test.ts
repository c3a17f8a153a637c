import { beforeAll, expect, test } from "vitest";
import { markdown } from "../src/panels/markdown";
import { stubDocument } from "./elements";

beforeAll(stubDocument);

const shown = (text: string) => markdown(text).map(String).join("");

test.each([
  ["# Why\nbecause", "<h4>Why</h4><p>because</p>"],
  [
    "**bold** and *leaning*, ~~gone~~",
    "<p><strong>bold</strong> and <em>leaning</em>, <s>gone</s></p>",
  ],
  ["a `b*c*` d", "<p>a <code>b*c*</code> d</p>"],
  ["- one\n- [x] two", "<ul><li>one</li><li>☑ two</li></ul>"],
  ["1. one\n2. two\n\nend", "<ol><li>one</li><li>two</li></ol><p>end</p>"],
  ["> said\n> twice", "<blockquote>said\ntwice</blockquote>"],
  ["```py\n<b>x</b>\n# no\n```\nend", "<pre><b>x</b>\n# no</pre><p>end</p>"],
  ["```\nopen", "<pre>open</pre>"],
  ["a\n\n---\nb", "<p>a</p><hr></hr><p>b</p>"],
  ["snake_case_name and 2*3*4", "<p>snake_case_name and 2*3*4</p>"],
  ["[paper](https://x.org/a)", "<p><a https://x.org/a>paper</a></p>"],
  ["see https://x.org/a.", "<p>see <a https://x.org/a>https://x.org/a</a>.</p>"],
  ["<https://x.org/a.b>!", "<p><a https://x.org/a.b>https://x.org/a.b</a>!</p>"],
])("%s", (text, elements) => {
  expect(shown(text)).toBe(elements);
});

test.each([
  "[click](javascript:alert(1))",
  "[click](JaVaScRiPt:alert`1`)",
  "[click](data:text/html;base64,PHNjcmlwdD4=)",
  "[click](vbscript:x)",
  "[click](//evil.example)",
  "![x](javascript:alert(1))",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  '<a data-commandlinker-command="x:y" href="https:">x</a>',
])("%s stays the text that it is", (text) => {
  expect(shown(text)).toBe(`<p>${text}</p>`);
});

test("notes that nest without end are read in a moment", () => {
  for (const part of ["**a ", "*a ", "a [", "a ` "]) {
    const paragraphs = `${part.repeat(1_000)}\n\n`.repeat(20) + part.repeat(50_000);

    expect(shown(paragraphs).length).toBeGreaterThan(100_000);
  }
});
