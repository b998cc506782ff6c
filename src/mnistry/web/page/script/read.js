// Reads digits drawn side by side: pieces of ink, joined or cut as the net likes best.

/**
 * Ink that hangs together.
 * @typedef {object} Piece
 * @property {Box} box
 * @property {number} area pixels
 * @property {number[]} numbers of components, as `Components.map` has them
 * @property {number} from only columns from here …
 * @property {number} to … to here are meant
 * @property {boolean} isCut from the piece before
 */
/** @typedef {{map: Int32Array, pieces: Piece[]}} Components */
/**
 * @typedef {object} ReadDigit
 * @property {number} value
 * @property {number} confidence
 * @property {number[]} box left, top, right, bottom
 * @property {{value: number, confidence: number}[]} alternatives
 * @property {boolean} rejected probably no digit at all; no part of the text
 * @property {number[]} probabilities
 * @property {number[]} image what the net got: 784, 0 paper to 255 ink
 */
/** @typedef {{text: string, confidence: number, digits: ReadDigit[]}} Reading */
/** @typedef {ReadDigit & {framed: Framed, score: number}} Candidate */

const SPECK = 0.06; // of the tallest piece's height: pieces smaller both ways are dust
const NEAR = 0.35; // of the line's height: pieces further apart are two digits
const MOST_PIECES = 4; // of one digit
const MOST_READ = 100; // pieces at once: the net runs some times for each, and the page waits
const WIDEST = 2.2; // of the line's height: no digit is wider
const WIDE = 0.7; // of the line's height: a wider piece may be two digits that touch
const CUT_COST = 0.7; // logarithm of a probability: strokes are rarely cut in vain
const USUAL = 1.3; // of the line's height: wider pieces are likely several digits …
const WIDE_COST = 8; // … as a logarithm, for each height that they are wider
const GAP_COST = 6; // logarithm for each height of gap within a digit
const LEAST = -7; // logarithm: a piece of no digit must not decide alone
const REJECT_SLOPE = 1; // of the logistic that makes the digit score a probability

/**
 * Connected components, neighbours by corners too.
 * @param {Picture} ink
 * @returns {Components}
 */
function findComponents({ data, rows, columns }) {
  const map = new Int32Array(rows * columns);
  /** @type {Piece[]} */
  const pieces = [];
  const stack = new Int32Array(rows * columns);
  for (let first = 0; first < map.length; first++) {
    if (map[first] || data[first] <= EDGE) continue;
    const number = pieces.length + 1;
    const box = { left: columns, top: rows, right: 0, bottom: 0 };
    let area = 0,
      depth = 0;
    stack[depth++] = first;
    map[first] = number;
    while (depth) {
      const place = stack[--depth];
      const row = Math.floor(place / columns),
        column = place % columns;
      area++;
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column + 1);
      box.top = Math.min(box.top, row);
      box.bottom = Math.max(box.bottom, row + 1);
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++)
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          const next = y * columns + x;
          if (map[next] || data[next] <= EDGE) continue;
          map[next] = number;
          stack[depth++] = next;
        }
    }
    pieces.push({ box, area, numbers: [number], from: 0, to: columns, isCut: false });
  }
  return { map, pieces };
}

/** @param {Piece} piece */
const heightOf = ({ box }) => box.bottom - box.top;
/** @param {Piece} piece */
const widthOf = ({ box }) => box.right - box.left;

/**
 * Part pieces into lines, from top to bottom, wherever no ink is for long.
 * @param {Piece[]} pieces
 * @returns {Piece[][]} each from left to right, by the middle
 */
function intoLines(pieces) {
  const tallest = Math.max(0, ...pieces.map(heightOf));
  const large = pieces.filter((piece) => Math.max(heightOf(piece), widthOf(piece)) >= SPECK * tallest);
  const downwards = [...large].sort((a, b) => a.box.top - b.box.top);
  /** @type {Piece[][]} */
  const lines = [];
  let bottom = -Infinity;
  for (const piece of downwards) {
    const last = lines[lines.length - 1];
    if (last && piece.box.top < bottom + 0.1 * tallest) last.push(piece);
    else lines.push([piece]);
    bottom = Math.max(bottom, piece.box.bottom);
  }
  const heights = lines.map((line) => spanOf(line).bottom - spanOf(line).top);
  const isRow = heights.every((height) => height >= 0.4 * Math.max(...heights));
  const kept = isRow ? lines : [large]; // a bar above a 5 is no line
  return kept.map((line) => line.sort((a, b) => a.box.left + a.box.right - b.box.left - b.box.right));
}

/**
 * The box around several pieces.
 * @param {Piece[]} pieces
 * @returns {Box}
 */
function spanOf(pieces) {
  return {
    left: Math.min(...pieces.map(({ box }) => box.left)),
    top: Math.min(...pieces.map(({ box }) => box.top)),
    right: Math.max(...pieces.map(({ box }) => box.right)),
    bottom: Math.max(...pieces.map(({ box }) => box.bottom)),
  };
}

/**
 * Cut a wide piece where little ink is, for two digits may touch there.
 * @param {Piece} piece
 * @param {Picture} ink
 * @param {Int32Array} map
 * @param {number} height of the line
 * @returns {Piece[]}
 */
function cutWide(piece, ink, map, height) {
  const { box } = piece;
  if (widthOf(piece) < WIDE * height || heightOf(piece) < 0.5 * height) return [piece];
  const profile = new Float64Array(widthOf(piece));
  for (let row = box.top; row < box.bottom; row++)
    for (let column = box.left; column < box.right; column++)
      if (map[row * ink.columns + column] === piece.numbers[0]) profile[column - box.left]++;
  const apart = Math.round(0.25 * height);
  const valleys = [...profile.keys()]
    .filter((place) => place >= apart && place < profile.length - apart && profile[place] < 0.5 * height)
    .sort((a, b) => profile[a] - profile[b] || Math.abs(a - profile.length / 2) - Math.abs(b - profile.length / 2));
  /** @type {number[]} */
  const cuts = [];
  const most = Math.max(1, Math.round(widthOf(piece) / (0.45 * height)) - 1);
  for (const place of valleys)
    if (cuts.length < Math.min(most, 6) && cuts.every((cut) => Math.abs(cut - place) >= apart)) cuts.push(place);
  const edges = [0, ...cuts.sort((a, b) => a - b), profile.length].map((place) => place + box.left);
  return edges.slice(1).map((right, i) => {
    const columns = { from: edges[i], to: right, isCut: i > 0 };
    return { ...piece, ...columns, box: { ...box, left: edges[i], right } };
  });
}

/**
 * The ink of some pieces alone.
 * @param {Piece[]} pieces
 * @param {Picture} ink
 * @param {Int32Array} map
 * @returns {{picture: Picture, left: number, top: number}}
 */
function inkAlone(pieces, ink, map) {
  const span = spanOf(pieces);
  const left = Math.max(0, span.left - 1),
    top = Math.max(0, span.top - 1);
  const columns = Math.min(ink.columns, span.right + 1) - left;
  const rows = Math.min(ink.rows, span.bottom + 1) - top;
  const data = new Uint8Array(rows * columns);
  for (const { box, numbers, from, to } of pieces)
    for (let row = Math.max(top, box.top - 1); row < Math.min(top + rows, box.bottom + 1); row++)
      for (
        let column = Math.max(left, from, box.left - 1);
        column < Math.min(left + columns, to, box.right + 1);
        column++
      ) {
        const place = row * ink.columns + column;
        // the soft edge, no component of its own, belongs to every piece beside it
        if (map[place] === 0 || numbers.includes(map[place]))
          data[(row - top) * columns + column - left] = ink.data[place];
      }
  return { picture: { data, rows, columns }, left, top };
}

/**
 * A reader: caches the predictions of frames, for most pieces stay as they were.
 * @param {(pixels: ArrayLike<number>) => Prediction} predict
 * @param {{rejectBelow: number | null}} trust
 */
function openReader(predict, trust) {
  /** @type {Map<string, Prediction>} */
  const memory = new Map();
  /** @param {Uint8Array} pixels */
  const remembered = (pixels) => {
    const key = String.fromCharCode(...pixels);
    const known = memory.get(key);
    if (known) return known;
    if (memory.size > 2000) memory.clear();
    const prediction = predict(pixels);
    memory.set(key, prediction);
    return prediction;
  };

  /**
   * @param {Piece[]} pieces
   * @param {Picture} ink
   * @param {Int32Array} map
   * @returns {Candidate | null}
   */
  const candidate = (pieces, ink, map) => {
    const alone = inkAlone(pieces, ink, map);
    const framed = toFrame(alone.picture, EDGE);
    if (!framed) return null;
    const { probabilities, label, rejected } = remembered(framed.pixels);
    const confidence = probabilities[label];
    const box = [
      framed.box.left + alone.left,
      framed.box.top + alone.top,
      framed.box.right + alone.left,
      framed.box.bottom + alone.top,
    ];
    const score = Math.max(LEAST, Math.log(confidence) + digitLogarithm(probabilities, trust));
    const alternatives = probabilities
      .map((share, value) => ({ value, confidence: share }))
      .filter(({ value, confidence: share }) => value !== label && share >= 0.01)
      .sort((a, b) => b.confidence - a.confidence);
    const image = Array.from(framed.pixels);
    return { value: label, confidence, box, alternatives, rejected, probabilities, image, framed, score };
  };

  /**
   * The row of candidates that the net likes best, over all ways to join pieces.
   * @param {Piece[]} line
   * @param {Picture} ink
   * @param {Int32Array} map
   * @returns {Candidate[]}
   */
  const readLine = (line, ink, map) => {
    const span = spanOf(line);
    const height = Math.max(...line.map(heightOf), 0.5 * (span.bottom - span.top));
    const atoms = line.flatMap((piece) => cutWide(piece, ink, map, height));
    /** @type {{score: number, row: Candidate[]}[]} */
    const best = [{ score: 0, row: [] }];
    for (let end = 1; end <= atoms.length; end++) {
      best[end] = { score: -Infinity, row: [] };
      for (let start = end - 1; start >= 0; start--) {
        const pieces = atoms.slice(start, end);
        if (pieces.filter(({ isCut }) => !isCut).length > MOST_PIECES) break;
        const cost = joinCost(pieces, height);
        if (cost === Infinity) break;
        const one = candidate(pieces, ink, map);
        if (!one) continue;
        const cut = atoms[start].isCut ? CUT_COST : 0;
        const score = best[start].score + one.score - cost - cut;
        if (score > best[end].score) best[end] = { score, row: [...best[start].row, one] };
      }
    }
    return best[atoms.length].row;
  };

  /**
   * @param {{data: Uint8ClampedArray, width: number, height: number}} image RGBA
   * @returns {{lines: Candidate[][], ink: Picture, crowd: number}} pieces, if they are too many to be read
   */
  const read = (image) => {
    const ink = inkOf(image);
    const { map, pieces } = findComponents(ink);
    const parted = pieces.length ? intoLines(pieces) : [];
    const count = parted.flat().length;
    if (count > MOST_READ) return { lines: [], ink, crowd: count };
    const lines = parted.map((line) => readLine(line, ink, map));
    return { lines: lines.filter((line) => line.length), ink, crowd: 0 };
  };
  return { read };
}

/**
 * How likely a picture is a digit at all, as a logarithm, by its digit score.
 * @param {number[]} probabilities
 * @param {{rejectBelow: number | null}} trust
 */
function digitLogarithm(probabilities, { rejectBelow }) {
  if (rejectBelow === null) return 0;
  const logs = probabilities.map((share) => Math.log(Math.max(share, 1e-12)));
  const score = Math.max(...logs) - logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return -Math.log1p(Math.exp(REJECT_SLOPE * (rejectBelow - score)));
}

/**
 * What it costs to take pieces for one digit.
 * @param {Piece[]} pieces
 * @param {number} height of the line
 */
function joinCost(pieces, height) {
  const span = spanOf(pieces);
  if (pieces.length > 1 && span.right - span.left > WIDEST * height) return Infinity;
  let cost = WIDE_COST * Math.max(0, (span.right - span.left) / height - USUAL);
  let right = -Infinity;
  for (const { box, isCut } of pieces) {
    const gap = (box.left - right) / height;
    if (right > -Infinity && !isCut) {
      if (gap > NEAR) return Infinity;
      cost += GAP_COST * Math.max(0, gap);
    }
    right = Math.max(right, box.right);
  }
  return cost;
}

/**
 * What was read, as plain values.
 * @param {Candidate[][]} lines
 * @returns {Reading}
 */
function readingOf(lines) {
  const digits = lines.flat();
  const accepted = digits.filter(({ rejected }) => !rejected);
  const texts = lines.map((line) =>
    line
      .filter(({ rejected }) => !rejected)
      .map(({ value }) => value)
      .join(""),
  );
  return {
    text: texts.filter((text) => text).join("\n"),
    confidence: accepted.length ? accepted.reduce((product, { confidence }) => product * confidence, 1) : 0,
    digits: digits.map(({ framed: _framed, score: _score, ...digit }) => digit),
  };
}
