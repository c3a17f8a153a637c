/** What a page of a notebook does besides its panels: figures of plotly, code that folds. */

interface Plotly {
  newPlot(host: HTMLElement, figure: object): Promise<unknown>;
}

const CONFIG = { responsive: true, displaylogo: false };
const MOST_LINKS_ON_TOP = 8;
/** Between the margins of A4; Letter has more. */
const PAPER_PX = 668;
/** Size of letters in tables on paper. */
const PRINTED_PT = 8;
const CLEAR = /^(rgba\(.*,\s*0(\.0*)?\)|transparent)$/;

function foldCode(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-fold]")) {
    button.addEventListener("click", () => {
      for (const source of document.querySelectorAll<HTMLDetailsElement>("details.source"))
        source.open = button.dataset.fold === "open";
    });
  }
}

/** Figures come one after the other, when they are near: each takes plotly some 50 ms. */
function drawFigures(plotly: Plotly): void {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void draw(plotly, target as HTMLElement);
      }
    },
    { rootMargin: "600px" },
  );
  const figures = document.querySelectorAll<HTMLElement>(".plotly-figure");
  for (const figure of figures) near.observe(figure);
  // On paper all of them are near.
  addEventListener("beforeprint", () => {
    for (const figure of figures) void draw(plotly, figure);
  });
}

async function draw(plotly: Plotly, figure: HTMLElement): Promise<void> {
  const data = figure.querySelector("script");
  const [still, live] = [".plotly-still", ".plotly-live"].map((name) =>
    figure.querySelector<HTMLElement>(name),
  );
  if (!data || !still || !live || "drawn" in figure.dataset) return;
  figure.dataset.drawn = "";
  try {
    const told = JSON.parse(data.textContent ?? "") as { layout: Layout };
    // A figure brings colours for a light page, unless it lets the page shine through.
    figure.classList.toggle("paper", !CLEAR.test(told.layout.paper_bgcolor ?? ""));
    live.hidden = false;
    still.hidden = true;
    const layout = { ...told.layout, width: undefined };
    await plotly.newPlot(live, { ...told, layout, config: CONFIG });
  } catch (error) {
    console.error("nbtrack:", error);
    live.hidden = true;
    still.hidden = false;
  }
}

interface Layout {
  readonly paper_bgcolor?: string;
}

/** Contents that would fill a phone begin folded; on paper they stand there. */
function foldContents(): void {
  const contents = document.querySelectorAll<HTMLDetailsElement>(".contents");
  for (const one of contents) {
    const isLong = one.querySelectorAll("li").length > MOST_LINKS_ON_TOP;
    if (isLong && matchMedia("(max-width: 62rem)").matches) one.open = false;
  }
  addEventListener("beforeprint", () => {
    for (const one of contents) one.open = true;
  });
}

/**
 * Paper does not scroll, and browsers print a whole page smaller for one thing that is too wide:
 * tables and figures that are get smaller for as long as it prints.
 */
function fitToPaper(): void {
  const tables = document.querySelectorAll<HTMLElement>(".foreign table");
  const figures = document.querySelectorAll<HTMLElement>(".plotly-live");
  addEventListener("beforeprint", () => {
    for (const table of tables) {
      table.style.fontSize = `${PRINTED_PT}pt`;
      const smaller = Math.min(1, PAPER_PX / table.scrollWidth);
      table.style.fontSize = `${(PRINTED_PT * smaller).toFixed(2)}pt`;
    }
    for (const figure of figures) {
      figure.style.removeProperty("zoom");
      const smaller = Math.min(1, PAPER_PX / figure.scrollWidth);
      figure.style.setProperty("zoom", smaller.toFixed(3));
    }
  });
  addEventListener("afterprint", () => {
    for (const { style } of tables) style.removeProperty("font-size");
    for (const { style } of figures) style.removeProperty("zoom");
  });
}

foldCode();
foldContents();
const { Plotly } = globalThis as { Plotly?: Plotly };
if (Plotly) drawFigures(Plotly);
// Behind the figures: those that are drawn for paper are made to fit, too.
fitToPaper();
