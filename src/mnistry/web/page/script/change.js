// What would change the answer: the least ink, taken away or added, that makes it another.

const BLOB = 3; // pixels of the side of what is added or taken away in one step
const MOST_STEPS = 10; // more of them would be another drawing
const BLOBS = Math.floor((SIDE - BLOB) / 2) + 1; // along a side, two pixels from one to the next

/** @typedef {{pixels: Uint8Array, prediction: Prediction, steps: number, changed: Float64Array}} Change */

/**
 * Set a small square of an image to paper or ink.
 * @param {Uint8Array} pixels
 * @param {number} place of the square
 * @param {number} value 0 or 255
 */
function blobbed(pixels, place, value) {
  const out = Uint8Array.from(pixels);
  const top = 2 * Math.floor(place / BLOBS);
  const left = 2 * (place % BLOBS);
  for (let row = top; row < top + BLOB; row++) out.fill(value, row * SIDE + left, row * SIDE + left + BLOB);
  return out;
}

/**
 * Take the step that helps the other digits most, again and again (greedily), until the answer is another.
 * A step beside ink or on it: ink in the middle of nowhere is no stroke.
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 * @param {number} value 0 to take ink away, 255 to add some
 * @returns {Promise<Change | null>} none if no few steps do
 */
async function nearestChange(model, digit, value) {
  let pixels = Uint8Array.from(digit.image);
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    await new Promise((resolve) => setTimeout(resolve)); // so that drawing goes on meanwhile
    let best = { margin: Infinity, pixels, prediction: model.predict(pixels) };
    for (let place = 0; place < BLOBS * BLOBS; place++) {
      const next = blobbed(pixels, place, value);
      if (!next.some((ink, i) => ink !== pixels[i]) || (value && !touches(pixels, place))) continue;
      const prediction = model.predict(next);
      const others = prediction.probabilities.filter((_, other) => other !== digit.value);
      const margin = Math.log(prediction.probabilities[digit.value] + 1e-12) - Math.log(Math.max(...others) + 1e-12);
      if (margin < best.margin) best = { margin, pixels: next, prediction };
    }
    if (best.margin === Infinity) return null;
    ({ pixels } = best);
    if (best.margin < 0) {
      const changed = Float64Array.from(pixels, (ink, i) => Math.abs(ink - digit.image[i]));
      return { pixels, prediction: best.prediction, steps, changed };
    }
  }
  return null;
}

/**
 * Whether there is ink in a small square or right beside it.
 * @param {Uint8Array} pixels
 * @param {number} place
 */
function touches(pixels, place) {
  const top = 2 * Math.floor(place / BLOBS);
  const left = 2 * (place % BLOBS);
  for (let row = Math.max(0, top - 1); row < Math.min(SIDE, top + BLOB + 1); row++)
    for (let column = Math.max(0, left - 1); column < Math.min(SIDE, left + BLOB + 1); column++)
      if (pixels[row * SIDE + column] > EDGE) return true;
  return false;
}

/**
 * The nearest change, by taking ink away or by adding some: its picture and a sentence.
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 * @param {number} value 0 to take ink away, 255 to add some
 */
async function changeFigure(model, digit, value) {
  const key = value ? "change_added" : "change_taken";
  const change = await nearestChange(model, digit, value);
  if (!change) {
    const sentence = words(value ? "change_added_none" : "change_taken_none", { digit: digit.value });
    return figure(greyPicture({ data: digit.image, rows: SIDE, columns: SIDE }, 255, sentence), sentence);
  }
  const { label, probabilities, rejected } = change.prediction;
  const total = (/** @type {ArrayLike<number>} */ numbers) => Array.from(numbers).reduce((sum, ink) => sum + ink, 0);
  const values = {
    other: label,
    share: percent(probabilities[label]),
    part: percent(total(change.changed) / total(digit.image)),
  };
  const sentence = words(key, values) + (rejected ? ` ${words("change_doubtful")}` : "");
  const image = Array.from(value ? change.pixels : digit.image);
  return figure(heatPicture({ ...digit, image }, change.changed, sentence), sentence);
}

/** @param {ReturnType<typeof openModel>} model */
function openChange(model) {
  const button = /** @type {HTMLButtonElement} */ (find("change-find"));
  /** @type {Candidate | null} */
  let current = null;
  button.addEventListener("click", async () => {
    const digit = current;
    if (!digit) return;
    button.disabled = true;
    for (const value of [0, 255]) {
      const made = await changeFigure(model, digit, value);
      if (digit === current) find("change").append(made);
    }
    button.disabled = digit === current;
  });
  return {
    /** @param {Candidate} digit */
    of: (digit) => {
      current = digit;
      button.disabled = false;
      find("change").replaceChildren();
    },
  };
}
