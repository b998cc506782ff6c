// The frame of MNIST, step by step as mnistry.frame.to_frame takes them.

/** @typedef {{data: ArrayLike<number>, rows: number, columns: number}} Picture */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/**
 * A digit on its way into the frame; what the page shows of it.
 * @typedef {object} Framed
 * @property {Box} box around its ink, in the picture
 * @property {Picture} square its ink in a square, 0 paper to 1
 * @property {Picture} small 20 by 20, 0 paper to 255 ink
 * @property {number[]} shift rows and columns from the small one's corner to the frame's
 * @property {Uint8Array} pixels 784, 0 paper to 255 ink
 */

const BOX = 20; // longer side of the ink, in pixels
const SMALLEST = 10; // ink smaller than this is not enlarged to the full box

/** @param {number} number */
function roundHalfToEven(number) {
  const low = Math.floor(number);
  const rest = number - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 ? low + 1 : low;
}

/**
 * The box around what is darker than paper; none if nothing is.
 * @param {Picture} picture
 * @param {number} paper
 * @returns {Box | null}
 */
function inkBox({ data, rows, columns }, paper) {
  let left = columns,
    right = 0,
    top = rows,
    bottom = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (data[row * columns + column] > paper) {
        if (column < left) left = column;
        if (column >= right) right = column + 1;
        if (row < top) top = row;
        bottom = row + 1;
      }
  return bottom ? { left, top, right, bottom } : null;
}

/**
 * Place a length in the middle of a side, on a pixel of the box.
 * @param {number} side
 * @param {number} length
 */
function margin(side, length) {
  const grain = side / BOX;
  const half = (side - length) / 2;
  return roundHalfToEven(Math.round((half - (half % grain)) / grain) * grain);
}

/**
 * Average a row of numbers over fewer or more.
 * @param {Picture} picture
 * @param {number} target
 * @returns {Picture} target rows, columns as before
 */
function averageRows({ data, rows, columns }, target) {
  const out = new Float64Array(target * columns);
  for (let place = 0; place < target; place++) {
    const start = place * (rows / target);
    const end = (place + 1) * (rows / target);
    for (let row = Math.floor(start); row < Math.min(rows, Math.ceil(end)); row++) {
      const covered = Math.min(end, row + 1) - Math.max(start, row);
      const share = Math.fround(covered * (target / rows));
      for (let column = 0; column < columns; column++)
        out[place * columns + column] += share * data[row * columns + column];
    }
  }
  return { data: out, rows: target, columns };
}

/** @param {Picture} picture */
function transpose({ data, rows, columns }) {
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = data[row * columns + column];
  return { data: out, rows: columns, columns: rows };
}

/**
 * Bring one digit of any size into the frame of MNIST.
 * @param {Picture} picture numbers from 0 (paper) up to the darkest ink
 * @param {number} paper what is no darker than this does not widen the box
 * @returns {Framed | null} none if there is no ink
 */
function toFrame(picture, paper = 0) {
  const box = inkBox(picture, paper);
  if (!box) return null;
  const wide = box.right - box.left;
  const high = box.bottom - box.top;
  const side = Math.max(wide, high, SMALLEST);
  const square = { data: new Float64Array(side * side), rows: side, columns: side };
  const down = margin(side, high);
  const across = margin(side, wide);
  let darkest = 0;
  for (let row = 0; row < high; row++)
    for (let column = 0; column < wide; column++)
      darkest = Math.max(darkest, picture.data[(box.top + row) * picture.columns + box.left + column]);
  for (let row = 0; row < high; row++)
    for (let column = 0; column < wide; column++)
      square.data[(down + row) * side + across + column] = Math.fround(
        picture.data[(box.top + row) * picture.columns + box.left + column] / darkest,
      );
  const average = transpose(averageRows(transpose(averageRows(square, BOX)), BOX));
  return { box, square, ...centreInFrame(average.data) };
}

/**
 * Place 20 by 20 in 28 by 28 by its centre of mass; the darkest pixel becomes 255.
 * @param {Float64Array} average ink from 0 to 1
 */
function centreInFrame(average) {
  let darkest = 0;
  for (const ink of average) darkest = Math.max(darkest, Math.min(ink, 1));
  const grey = average.map((ink) => roundHalfToEven(Math.min(ink / (darkest || 1), 1) * 255));
  let mass = 0,
    down = 0,
    across = 0;
  grey.forEach((ink, place) => {
    mass += ink;
    down += ink * (Math.floor(place / BOX) + 0.5);
    across += ink * ((place % BOX) + 0.5);
  });
  const shift = [down, across].map((moment) => Math.trunc(SIDE / 2 + 1 - moment / Math.max(mass, 1)));
  const pixels = new Uint8Array(SIDE * SIDE);
  grey.forEach((ink, place) => {
    const row = Math.floor(place / BOX) + shift[0];
    const column = (place % BOX) + shift[1];
    if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) pixels[row * SIDE + column] = ink;
  });
  return { small: { data: grey, rows: BOX, columns: BOX }, shift, pixels };
}
