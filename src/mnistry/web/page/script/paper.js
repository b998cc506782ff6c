// The paper: strokes by mouse, finger, pen or keys; each can be taken back.

/** @typedef {{x: number, y: number, width: number}} Dot */
/** @typedef {{dots: Dot[], erases: boolean}} Stroke */
/** @typedef {{strokes: Stroke[], picture: CanvasImageSource | null}} Drawing */

const PAPER_WIDTH = 720; // pixels of the canvas, whatever size it is shown at
const KEY_STEP = 12; // pixels that an arrow key moves the pen
const MOST_UNDONE = 200;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(isDrawing: boolean) => void} changed called after each change
 */
function openPaper(canvas, changed) {
  const ratio = matchMedia("(max-width: 48rem)").matches ? 0.9 : 0.66;
  canvas.width = PAPER_WIDTH;
  canvas.height = Math.round(PAPER_WIDTH * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  /** @type {Drawing} */
  let drawing = { strokes: [], picture: null };
  /** @type {Drawing[]} */
  const before = [];
  /** @type {Stroke | null} */
  let current = null;
  let erases = false;
  let penWidth = 24;

  const remember = () => {
    before.push({ ...drawing, strokes: [...drawing.strokes] });
    if (before.length > MOST_UNDONE) before.shift();
  };

  /**
   * Ink from one dot of a stroke on.
   * @param {Stroke} stroke
   * @param {number} from
   */
  const inkStroke = (stroke, from) => {
    context.globalCompositeOperation = stroke.erases ? "destination-out" : "source-over";
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    for (let i = from; i < stroke.dots.length; i++) {
      const dot = stroke.dots[i];
      const last = stroke.dots[Math.max(0, i - 1)];
      context.beginPath();
      if (i === 0) {
        context.arc(dot.x, dot.y, dot.width / 2, 0, 2 * Math.PI);
        context.fill();
      } else {
        context.lineWidth = (dot.width + last.width) / 2;
        context.moveTo(last.x, last.y);
        context.lineTo(dot.x, dot.y);
        context.stroke();
      }
    }
    context.globalCompositeOperation = "source-over";
  };

  const redraw = () => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (drawing.picture) {
      context.drawImage(drawing.picture, 0, 0);
      context.globalCompositeOperation = "source-in"; // in the colour of ink
      context.fillStyle = getComputedStyle(canvas).color;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.globalCompositeOperation = "source-over";
    }
    for (const stroke of drawing.strokes) inkStroke(stroke, 0);
  };

  /** @param {PointerEvent} event */
  const dotOf = (event) => {
    const bounds = canvas.getBoundingClientRect();
    const scale = canvas.width / bounds.width;
    const pressure = event.pointerType === "pen" && event.pressure ? 0.5 + event.pressure : 1;
    const width = penWidth * pressure * (erases ? 1.6 : 1);
    return { x: (event.clientX - bounds.left) * scale, y: (event.clientY - bounds.top) * scale, width };
  };

  /** @param {PointerEvent} event */
  const start = (event) => {
    if (event.button !== 0 || current) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    begin(dotOf(event));
  };

  /** @param {Dot} dot */
  const begin = (dot) => {
    remember();
    current = { dots: [dot], erases };
    drawing.strokes.push(current);
    inkStroke(current, 0);
    changed(true);
  };

  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!current || !canvas.hasPointerCapture(event.pointerId)) return;
    const from = current.dots.length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) current.dots.push(dotOf(one));
    inkStroke(current, from);
    changed(true);
  };

  const end = () => {
    if (!current) return;
    current = null;
    changed(false);
  };

  canvas.addEventListener("pointerdown", start);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });

  const undo = () => {
    end();
    const last = before.pop();
    if (!last) return;
    drawing = last;
    redraw();
    changed(false);
  };

  const clear = () => {
    end();
    if (!drawing.strokes.length && !drawing.picture) return;
    remember();
    drawing = { strokes: [], picture: null };
    redraw();
    changed(false);
  };

  /**
   * Put a picture on the paper in place of what was there.
   * @param {CanvasImageSource} picture as large as the canvas, its paper transparent
   */
  const put = (picture) => {
    end();
    remember();
    drawing = { strokes: [], picture };
    redraw();
    changed(false);
  };

  const keys = keyPen(canvas, {
    begin: (x, y) => begin({ x, y, width: penWidth }),
    go: (x, y) => {
      if (!current) return;
      current.dots.push({ x, y, width: penWidth });
      inkStroke(current, current.dots.length - 1);
      changed(true);
    },
    end,
    undo,
    clear,
  });

  return {
    canvas,
    undo,
    clear,
    put,
    redraw,
    /** @param {boolean} on */
    erase: (on) => {
      erases = on;
    },
    /** @param {number} width */
    setPen: (width) => {
      penWidth = width;
    },
    image: () => context.getImageData(0, 0, canvas.width, canvas.height),
    isEmpty: () => !drawing.strokes.length && !drawing.picture,
    canUndo: () => before.length > 0,
    /** Where the pen of the keys is; null while it is not used. */
    keyPen: keys,
  };
}

/**
 * A pen that keys move.
 * @param {HTMLCanvasElement} canvas
 * @param {{begin: (x: number, y: number) => void, go: (x: number, y: number) => void,
 *   end: () => void, undo: () => void, clear: () => void}} act
 */
function keyPen(canvas, act) {
  const pen = { x: canvas.width / 2, y: canvas.height / 4, isDown: false, isUsed: false };
  /** @type {Record<string, [number, number]>} */
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const lift = () => {
    if (pen.isDown) act.end();
    pen.isDown = false;
  };
  canvas.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (step) {
      pen.isUsed = true;
      pen.x = Math.min(canvas.width, Math.max(0, pen.x + step[0] * KEY_STEP));
      pen.y = Math.min(canvas.height, Math.max(0, pen.y + step[1] * KEY_STEP));
      if (pen.isDown) act.go(pen.x, pen.y);
    } else if (event.key === " " || event.key === "Enter") {
      pen.isUsed = true;
      if (pen.isDown) lift();
      else (act.begin(pen.x, pen.y), (pen.isDown = true));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      lift();
      act.clear();
    } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      lift();
      act.undo();
    } else if (event.key === "Escape") lift();
    else return;
    event.preventDefault();
    canvas.dispatchEvent(new Event("pen"));
  });
  canvas.addEventListener("blur", () => {
    lift();
    pen.isUsed = false;
    canvas.dispatchEvent(new Event("pen"));
  });
  canvas.addEventListener("pointerdown", lift, { capture: true });
  return pen;
}
