// Files that the server reads: one after the other, each page shown as soon as it is there.

/** @typedef {{value: number, confidence: number, box: number[], rejected: boolean, alternatives: {value: number, confidence: number}[]}} FileDigit */
/** @typedef {{text: string, confidence: number, box: number[], page: number, digits: FileDigit[]}} FileLine */
/**
 * What the server says of a page.
 * @typedef {object} FilePage
 * @property {number} page from 1
 * @property {number} pages of the file
 * @property {string} text
 * @property {number} confidence
 * @property {string} reason why there are no digits
 * @property {FileLine[]} lines
 * @property {(FileDigit & {line: number})[]} digits line: from 1
 * @property {{width: number, height: number, jpeg: string}} picture
 * @property {string} [error]
 */
/** @typedef {{file: File, settings: URLSearchParams, state: "waiting" | "reading" | "done" | "failed", pages: FilePage[], error: string}} Task */

const TRIES = 8; // of a request that the server is too busy for
const LONGEST_WAIT = 30; // seconds until it is tried again
const PAGES_TYPE = "application/x-ndjson";

/** A request that was refused, in the server's words. */
class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/**
 * Send a file; give its pages as they arrive.
 * @param {Task} task
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<FilePage>}
 */
async function* readByServer({ file, settings }, token, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: PAGES_TYPE, "Content-Type": "application/octet-stream" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await ask(`v1/read?${settings}`, { method: "POST", body: file, headers, signal });
  if (!response.ok || !response.body) {
    const problem = await response.json().catch(() => ({}));
    throw new Refusal(response.status, problem.detail ?? `${response.status} ${response.statusText}`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield pageOf(JSON.parse(line));
  }
}

/**
 * A page with the digits of each line in it.
 * @param {FilePage} page
 */
function pageOf(page) {
  page.lines?.forEach((line, place) => (line.digits = page.digits.filter((digit) => digit.line === place + 1)));
  return page;
}

/**
 * Ask, and ask again while the server is too busy.
 * @param {string} address
 * @param {RequestInit} request
 */
async function ask(address, request) {
  for (let count = 1; ; count++) {
    const response = await fetch(address, request);
    if (![429, 503].includes(response.status) || count === TRIES) return response;
    const seconds = Math.min(LONGEST_WAIT, Number(response.headers.get("Retry-After")) || 1);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  }
}

function openFiles() {
  /** @type {Task[]} */
  let tasks = [];
  let token = "";
  let isRunning = false;
  let stop = new AbortController();
  const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (find(id));

  const show = () => {
    find("results").replaceChildren(...tasks.map((task) => taskArticle(task)));
    find("files-tools").hidden = !tasks.length;
    for (const id of ["files-copy", "files-csv", "files-json"])
      /** @type {HTMLButtonElement} */ (find(id)).disabled = !tasks.some(({ pages }) => pages.length);
  };

  /** @param {Task} task */
  const showTask = (task) => {
    const old = find("results").children[tasks.indexOf(task)];
    if (!old) return;
    const sheets = old.querySelector(".sheets");
    const article = taskArticle({ ...task, pages: [] }, task.pages);
    const shown = /** @type {Element} */ (article.querySelector(".sheets"));
    if (sheets) shown.replaceChildren(...sheets.children, ...task.pages.slice(sheets.children.length).map(sheetOf));
    old.replaceWith(article);
    find("files-status").textContent = article.querySelector(".state")?.textContent ?? "";
  };

  /** @param {Task} task */
  const read = async (task) => {
    task.state = "reading";
    task.pages = [];
    show();
    try {
      for await (const page of readByServer(task, token, stop.signal)) {
        // a file is sent as the body of a request, and the server knows no other name
        if (page.error)
          throw new Refusal(
            422,
            page.error.replace(/^body(?= )/, () => task.file.name),
          );
        task.pages.push(page);
        showTask(task);
      }
      task.state = "done";
    } catch (error) {
      const isRefusal = error instanceof Refusal;
      task.state = isRefusal && error.status === 401 ? "waiting" : "failed";
      task.error = isRefusal ? error.message : words("files_lost");
      if (isRefusal && error.status === 401) askToken();
    }
    show();
  };

  const askToken = () => {
    find("files-fault").textContent = token ? words("files_token_wrong") : "";
    token = "";
    find("files-token-form").hidden = false;
    input("files-token").focus();
  };

  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    const isAsking = () => !find("files-token-form").hidden;
    for (let task = next(); task && !isAsking(); task = next()) await read(task);
    isRunning = false;
  };
  const next = () => tasks.find(({ state }) => state === "waiting");

  /** @param {Iterable<File>} files */
  const add = (files) => {
    const settings = new URLSearchParams({ picture: "true" });
    if (input("files-single").checked) settings.set("single", "true");
    const pattern = input("files-pattern").value.trim();
    if (pattern) settings.set("pattern", pattern);
    for (const file of files) tasks.push({ file, settings, state: "waiting", pages: [], error: "" });
    show();
    run();
  };

  for (const id of ["files-choose", "files-camera"])
    input(id).addEventListener("change", () => {
      add([...(input(id).files ?? [])]);
      input(id).value = "";
    });
  find("files-token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    token = input("files-token").value.trim();
    find("files-token-form").hidden = true;
    find("files-fault").textContent = "";
    run();
  });
  find("files-copy").addEventListener("click", () => copy(tasks.flatMap(linesOf).join("\n")));
  find("files-csv").addEventListener("click", () => download("digits.csv", csvOfFiles(tasks), "text/csv"));
  find("files-json").addEventListener("click", () => download("digits.json", jsonOfFiles(tasks), "application/json"));
  find("files-clear").addEventListener("click", () => {
    stop.abort();
    stop = new AbortController();
    tasks = [];
    show();
  });
  takeFiles(add);
  return { repeat: show };
}

/**
 * Take what is dropped or pasted and the paper cannot show: several files, a PDF, or any file onto this part.
 * @param {(files: File[]) => void} add
 */
function takeFiles(add) {
  /**
   * @param {Event} event
   * @param {DataTransfer | null} data
   */
  const take = (event, data) => {
    const files = [...(data?.files ?? [])];
    const isHere = find("files").contains(/** @type {Node} */ (event.target));
    const isForPaper = files.length === 1 && files[0].type.startsWith("image/") && !/tiff|hei/.test(files[0].type);
    if (!files.length || (isForPaper && !isHere)) return;
    event.preventDefault();
    event.stopPropagation();
    add(files);
    find("files").scrollIntoView();
  };
  addEventListener("drop", (event) => take(event, event.dataTransfer), { capture: true });
  addEventListener("paste", (event) => take(event, event.clipboardData), { capture: true });
}

/** @param {Task} task */
const linesOf = ({ pages }) => pages.flatMap(({ lines }) => lines.map(({ text }) => text));

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // beyond this machine, where there is no clipboard without TLS
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  find("files-status").textContent = words("copied");
}

/**
 * A row for each digit, as `mnistry read --csv` has them, the file's name before it.
 * @param {Task[]} tasks
 */
function csvOfFiles(tasks) {
  const rows = [
    [
      "file",
      "page",
      "line",
      "digit",
      "value",
      "confidence",
      "rejected",
      "left",
      "top",
      "right",
      "bottom",
      "line_confidence",
    ],
  ];
  for (const { file, pages } of tasks) {
    let number = 0;
    for (const { page, lines } of pages)
      for (const { digits, confidence: line } of lines) {
        number += 1;
        digits.forEach(({ value, confidence, rejected, box }, place) => {
          const numbers = [page, number, place + 1, value, confidence, Number(rejected), ...box, line];
          rows.push([file.name, ...numbers.map(String)]);
        });
      }
  }
  return rows.map((row) => `${row.map(csvCell).join(",")}\n`).join("");
}

/**
 * A cell that no spreadsheet takes for a formula.
 * @param {string} text
 */
function csvCell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {Task[]} tasks */
function jsonOfFiles(tasks) {
  const files = tasks.map(({ file, pages, error }) => ({
    file: file.name,
    ...(error ? { error } : {}),
    pages: pages.map(({ picture: _picture, digits: _digits, pages: _pages, ...page }) => page),
  }));
  return `${JSON.stringify(files, null, 1)}\n`;
}
