// How an answer comes about: the way into the frame, the layers, what the answer rests on.

const PATCH = 6; // pixels of the side of what is covered at a time
const STRIDE = 2; // pixels between two covers
const MOST_MAPS = 24; // of a layer that are shown

/**
 * A picture of numbers from 0 (paper) to `most`.
 * @param {Picture} picture
 * @param {number} most
 * @param {string} label
 */
function greyPicture({ data, rows, columns }, most, label) {
  const canvas = document.createElement("canvas");
  canvas.className = "pixels large";
  canvas.width = columns;
  canvas.height = rows;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(columns, rows);
  for (let place = 0; place < rows * columns; place++) {
    image.data.fill(255 - (255 * data[place]) / most, 4 * place, 4 * place + 3);
    image.data[4 * place + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {Element} picture
 * @param {string} caption
 */
function figure(picture, caption) {
  const element = document.createElement("figure");
  const text = document.createElement("figcaption");
  text.textContent = caption;
  element.append(picture, text);
  return element;
}

/** @param {Candidate} digit */
function stepFigures({ framed }) {
  const [down, across] = framed.shift;
  const frame = { data: framed.pixels, rows: SIDE, columns: SIDE };
  return [
    figure(greyPicture(framed.square, 1, words("step_square")), words("step_square")),
    figure(greyPicture(framed.small, 255, words("step_small")), words("step_small")),
    figure(greyPicture(frame, 255, words("step_frame")), words("step_frame", { down, across })),
  ];
}

/**
 * The maps of one layer, side by side.
 * @param {Activity} layer
 * @param {string} label
 */
function mapsPicture({ data, rows, columns, channels }, label) {
  const many = Math.min(channels, MOST_MAPS);
  const across = 12;
  const wide = across * (columns + 1) - 1;
  const high = Math.ceil(many / across) * (rows + 1) - 1;
  const picture = { data: new Float64Array(wide * high), rows: high, columns: wide };
  const most = ends(data)[1] || 1;
  for (let channel = 0; channel < many; channel++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const y = Math.floor(channel / across) * (rows + 1) + row;
        const x = (channel % across) * (columns + 1) + column;
        picture.data[y * wide + x] = data[(row * columns + column) * channels + channel];
      }
  const canvas = greyPicture(picture, most, label);
  canvas.className = "pixels maps";
  return canvas;
}

/**
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 */
function layerFigures(model, digit) {
  const all = model.activities(digit.image);
  const shown = model.layers
    .map(([kind], place) => ({ kind, layer: all[place + 1] }))
    .filter(({ kind, layer }) => kind === "rectify" && layer.rows > 1);
  return shown.map(({ layer }, place) => {
    const values = { place: place + 1, rows: layer.rows, columns: layer.columns, channels: layer.channels };
    const caption = words("layer", values);
    return figure(mapsPicture(layer, caption), caption);
  });
}

/**
 * Cover one part after the other: where does the answer become less likely?
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 */
function occlude(model, digit) {
  const fall = new Float64Array(SIDE * SIDE);
  const count = new Float64Array(SIDE * SIDE);
  let worst = { share: Infinity, pixels: Uint8Array.from(digit.image), prediction: model.predict(digit.image) };
  for (let top = 0; top <= SIDE - PATCH; top += STRIDE)
    for (let left = 0; left <= SIDE - PATCH; left += STRIDE) {
      const pixels = Uint8Array.from(digit.image);
      let ink = 0;
      for (let row = top; row < top + PATCH; row++) {
        for (let column = left; column < left + PATCH; column++) ink += pixels[row * SIDE + column];
        pixels.fill(0, row * SIDE + left, row * SIDE + left + PATCH);
      }
      const prediction = ink ? model.predict(pixels) : null;
      const share = prediction ? prediction.probabilities[digit.value] : digit.confidence;
      if (prediction && share < worst.share) worst = { share, pixels, prediction };
      for (let row = top; row < top + PATCH; row++)
        for (let column = left; column < left + PATCH; column++) {
          fall[row * SIDE + column] += Math.max(0, digit.confidence - share);
          count[row * SIDE + column]++;
        }
    }
  return { fall: fall.map((sum, place) => sum / Math.max(1, count[place])), worst };
}

/**
 * Ink, and over it in red how much the answer rests on it.
 * @param {Candidate} digit
 * @param {Float64Array} fall
 * @param {string} label
 */
function heatPicture(digit, fall, label) {
  const canvas = greyPicture({ data: digit.image, rows: SIDE, columns: SIDE }, 255, label);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.getImageData(0, 0, SIDE, SIDE);
  const most = Math.max(0.02, ends(fall)[1]); // so that noise looks like none
  for (let place = 0; place < SIDE * SIDE; place++) {
    const heat = 0.8 * Math.min(1, fall[place] / most);
    [228, 96, 77].forEach((colour, channel) => {
      const at = 4 * place + channel;
      image.data[at] = image.data[at] * (1 - heat) + colour * heat;
    });
  }
  context.putImageData(image, 0, 0);
  canvas.classList.add("heat");
  return canvas;
}

/**
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 */
function occlusionFigures(model, digit) {
  const { fall, worst } = occlude(model, digit);
  const { label, probabilities, rejected } = worst.prediction;
  const values = { digit: digit.value, other: label, share: percent(probabilities[label]) };
  const key = rejected ? "covered_none" : label === digit.value ? "covered_same" : "covered_other";
  const covered = { data: worst.pixels, rows: SIDE, columns: SIDE };
  return [
    figure(heatPicture(digit, fall, words("heat")), words("heat")),
    figure(greyPicture(covered, 255, words(key, values)), words(key, values)),
  ];
}

/**
 * What pages do that squeeze all paper into 28 by 28, beside what this one does.
 * @param {ReturnType<typeof openModel>} model
 * @param {Candidate} digit
 * @param {Picture} ink of all the paper
 */
function whyFigures(model, digit, ink) {
  const average = transpose(averageRows(transpose(averageRows(ink, SIDE)), SIDE));
  const squeezed = Uint8Array.from(average.data, (value) => roundHalfToEven(value));
  return [
    { pixels: squeezed, key: "why_squeezed" },
    { pixels: digit.framed.pixels, key: "why_framed" },
  ].map(({ pixels, key }) => {
    const { label, probabilities, rejected } = model.predict(pixels);
    const sentence = rejected
      ? words("read_none")
      : words("read_as", { digit: label, share: percent(probabilities[label]) });
    const picture = greyPicture({ data: pixels, rows: SIDE, columns: SIDE }, 255, words(key));
    return figure(picture, `${words(key)} ${sentence}`);
  });
}

const REST = 350; // milliseconds that the pen rests before all this is worked out

/** @param {ReturnType<typeof openModel>} model */
function openExplanation(model) {
  let waiting = 0;
  const change = openChange(model);
  /**
   * @param {Candidate | null} digit
   * @param {Picture | null} ink
   */
  const explain = (digit, ink) => {
    clearTimeout(waiting);
    for (const id of ["how", "why-figures"]) find(id).classList.toggle("none", !digit);
    if (!digit || !ink) return;
    waiting = setTimeout(() => {
      change.of(digit);
      find("steps").replaceChildren(...stepFigures(digit));
      find("layers").replaceChildren(...layerFigures(model, digit));
      find("occlusion").replaceChildren(...occlusionFigures(model, digit));
      find("why-figures").replaceChildren(...whyFigures(model, digit, ink));
    }, REST);
  };
  return explain;
}
