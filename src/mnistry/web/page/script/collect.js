// Drawings with labels, as a CSV file that mnistry.load reads.

/** @typedef {{label: number, image: number[]}} Example */

/** @param {() => Candidate[]} current the digits that are on the paper */
function openCollection(current) {
  const input = /** @type {HTMLInputElement} */ (find("label"));
  /** @type {Example[]} */
  let examples = [];

  const show = () => {
    find("collected").replaceChildren(
      ...examples.map(({ label, image }) => {
        const item = document.createElement("li");
        const text = document.createElement("span");
        text.textContent = String(label);
        item.append(pixelPicture(image), text);
        return item;
      }),
    );
    find("count").textContent = words("collected", { count: examples.length });
    for (const id of ["download", "drop-last"])
      /** @type {HTMLButtonElement} */ (find(id)).disabled = !examples.length;
  };

  find("collect-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const digits = current();
    const labels = input.value.replace(/\s/g, "");
    const fits = /^[0-9]+$/.test(labels) && labels.length === digits.length;
    find("collect-fault").textContent = fits ? "" : words("label_fault", { count: digits.length });
    if (!fits) return;
    examples.push(...digits.map(({ image }, place) => ({ label: Number(labels[place]), image })));
    input.value = "";
    show();
  });
  find("drop-last").addEventListener("click", () => {
    examples = examples.slice(0, -1);
    show();
  });
  find("download").addEventListener("click", () => download("drawings.csv", csvOf(examples), "text/csv"));
  return {
    show,
    suggest: (/** @type {string} */ text) => {
      input.placeholder = text;
    },
  };
}

/** @param {Example[]} examples */
function csvOf(examples) {
  const names = Array.from({ length: SIDE * SIDE }, (_, pixel) => String(pixel));
  const lines = examples.map(({ label, image }) => [label, ...image].join(","));
  return `${[["label", ...names].join(","), ...lines].join("\n")}\n`;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
function download(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
