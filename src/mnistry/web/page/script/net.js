// Runs small convolutional nets: the layers of mnistry.inference.net, one image at a time.

/**
 * What a layer gives: numbers (rows, columns, channels), channels side by side.
 * @typedef {{data: Float64Array, rows: number, columns: number, channels: number}} Activity
 */
/** @typedef {[string, ...(string | number)[]]} LayerWords */
/** @typedef {{shape: number[], data: Float64Array}} Tensor */
/** @typedef {Record<string, Tensor>} Weights */
/** @typedef {(x: Activity) => Activity} Layer */

/**
 * Numbers of half precision, little-endian, as base64 has them.
 * @param {string} base64
 * @returns {Float64Array}
 */
function fromHalves(base64) {
  const bytes = atob(base64);
  const numbers = new Float64Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i++) {
    const high = bytes.charCodeAt(2 * i + 1);
    const exponent = (high >> 2) & 31;
    const fraction = ((high & 3) << 8) | bytes.charCodeAt(2 * i);
    const size = exponent ? POWERS[exponent] * (1024 + fraction) : POWERS[1] * fraction;
    numbers[i] = high & 128 ? -size : size;
  }
  return numbers;
}

const POWERS = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (exponent - 25));

/**
 * @param {number} rows
 * @param {number} columns
 * @param {number} channels
 * @returns {Activity}
 */
function activity(rows, columns, channels) {
  return { data: new Float64Array(rows * columns * channels), rows, columns, channels };
}

/**
 * Make each block of side × side pixels one pixel of as many channels.
 * @param {number} side
 * @returns {Layer}
 */
function unshuffle(side) {
  return (x) => {
    const out = activity(x.rows / side, x.columns / side, x.channels * side * side);
    let place = 0;
    for (let row = 0; row < out.rows; row++)
      for (let column = 0; column < out.columns; column++)
        for (let channel = 0; channel < x.channels; channel++)
          for (let down = 0; down < side; down++)
            for (let across = 0; across < side; across++) {
              const pixel = (row * side + down) * x.columns + column * side + across;
              out.data[place++] = x.data[pixel * x.channels + channel];
            }
    return out;
  };
}

/**
 * Put zeros around.
 * @param {Activity} x
 * @param {number} rows
 * @param {number} columns
 */
function pad(x, rows, columns) {
  if (!rows && !columns) return x;
  const out = activity(x.rows + 2 * rows, x.columns + 2 * columns, x.channels);
  const length = x.columns * x.channels;
  for (let row = 0; row < x.rows; row++) {
    const start = ((row + rows) * out.columns + columns) * x.channels;
    out.data.set(x.data.subarray(row * length, (row + 1) * length), start);
  }
  return out;
}

/**
 * Put eight outputs' weights side by side: they are used together.
 * @param {Tensor} weight (values, outputs)
 */
function eights(weight) {
  const outputs = weight.shape[weight.shape.length - 1];
  const values = weight.data.length / outputs;
  const packed = new Float64Array(Math.ceil(outputs / 8) * values * 8);
  for (let value = 0; value < values; value++)
    for (let output = 0; output < outputs; output++)
      packed[((output >> 3) * values + value) * 8 + (output & 7)] = weight.data[value * outputs + output];
  return packed;
}

/**
 * A layer of weighted sums. After ReLU two to four values of five are 0: they are left
 * out, once for all outputs, which was measured to be three times as fast.
 * @param {Weights} weights
 * @param {string} name
 */
function sums(weights, name) {
  const weight = weights[`${name}.weight`];
  const outputs = weight.shape[weight.shape.length - 1];
  const values = weight.data.length / outputs;
  const packed = eights(weight);
  const bias = new Float64Array(Math.ceil(outputs / 8) * 8);
  bias.set(weights[`${name}.bias`].data);
  const block = new Float64Array(8);
  return {
    outputs,
    places: new Int32Array(values), // in `packed`, of the values that are not 0
    seen: new Float64Array(values),
    /**
     * @param {number} count of values that are not 0
     * @param {Float64Array} out
     * @param {number} start
     */
    into(count, out, start) {
      for (let first = 0; first < outputs; first += 8) {
        for (let i = 0; i < 8; i++) block[i] = bias[first + i];
        addEight(this.seen, this.places, count, packed, first * values, block);
        const many = Math.min(8, outputs - first);
        for (let i = 0; i < many; i++) out[start + first + i] = block[i];
      }
    },
  };
}

/**
 * @param {Float64Array} seen
 * @param {Int32Array} places
 * @param {number} count
 * @param {Float64Array} packed
 * @param {number} base
 * @param {Float64Array} block
 */
function addEight(seen, places, count, packed, base, block) {
  let s0 = block[0],
    s1 = block[1],
    s2 = block[2],
    s3 = block[3];
  let s4 = block[4],
    s5 = block[5],
    s6 = block[6],
    s7 = block[7];
  for (let i = 0; i < count; i++) {
    const x = seen[i];
    const w = base + places[i];
    s0 += x * packed[w];
    s1 += x * packed[w + 1];
    s2 += x * packed[w + 2];
    s3 += x * packed[w + 3];
    s4 += x * packed[w + 4];
    s5 += x * packed[w + 5];
    s6 += x * packed[w + 6];
    s7 += x * packed[w + 7];
  }
  block[0] = s0;
  block[1] = s1;
  block[2] = s2;
  block[3] = s3;
  block[4] = s4;
  block[5] = s5;
  block[6] = s6;
  block[7] = s7;
}

/**
 * Convolve, zeros around.
 * @param {Weights} weights
 * @param {string} name
 * @param {number} padRows
 * @param {number} padColumns
 * @param {number} step
 * @returns {Layer}
 */
function convolve(weights, name, padRows, padColumns, step = 1) {
  const [high, wide, channels] = weights[`${name}.weight`].shape;
  const sum = sums(weights, name);
  return (unpadded) => {
    const x = pad(unpadded, padRows, padColumns);
    const rows = Math.floor((x.rows - high) / step) + 1;
    const columns = Math.floor((x.columns - wide) / step) + 1;
    const out = activity(rows, columns, sum.outputs);
    const length = wide * channels;
    for (let pixel = 0; pixel < rows * columns; pixel++) {
      const top = Math.floor(pixel / columns) * step;
      const left = (pixel % columns) * step;
      let count = 0;
      for (let row = 0; row < high; row++) {
        const start = ((top + row) * x.columns + left) * channels;
        for (let i = 0; i < length; i++) {
          const value = x.data[start + i];
          if (value === 0) continue;
          sum.seen[count] = value;
          sum.places[count++] = (row * length + i) * 8;
        }
      }
      sum.into(count, out.data, pixel * sum.outputs);
    }
    return out;
  };
}

/**
 * Keep the largest of each rows × columns; what is left over is cut.
 * @param {number} high
 * @param {number} wide
 * @returns {Layer}
 */
function pool(high, wide) {
  return (x) => {
    const out = activity(Math.floor(x.rows / high), Math.floor(x.columns / wide), x.channels);
    out.data.fill(-Infinity);
    for (let row = 0; row < out.rows * high; row++)
      for (let column = 0; column < out.columns * wide; column++) {
        const from = (row * x.columns + column) * x.channels;
        const cell = Math.floor(row / high) * out.columns + Math.floor(column / wide);
        for (let channel = 0; channel < x.channels; channel++) {
          const place = cell * x.channels + channel;
          out.data[place] = Math.max(out.data[place], x.data[from + channel]);
        }
      }
    return out;
  };
}

/**
 * Cut off what is below 0.
 * @returns {Layer}
 */
function rectify() {
  return (x) => ({ ...x, data: x.data.map((value) => (value > 0 ? value : 0)) });
}

/**
 * Sum all of an image, weighted: (1, 1, outputs).
 * @param {Weights} weights
 * @param {string} name
 * @returns {Layer}
 */
function dense(weights, name) {
  const sum = sums(weights, name);
  return (x) => {
    const out = activity(1, 1, sum.outputs);
    let count = 0;
    for (let i = 0; i < x.data.length; i++) {
      if (x.data[i] === 0) continue;
      sum.seen[count] = x.data[i];
      sum.places[count++] = i * 8;
    }
    sum.into(count, out.data, 0);
    return out;
  };
}

/**
 * What the first word of a layer means.
 * @type {Record<string, (weights: Weights, settings: any[]) => Layer>}
 */
const LAYERS = {
  unshuffle: (_weights, [side]) => unshuffle(side),
  convolve: (weights, [name, rows, columns, step]) => convolve(weights, name, rows, columns, step),
  pool: (_weights, [rows, columns]) => pool(rows, columns),
  rectify: () => rectify(),
  dense: (weights, [name]) => dense(weights, name),
};

const MEAN = 0.1307; // of MNIST's training images, pixels from 0 to 1
const DEVIATION = 0.3081;
const SIDE = 28;

/**
 * The embedded model, ready to predict.
 * @typedef {object} Embedded
 * @property {LayerWords[]} layers
 * @property {[string, number[]][]} shapes of the weights, in the order of `halves`
 * @property {string} halves base64 of float16
 * @property {number} temperature
 * @property {number | null} rejectBelow
 */
/** @typedef {{label: number, probabilities: number[], rejected: boolean}} Prediction */

/** @param {Embedded} embedded */
function openModel(embedded) {
  const numbers = fromHalves(embedded.halves);
  /** @type {Weights} */
  const weights = {};
  let start = 0;
  for (const [name, shape] of embedded.shapes) {
    const length = shape.reduce((product, size) => product * size, 1);
    weights[name] = { shape, data: numbers.subarray(start, start + length) };
    start += length;
  }
  const layers = embedded.layers.map(([kind, ...settings]) => LAYERS[kind](weights, settings));

  /**
   * What each layer gives of 784 pixels, 0 paper to 255 ink; the pixels, scaled, first.
   * @param {ArrayLike<number>} pixels
   */
  const activities = (pixels) => {
    const all = [activity(SIDE, SIDE, 1)];
    for (let i = 0; i < SIDE * SIDE; i++) all[0].data[i] = pixels[i] / (255 * DEVIATION) - MEAN / DEVIATION;
    for (const layer of layers) all.push(layer(all[all.length - 1]));
    return all;
  };

  /**
   * @param {ArrayLike<number>} pixels 784, 0 paper to 255 ink
   * @returns {Prediction}
   */
  const predict = (pixels) => {
    if (pixels.length !== SIDE * SIDE)
      throw new RangeError(`${pixels.length} pixels; expected ${SIDE * SIDE}, row by row.`);
    const all = activities(pixels);
    return decide(all[all.length - 1].data, embedded);
  };
  return { predict, activities, layers: embedded.layers };
}

/**
 * Logits to an answer: divided by the temperature, softmax, the reject option.
 * @param {Float64Array} logits
 * @param {{temperature: number, rejectBelow: number | null}} trust
 * @returns {Prediction}
 */
function decide(logits, { temperature, rejectBelow }) {
  const scaled = Array.from(logits, (logit) => Math.fround(logit / temperature));
  const largest = Math.max(...scaled);
  const powers = scaled.map((logit) => Math.exp(logit - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const score = largest - scaled.reduce((sum, logit) => sum + logit, 0) / scaled.length;
  return {
    label: scaled.indexOf(largest),
    probabilities: powers.map((power) => power / total),
    rejected: rejectBelow !== null && score < rejectBelow,
  };
}
