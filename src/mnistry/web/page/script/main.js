// Puts the parts together; window.mnistry is for other scripts.

function main() {
  speak(store.get("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  const embedded = /** @type {Embedded} */ (JSON.parse(find("model").textContent ?? ""));
  const model = openModel(embedded);
  const reader = openReader(model.predict, embedded);

  /** @param {HTMLCanvasElement} canvas */
  const readCanvas = (canvas) => {
    const context = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext("2d"));
    if (!context) throw new TypeError("the canvas has no 2d context.");
    return readingOf(reader.read(context.getImageData(0, 0, canvas.width, canvas.height)).lines);
  };
  Object.assign(window, { mnistry: Object.freeze({ predict: model.predict, readCanvas }) });

  /** @type {Picture | null} */
  let ink = null;
  const explain = openExplanation(model);
  const answer = openAnswer((digit) => explain(digit, ink));
  const collection = openCollection(answer.digits);
  const quiz = openQuiz(model, JSON.parse(find("questions").textContent ?? ""));
  const hint = /** @type {HTMLElement} */ (document.querySelector(".hint"));
  let waiting = 0;
  const read = () => {
    waiting = 0;
    const found = paper.isEmpty() ? { lines: [], ink: null, crowd: 0 } : reader.read(paper.image());
    ink = found.ink;
    answer.show(found.lines, found.crowd);
    collection.suggest(readingOf(found.lines).text);
    hint.hidden = !paper.isEmpty();
    /** @type {HTMLButtonElement} */ (find("undo")).disabled = !paper.canUndo();
    /** @type {HTMLButtonElement} */ (find("clear")).disabled = paper.isEmpty();
  };
  const paper = openPaper(/** @type {HTMLCanvasElement} */ (find("paper")), () => {
    hint.hidden = true;
    waiting ||= requestAnimationFrame(read); // one reading a frame, however many events
  });

  const files = document.getElementById("files") ? openFiles() : null; // none in a page from a file
  offerLanguages(() => {
    files?.repeat();
    answer.repeat();
    collection.show();
    quiz.repeat();
  });
  offerPictures(paper);
  offerThemes(() => paper.redraw());
  find("undo").addEventListener("click", paper.undo);
  find("clear").addEventListener("click", paper.clear);
  const eraser = find("eraser");
  eraser.addEventListener("click", () => {
    const on = eraser.getAttribute("aria-pressed") !== "true";
    eraser.setAttribute("aria-pressed", String(on));
    paper.erase(on);
  });
  const pen = /** @type {HTMLInputElement} */ (find("pen"));
  pen.addEventListener("input", () => paper.setPen(Number(pen.value)));
  showNib(paper);
  collection.show();
  read();
}

/**
 * Show where the pen of the keys is.
 * @param {ReturnType<typeof openPaper>} paper
 */
function showNib({ canvas, keyPen: pen }) {
  const nib = find("nib");
  canvas.addEventListener("pen", () => {
    nib.hidden = !pen.isUsed;
    nib.classList.toggle("down", pen.isDown);
    nib.style.left = `${(100 * pen.x) / canvas.width}%`;
    nib.style.top = `${(100 * pen.y) / canvas.height}%`;
  });
}

main();
