// A quiz: digits that were drawn badly; who reads them better, you or the net?

/** @typedef {{labels: number[], images: string}} Questions images: base64, 784 bytes each */

/**
 * @param {ReturnType<typeof openModel>} model
 * @param {Questions} questions
 */
function openQuiz(model, { labels, images }) {
  const bytes = Uint8Array.from(atob(images), (letter) => letter.charCodeAt(0));
  const order = labels.map((_, place) => place);
  let place = 0;
  let right = { you: 0, net: 0 };
  let isAnswered = false;

  const image = () => bytes.subarray(order[place] * SIDE * SIDE, (order[place] + 1) * SIDE * SIDE);
  const score = () => {
    find("quiz-score").textContent = words("quiz_score", {
      place: place + (isAnswered ? 1 : 0),
      count: labels.length,
      ...right,
    });
  };
  const ask = () => {
    isAnswered = false;
    const picture = pixelPicture(image(), words("quiz_picture"));
    picture.className = "pixels huge";
    find("quiz-picture").replaceChildren(picture);
    find("quiz-answer").textContent = "";
    find("quiz-next").hidden = true;
    for (const button of find("quiz-choices").children) {
      /** @type {HTMLButtonElement} */ (button).disabled = false;
      button.className = "";
    }
    score();
  };
  /** @param {number} answer */
  const check = (answer) => {
    if (isAnswered) return;
    isAnswered = true;
    const label = labels[order[place]];
    const { label: net, probabilities } = model.predict(image());
    right = { you: right.you + Number(answer === label), net: right.net + Number(net === label) };
    const values = { digit: label, net, share: percent(probabilities[net]) };
    find("quiz-answer").textContent = words(answer === label ? "quiz_right" : "quiz_wrong", values);
    [...find("quiz-choices").children].forEach((button, digit) => {
      /** @type {HTMLButtonElement} */ (button).disabled = true;
      if (digit === label) button.className = "true";
      else if (digit === answer) button.className = "false";
    });
    find("quiz-next").hidden = false;
    find("quiz-next").focus();
    score();
  };
  find("quiz-choices").replaceChildren(
    ...labels.slice(0, 10).map((_, digit) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = String(digit);
      button.addEventListener("click", () => check(digit));
      return button;
    }),
  );
  find("quiz-next").addEventListener("click", () => {
    place += 1;
    if (place === order.length) {
      place = 0;
      right = { you: 0, net: 0 };
    }
    if (place === 0) order.sort(() => Math.random() - 0.5);
    ask();
    /** @type {HTMLElement} */ (find("quiz-choices").children[0]).focus();
  });
  order.sort(() => Math.random() - 0.5);
  ask();
  return {
    repeat: () => {
      if (!isAnswered) ask();
    },
  };
}
