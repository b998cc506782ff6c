// A page that the server read: boxes over its picture, lines beside it, doubtful digits marked.

const SURE_READ = 0.95; // as mnistry.scan.annotate has it

/** @param {FileDigit} digit */
const isDoubtful = ({ confidence, rejected }) => !rejected && confidence < SURE_READ;

/** @param {FileDigit} digit */
function digitTitle({ value, confidence, alternatives, rejected }) {
  if (rejected) return words("rejected");
  const title = words("sure", { digit: value, share: percent(confidence) });
  const [other] = alternatives;
  return other ? `${title} ${words("other", { other: other.value, othershare: percent(other.confidence) })}` : title;
}

/**
 * @param {string} tag
 * @param {string} name of its class
 * @param {string} [text]
 */
function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  if (text) made.textContent = text;
  return made;
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 */
function svgElement(tag) {
  const space = document.querySelector("svg")?.namespaceURI ?? ""; // of an icon: no address stands in the page
  return /** @type {SVGElementTagNameMap[T]} */ (document.createElementNS(space, tag));
}

/**
 * A file: what became of it, and its pages.
 * @param {Task} task
 * @param {FilePage[]} [read] its pages, where they are shown already
 */
function taskArticle({ file, state, pages, error }, read = pages) {
  const article = element("article", "card file");
  article.append(element("h3", "", file.name), element("p", `state ${state}`, stateText(state, read, error)));
  if (state === "reading") {
    const progress = document.createElement("progress");
    progress.setAttribute("aria-label", file.name);
    if (read.length) Object.assign(progress, { value: read.length, max: read[0].pages });
    article.append(progress);
  }
  const sheets = element("div", "sheets");
  sheets.append(...pages.map(sheetOf));
  article.append(sheets);
  return article;
}

/**
 * @param {Task["state"]} state
 * @param {FilePage[]} pages
 * @param {string} error
 */
function stateText(state, pages, error) {
  if (state === "failed") return error;
  if (state === "waiting") return words("files_waiting");
  if (state === "reading")
    return pages.length ? words("files_page", { page: pages.length, pages: pages[0].pages }) : words("files_sending");
  const lines = pages.flatMap((page) => page.lines);
  const digits = lines.flatMap((line) => line.digits);
  if (!digits.length) return words("files_nothing");
  const counts = { lines: lines.length, digits: digits.length, doubtful: digits.filter(isDoubtful).length };
  return words(counts.doubtful ? "files_doubtful" : "files_done", counts);
}

/** @param {FilePage} page */
function sheetOf(page) {
  const { picture, lines } = page;
  const sheet = element("div", "sheet");
  const drawing = svgElement("svg");
  drawing.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
  drawing.setAttribute("aria-hidden", "true"); // the lines beside it say the same
  const groups = lines.map((line) => boxesOf(line));
  drawing.append(...groups);
  const image = document.createElement("img");
  image.src = `data:image/jpeg;base64,${picture.jpeg}`;
  image.width = picture.width;
  image.height = picture.height;
  image.alt = words("files_picture", { page: page.page, pages: page.pages });
  const frame = element("div", "picture");
  frame.append(image, drawing);
  sheet.append(frame, linesTable(page, groups));
  return sheet;
}

/** @param {FileLine} line */
function boxesOf({ digits }) {
  const group = svgElement("g");
  for (const digit of digits) {
    const [left, top, right, bottom] = digit.box;
    const box = svgElement("rect");
    const values = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [name, value] of Object.entries(values)) box.setAttribute(name, String(value));
    box.setAttribute("class", digit.rejected ? "none" : isDoubtful(digit) ? "low" : "");
    const title = svgElement("title");
    title.textContent = digitTitle(digit);
    box.append(title);
    group.append(box);
    if (digit.rejected) continue;
    const label = svgElement("text");
    label.setAttribute("x", String((left + right) / 2));
    label.setAttribute("y", String(top - 0.12 * (bottom - top)));
    label.setAttribute("font-size", String(0.6 * (bottom - top)));
    label.setAttribute("class", isDoubtful(digit) ? "low" : "");
    label.textContent = `${digit.value}${isDoubtful(digit) ? "?" : ""}`;
    group.append(label);
  }
  return group;
}

/**
 * @param {FilePage} page
 * @param {SVGGElement[]} groups the boxes of each line
 */
function linesTable({ page, pages, lines, reason }, groups) {
  const table = element("table", "lines");
  const caption = element("caption", "soft small", words("files_lines", { page, pages, count: lines.length }));
  const body = document.createElement("tbody");
  body.append(
    ...lines.map((line, place) => {
      const row = document.createElement("tr");
      const text = element("th", "");
      text.setAttribute("scope", "row");
      text.append(...markedText(line));
      const button = element("button", "", words("copy"));
      button.setAttribute("type", "button");
      button.setAttribute("aria-label", `${words("copy")}: ${line.text}`);
      button.addEventListener("click", () => copy(line.text));
      const cell = document.createElement("td");
      cell.append(button);
      row.append(text, element("td", "share", percent(line.confidence)), cell);
      const mark = (/** @type {boolean} */ on) => groups[place].classList.toggle("on", on);
      for (const kind of ["pointerenter", "focusin"]) row.addEventListener(kind, () => mark(true));
      for (const kind of ["pointerleave", "focusout"]) row.addEventListener(kind, () => mark(false));
      groups[place].addEventListener("click", () => button.focus());
      return row;
    }),
  );
  table.append(caption, body);
  if (reason) caption.textContent += ` (${reason})`;
  return table;
}

/**
 * The text of a line, doubtful digits marked; what a pattern put between them as it is.
 * @param {FileLine} line
 */
function markedText({ text, digits }) {
  const left = digits.filter(({ rejected }) => !rejected);
  return [...text].map((letter) => {
    const digit = /[0-9]/.test(letter) ? left.shift() : null;
    if (!digit || !isDoubtful(digit)) return document.createTextNode(letter);
    const mark = element("mark", "", letter);
    mark.title = digitTitle(digit);
    mark.append(element("span", "unseen", words("doubtful")));
    return mark;
  });
}
