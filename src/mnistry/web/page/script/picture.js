// Pictures onto the paper: chosen, dropped, pasted or photographed.

/**
 * The ink of a picture, as large as the paper, its paper transparent.
 * @param {ImageBitmap} bitmap
 * @param {HTMLCanvasElement} paper
 */
function inkPicture(bitmap, paper) {
  const scale = Math.min(paper.width / bitmap.width, paper.height / bitmap.height);
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const small = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const image = context.getImageData(0, 0, width, height);
  const ink = inkOf(image);
  for (let place = 0; place < width * height; place++) {
    image.data.fill(0, 4 * place, 4 * place + 3);
    image.data[4 * place + 3] = ink.data[place];
  }
  context.putImageData(image, 0, 0);
  const placed = new OffscreenCanvas(paper.width, paper.height);
  const left = Math.floor((paper.width - width) / 2);
  /** @type {OffscreenCanvasRenderingContext2D} */ (placed.getContext("2d")).drawImage(
    small,
    left,
    Math.floor((paper.height - height) / 2),
  );
  return placed;
}

/** @param {ReturnType<typeof openPaper>} paper */
function offerPictures(paper) {
  /** @param {Blob | null | undefined} file */
  const open = async (file) => {
    if (!file) return;
    try {
      paper.put(inkPicture(await createImageBitmap(file), paper.canvas));
      find("fault").textContent = "";
    } catch {
      find("fault").textContent = words("no_picture");
    }
  };
  for (const id of ["choose", "camera"]) {
    const input = /** @type {HTMLInputElement} */ (find(id));
    input.addEventListener("change", () => {
      open(input.files?.[0]);
      input.value = "";
    });
  }
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    open(file);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    open(event.dataTransfer?.files[0]);
  });
}
