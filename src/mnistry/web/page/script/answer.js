// The answer beside the paper: the digits, how sure, and what else they could be.

const SURE = 0.83; // as the packaged model's fit has it: 99 of 100 images read so sure are right
const PAUSE = 600; // milliseconds

/**
 * Draw 784 pixels as MNIST's are looked at: dark ink on light paper.
 * @param {ArrayLike<number>} pixels
 * @param {string} [label]
 * @param {number} [side]
 */
function pixelPicture(pixels, label = "", side = SIDE) {
  const canvas = document.createElement("canvas");
  canvas.className = "pixels";
  canvas.width = canvas.height = side;
  if (label) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
  } else canvas.setAttribute("aria-hidden", "true");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(side, side);
  for (let place = 0; place < side * side; place++) {
    image.data.fill(255 - pixels[place], 4 * place, 4 * place + 3);
    image.data[4 * place + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param {(chosen: Candidate | null) => void} chose called with the digit to be explained */
function openAnswer(chose) {
  const panel = /** @type {HTMLElement} */ (document.querySelector(".answer"));
  const rows = [...document.querySelectorAll("#bars tbody tr")];
  /** @type {Candidate[]} */
  let digits = [];
  /** @type {Candidate[][]} */
  let lines = [];
  let crowd = 0;
  let chosen = 0;
  let announcing = 0;

  const bars = () => {
    const digit = digits[chosen];
    panel.classList.toggle("rejected", Boolean(digit?.rejected));
    rows.forEach((row, value) => {
      const share = digit ? digit.probabilities[value] : 0;
      const [, bar, number] = row.children;
      /** @type {HTMLElement} */ (bar.firstChild).style.width = `${100 * share}%`;
      number.textContent = digit ? percent(share) : "–";
      row.classList.toggle("first", digit?.value === value);
    });
  };

  const choices = () => {
    const row = find("row");
    const focused = [...row.children].indexOf(/** @type {Element} */ (document.activeElement));
    row.replaceChildren(
      ...digits.map((digit, place) => {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-pressed", String(place === chosen));
        const number = document.createElement("span");
        number.className = "unseen";
        number.textContent = words("place", { place: place + 1 });
        const value = document.createElement("b");
        value.textContent = digit.rejected ? "?" : String(digit.value);
        const share = document.createElement("small");
        share.textContent = digit.rejected ? words("none") : percent(digit.confidence);
        button.append(number, pixelPicture(digit.image), value, share);
        button.addEventListener("click", () => choose(place));
        return button;
      }),
    );
    row.classList.toggle("one", digits.length < 2);
    /** @type {HTMLElement | undefined} */ (row.children[focused])?.focus();
  };

  /** @param {number} place */
  const choose = (place) => {
    chosen = place;
    choices();
    bars();
    chose(digits[chosen] ?? null);
  };

  const say = () => {
    const text = find("text");
    text.replaceChildren(
      ...lines.flatMap((line, number) => [
        ...(number ? ["\n"] : []),
        ...line.map((digit) => {
          if (!digit.rejected) return String(digit.value);
          const mark = document.createElement("i");
          mark.textContent = "?";
          return mark;
        }),
      ]),
    );
    if (!digits.length) text.textContent = "–";
    text.classList.toggle("long", digits.length > 6);
    text.classList.toggle("empty", !digits.length);
    find("sentence").textContent = crowd ? tooMuch("crowded", crowd) : sentenceOf(digits);
    clearTimeout(announcing);
    announcing = setTimeout(announce, PAUSE);
  };

  // Screen readers hear it once the pen has rested, not at each move.
  const announce = () => {
    const text = digits.length > 1 ? `${find("text").textContent}. ` : "";
    find("announced").textContent = text + find("sentence").textContent;
  };

  /**
   * @param {Candidate[][]} found
   * @param {number} pieces of ink that were too many to be read, or 0
   */
  const show = (found, pieces) => {
    lines = found;
    crowd = pieces;
    digits = found.flat();
    if (chosen >= digits.length) chosen = Math.max(0, digits.length - 1);
    say();
    choose(chosen);
  };
  return { show, repeat: () => show(lines, crowd), digits: () => digits };
}

/**
 * What is more than a row of digits, and where such a picture is read.
 * @param {string} key
 * @param {number} count
 */
function tooMuch(key, count) {
  const isServed = find("files-choose") !== null;
  return `${words(key, { count })} ${words(isServed ? "whole_sheets_served" : "whole_sheets")}`;
}

/** @param {Candidate[]} digits */
function sentenceOf(digits) {
  if (!digits.length) return words("empty");
  if (digits.length > 1) {
    const accepted = digits.filter(({ rejected }) => !rejected);
    const others = digits.length - accepted.length;
    if (!accepted.length) return words("rejected");
    if (others > accepted.length) return tooMuch("mostly", others); // a letter, say
    const share = accepted.reduce((product, { confidence }) => product * confidence, 1);
    const sentence = words("several", { count: accepted.length, share: percent(share) });
    return others ? `${sentence} ${words("but", { count: others })}` : sentence;
  }
  const [digit] = digits;
  if (digit.rejected) return `${words("rejected")} ${words("closest", { digit: digit.value })}`;
  const values = {
    digit: digit.value,
    share: percent(digit.confidence),
    other: digit.alternatives[0]?.value ?? "",
    othershare: percent(digit.alternatives[0]?.confidence ?? 0),
  };
  if (digit.confidence < SURE && digit.alternatives.length) return words("unsure", values);
  return digit.alternatives.length ? `${words("sure", values)} ${words("other", values)}` : words("sure", values);
}
