// Ink on paper: how dark each pixel of a drawing or a photograph is, 0 paper to 255.

const FLAT = 6; // of 255: a border that differs by less is one colour, not a photograph
const FAINT = 24; // of 255: less contrast than this is paper alone
const EDGE = 63; // of 255: ink no darker than this does not widen a digit's box
const PHOTOGRAPH_SIDE = 480; // pixels of the longer side at which photographs are looked at

/**
 * The ink of a canvas or picture, of any colours: transparent paper, one colour, or a photograph.
 * @param {{data: Uint8ClampedArray, width: number, height: number}} image RGBA
 * @returns {Picture}
 */
function inkOf({ data, width, height }) {
  const border = borderPlaces(width, height);
  const grey = new Float64Array(width * height);
  if (border.filter((place) => data[4 * place + 3] < 128).length > border.length / 2) {
    for (let place = 0; place < grey.length; place++) grey[place] = data[4 * place + 3];
    return strengthen(grey, width, height); // what was drawn, whatever its colour
  }
  for (let place = 0; place < grey.length; place++) {
    const at = 4 * place;
    const light = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    grey[place] = ((255 - light) * data[at + 3]) / 255; // darkness on white paper
  }
  const edges = border.map((place) => grey[place]).sort((a, b) => a - b);
  const paper = edges[edges.length >> 1];
  const spread = edges[Math.floor(0.9 * edges.length)] - edges[Math.floor(0.1 * edges.length)];
  if (spread > FLAT) return photographed(grey, width, height);
  const [least, most] = ends(grey);
  const isLight = paper - least > most - paper;
  for (let place = 0; place < grey.length; place++)
    grey[place] = Math.max(0, isLight ? paper - grey[place] : grey[place] - paper);
  return strengthen(grey, width, height);
}

/**
 * @param {number} width
 * @param {number} height
 */
function borderPlaces(width, height) {
  const places = [];
  for (let column = 0; column < width; column++) places.push(column, (height - 1) * width + column);
  for (let row = 0; row < height; row++) places.push(row * width, row * width + width - 1);
  return places;
}

/** @param {ArrayLike<number>} numbers */
function ends(numbers) {
  let least = Infinity,
    most = -Infinity;
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] < least) least = numbers[i];
    if (numbers[i] > most) most = numbers[i];
  }
  return [least, most];
}

/**
 * Make the darkest ink 255; what hardly differs from paper is none.
 * @param {Float64Array} ink
 * @param {number} columns
 * @param {number} rows
 * @returns {Picture}
 */
function strengthen(ink, columns, rows) {
  const most = ends(ink)[1];
  const factor = most < FAINT ? 0 : 255 / most;
  const data = new Uint8Array(ink.length);
  for (let place = 0; place < ink.length; place++) data[place] = Math.round(ink[place] * factor);
  return { data, rows, columns };
}

/**
 * Take light and shade out of a photograph: paper is what is left once strokes are closed.
 * @param {Float64Array} dark
 * @param {number} columns
 * @param {number} rows
 */
function photographed(dark, columns, rows) {
  const median = Float64Array.from(dark).sort()[dark.length >> 1];
  const [least, most] = ends(dark);
  if (median - least > most - median) for (let i = 0; i < dark.length; i++) dark[i] = 255 - dark[i];
  const reach = Math.max(4, Math.round(Math.min(rows, columns) / 10));
  const lightest = slide(slide(dark, rows, columns, reach, Math.min), rows, columns, reach, Math.max);
  const paper = blur(lightest, rows, columns, reach);
  const ink = dark.map((value, place) =>
    Math.max(0, (255 * (value - paper[place])) / Math.max(64, 255 - paper[place])),
  );
  const threshold = otsu(ink);
  const level = meanAbove(ink, threshold) || 1;
  const isBlank = level < FAINT;
  const data = Uint8Array.from(ink, (value) => {
    const share = (value - 0.5 * threshold) / Math.max(1, level - 0.5 * threshold);
    return isBlank ? 0 : Math.round(255 * Math.min(1, Math.max(0, share)));
  });
  return { data, rows, columns };
}

/**
 * The least or largest within `reach`, both ways.
 * @param {Float64Array} data
 * @param {number} rows
 * @param {number} columns
 * @param {number} reach
 * @param {(...values: number[]) => number} choose
 */
function slide(data, rows, columns, reach, choose) {
  let picture = { data, rows, columns };
  for (let turn = 0; turn < 2; turn++) {
    const out = new Float64Array(picture.data.length);
    for (let row = 0; row < picture.rows; row++) {
      const line = picture.data.subarray(row * picture.columns, (row + 1) * picture.columns);
      for (let column = 0; column < picture.columns; column++) {
        let chosen = line[column];
        const end = Math.min(picture.columns - 1, column + reach);
        for (let i = Math.max(0, column - reach); i <= end; i++) chosen = choose(chosen, line[i]);
        out[row * picture.columns + column] = chosen;
      }
    }
    picture = transpose({ ...picture, data: out });
  }
  return picture.data;
}

/**
 * The mean within `reach`, both ways.
 * @param {Float64Array} data
 * @param {number} rows
 * @param {number} columns
 * @param {number} reach
 */
function blur(data, rows, columns, reach) {
  let picture = { data, rows, columns };
  for (let turn = 0; turn < 2; turn++) {
    const out = new Float64Array(picture.data.length);
    for (let row = 0; row < picture.rows; row++) {
      const start = row * picture.columns;
      let sum = 0,
        count = 0;
      for (let i = -reach; i < picture.columns + reach; i++) {
        if (i + reach < picture.columns && i + reach >= 0) ((sum += picture.data[start + i + reach]), count++);
        if (i - reach - 1 >= 0) ((sum -= picture.data[start + i - reach - 1]), count--);
        if (i >= 0 && i < picture.columns) out[start + i] = sum / count;
      }
    }
    picture = transpose({ ...picture, data: out });
  }
  return picture.data;
}

/**
 * Otsu's threshold: it parts the values into two groups that differ least within.
 * @param {Float64Array} values 0 to 255
 */
function otsu(values) {
  const counts = new Float64Array(256);
  for (const value of values) counts[Math.min(255, Math.floor(value))]++;
  const total = counts.reduce((sum, count, value) => sum + count * value, 0);
  let best = 0,
    threshold = 0,
    below = 0,
    sumBelow = 0;
  for (let value = 0; value < 255; value++) {
    below += counts[value];
    sumBelow += counts[value] * value;
    const above = values.length - below;
    if (!below || !above) continue;
    const apart = sumBelow / below - (total - sumBelow) / above;
    if (below * above * apart * apart > best) {
      best = below * above * apart * apart;
      threshold = value + 1;
    }
  }
  return threshold;
}

/**
 * @param {Float64Array} values
 * @param {number} threshold
 */
function meanAbove(values, threshold) {
  let sum = 0,
    count = 0;
  for (const value of values) if (value > threshold) ((sum += value), count++);
  return count ? sum / count : 0;
}
